/*
 * eventcount: a number that goes up whenever something has changed, and that threads wait for.
 *
 * A thread reads the number, then looks at what it needs, and when that is not so yet, it waits for
 * another number: a change between its look and its wait is never missed. What it looks at may be
 * guarded by any lock or by none.
 */
#ifndef PEXEC_BASE_EVENTCOUNT_H
#define PEXEC_BASE_EVENTCOUNT_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdint.h>

#include "base/lock.h"

struct eventcount {
	atomic_uint count;
	atomic_uint waiters; /* threads that wait, or are about to */
	struct lock lock;    /* for the condition */
	pthread_cond_t changed;
};

void eventcount_init(struct eventcount *events);
void eventcount_destroy(struct eventcount *events);

/* The number as it is, to be read before the look. */
unsigned eventcount_read(const struct eventcount *events);

/* Something has changed. Costs no system call where no thread waits. Safe from any thread. */
void eventcount_signal(struct eventcount *events);

/*
 * Waits until the number is not `seen` any more, until `until_ms` of clock_ms() at most (INT64_MAX:
 * for ever). The thread holds no lock.
 */
void eventcount_wait(struct eventcount *events, unsigned seen, int64_t until_ms);

#endif
