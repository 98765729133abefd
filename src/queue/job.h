/*
 * job: one item of the queue, or a batch of them, and what becomes of it.
 *
 * A job is handed on: from the queue to a slot, perhaps back to the queue, and in the end to
 * whoever delivers its output. Whoever has it is the only one that touches it.
 */
#ifndef PEXEC_QUEUE_JOB_H
#define PEXEC_QUEUE_JOB_H

#include <stdint.h>
#include <sys/queue.h>
#include <sys/tree.h>

#include "base/strlist.h"
#include "output/job_output.h"
#include "record/job_record.h"

/* Why the items of a job cannot be arguments. */
enum problem {
	PROBLEM_NONE, /* they can */
	PROBLEM_MEMORY,
	PROBLEM_NUL,      /* an item has one in it */
	PROBLEM_TOO_LONG, /* for an argument */
	PROBLEM_NO_ROOM   /* in a command line */
};

struct job {
	uint64_t seq;
	struct strlist items;
	struct strlist split;          /* the columns, under --colsep */
	const struct strlist *columns; /* split, or the items themselves */
	enum problem problem;
	size_t problem_bytes; /* how long its longest item is */
	size_t problem_limit; /* and how long it might be, or the command line */
	struct strlist tag;   /* what stands before each line of its output */
	struct job_output output;
	struct strlist command; /* in print, where it is recorded */
	unsigned attempt;       /* from 1 */
	unsigned slot;          /* in which that was made; 0: none was */

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
	int64_t due; /* in ms of clock_ms(): not to be taken before */
};

STAILQ_HEAD(job_list, job);
RB_HEAD(job_tree, job);

/* An empty job; its output is kept within `reserve`. NULL without memory. */
struct job *job_new(struct memory_budget *budget);

/* Another empty job, with the reserve of this one. NULL without memory. */
struct job *job_another(const struct job *job);

/* Empties a job, for the next one. */
void job_clear(struct job *job);

/* Forgets what came of the last attempt. */
void job_clear_outcome(struct job *job);

/* The memory that it takes, without what it has printed. */
size_t job_bytes(const struct job *job);

/* The job that a capture belongs to. */
struct job *job_of(struct job_output *output);

void job_free(struct job *job);

#endif
