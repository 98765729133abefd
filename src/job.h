/*
 * job: one item of the queue, or a batch of them, and what becomes of it.
 *
 * A job is handed on: from the queue to a slot, perhaps back to the queue, and in the end to
 * whoever delivers its output. Whoever has it is the only one that touches it.
 */
#ifndef PEXEC_JOB_H
#define PEXEC_JOB_H

#include <stdint.h>
#include <sys/queue.h>
#include <sys/tree.h>

#include "capture.h"
#include "words.h"

struct job {
	uint64_t seq;
	struct words items;
	struct words split;          /* the columns, under --colsep */
	const struct words *columns; /* split, or the items themselves */
	const char *problem;         /* why its items cannot be arguments; NULL: they can */
	int error;                   /* the errno that goes with it; 0 for none */
	size_t problem_bytes;        /* how long its longest item is */
	struct words tag;            /* what stands before each line of its output */
	struct capture capture;
	struct words command; /* in print, where it is recorded */
	unsigned attempt;     /* from 1 */
	unsigned slot;        /* in which that was made; 0: none was */

	/* what came of its last attempt */
	bool failed;
	bool timed_out;
	bool interrupted;              /* ended with the run: as if it had not been started */
	bool cut_short;                /* failed, and the run ended before its last attempt */
	bool finished;                 /* for good: there will be no other attempt */
	double started;                /* seconds since 1970 */
	double runtime;                /* seconds */
	int exit_value;                /* -1: its time ran out */
	int signal;                    /* that ended it; 0: none */
	double user_time, system_time; /* seconds */
	long max_rss;                  /* KiB */

	/* the queue's, for those that were put back */
	STAILQ_ENTRY(job) next;
	RB_ENTRY(job) by_time;
	int64_t due; /* in ms of now(): not to be taken before */
};

STAILQ_HEAD(job_list, job);
RB_HEAD(job_tree, job);

/* An empty job; its output is kept within `budget`. NULL without memory. */
struct job *job_new(atomic_size_t *budget);

/* Empties a job, for the next one. */
void job_clear(struct job *job);

/* Forgets what came of the last attempt. */
void job_clear_outcome(struct job *job);

/* The memory that it takes, without what it has printed. */
size_t job_bytes(const struct job *job);

/* The job that a capture belongs to. */
struct job *job_of(struct capture *capture);

void job_free(struct job *job);

#endif
