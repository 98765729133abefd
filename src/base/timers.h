/*
 * timers: what the supervisor has to look at, and when.
 */
#ifndef PEXEC_BASE_TIMERS_H
#define PEXEC_BASE_TIMERS_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdint.h>

struct timer {
	_Atomic int64_t due_ms; /* in ms of clock_ms() */
	pthread_t supervisor;   /* the thread that looks */
};

/* Makes the supervisor look when `due_ms` has come, in ms of clock_ms(); 0: now. From any thread.
 */
void timer_set(struct timer *timer, int64_t due_ms);

#endif
