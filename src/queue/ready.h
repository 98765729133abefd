/*
 * ready: jobs that are made and wait for a slot: those that were put back, those that were added
 * from outside, and those that wait for the time of their next attempt.
 *
 * They are taken before anything is made of new items. Safe from any thread.
 */
#ifndef PEXEC_QUEUE_READY_H
#define PEXEC_QUEUE_READY_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/tree.h>

#include "base/lock.h"
#include "base/timers.h"
#include "queue/job.h"

RB_HEAD(job_tree, job);

struct ready {
	struct timer *timer; /* due when the first of the delayed ones is */
	atomic_uint count;   /* of `jobs` */
	atomic_uint delayed_count;
	struct lock lock;        /* guards what follows */
	struct job_list jobs;    /* to be taken now */
	struct job_tree delayed; /* to be taken later */
	uint64_t added;          /* jobs that came from outside */
	size_t added_bytes;      /* that those of them take which no slot has taken yet */
	bool sealed;             /* no more may come from outside */
};

/* `timer` is set to the time at which ready_release has to be called. */
void ready_init(struct ready *ready, struct timer *timer);
void ready_destroy(struct ready *ready);

/* Puts a job into the list, or all of a list. */
void ready_put(struct ready *ready, struct job *job);
void ready_put_all(struct ready *ready, struct job_list *jobs);

/* Puts a job in that is not to be taken before `due_ms` of clock_ms(). */
void ready_put_delayed(struct ready *ready, struct job *job, int64_t due_ms);

/*
 * Adds a job from outside and numbers it. Returns NULL, or why that cannot be; then the job is
 * still the caller's.
 */
const char *ready_add(struct ready *ready, struct job *job);

/* Nothing more can be added from now on. False, and nothing changes, while there is a job to take.
 */
bool ready_seal(struct ready *ready);

/* Takes the job that has waited for the longest time; NULL: there is none. */
struct job *ready_take(struct ready *ready);

/* Takes a job out, whether its time has come or not. */
struct job *ready_take_any(struct ready *ready);

/* Lets the jobs be taken whose time has come by `now_ms`. Returns how many these are. */
unsigned ready_release(struct ready *ready, int64_t now_ms);

/* How many may be taken now, and how many wait for their time? */
unsigned ready_count(const struct ready *ready);
unsigned ready_delayed(const struct ready *ready);

#endif
