/*
 * timers: all that is due at some time, in one list.
 *
 * One thread, the supervisor, sleeps until the earliest of them and does what is due; any thread
 * may set a timer, and wakes that one if it would sleep for too long. What is due in the run and
 * stands in no timer would be forgotten: there is no other "later". (A thread that waits for its
 * own descriptors, as that of --ctl, bounds its wait itself.)
 */
#ifndef PEXEC_BASE_TIMERS_H
#define PEXEC_BASE_TIMERS_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/queue.h>

/* The time of a timer that is not set. */
#define TIMER_NEVER INT64_MAX

struct timers;

struct timer {
	_Atomic int64_t due_ms; /* of clock_ms() */
	struct timers *timers;  /* NULL: in no list, and so never due */
	SLIST_ENTRY(timer) next;
};

struct timers {
	SLIST_HEAD(timer_list, timer) list;
	pthread_t sleeper;            /* the thread that looks at them */
	_Atomic int64_t sleeps_until; /* it looks again by itself then, in ms of clock_ms() */
};

/* Call it in the thread that is going to look at them. */
void timers_init(struct timers *timers);

/* Puts a timer into the list, not set. Call it before other threads set any. */
void timers_add(struct timers *timers, struct timer *timer);

/*
 * When the first of them is due; TIMER_NEVER: none is set. From now on setting one to an earlier
 * time sends SIGURG to the thread, which has blocked it: so it sees it in its next wait.
 */
int64_t timers_earliest(struct timers *timers);

/* The thread is awake and will look at the list before it sleeps again: no timer wakes it. */
void timers_awake(struct timers *timers);

/* Lets the thread look at everything soon. Safe from any thread. */
void timers_wake(struct timers *timers);

/* Sets a timer to `due_ms` of clock_ms(): 0 is at once. Safe from any thread. */
void timer_set(struct timer *timer, int64_t due_ms);

/* Sets the timer, unless it is due earlier already. */
void timer_set_by(struct timer *timer, int64_t due_ms);

/* When it is due; TIMER_NEVER: it is not set. */
int64_t timer_due(const struct timer *timer);

/* Is it due at `now_ms`? Then it is not set any more. */
bool timer_take(struct timer *timer, int64_t now_ms);

#endif
