/*
 * job: one item of the queue, or a batch of them, and what becomes of it.
 *
 * A job is handed on: from the queue to a slot, perhaps back to the queue, and in the end to
 * settle, which delivers what it has printed. The one that has it is the only one that touches it.
 */
#ifndef PEXEC_QUEUE_JOB_H
#define PEXEC_QUEUE_JOB_H

#include <stdint.h>
#include <sys/queue.h>
#include <sys/tree.h>

#include "base/strlist.h"
#include "output/job_output.h"
#include "queue/block.h"
#include "record/job_record.h"

/* Why a job cannot be run: but for the last one, because its items cannot be arguments. */
enum problem {
	PROBLEM_NONE, /* they can */
	PROBLEM_MEMORY,
	PROBLEM_NUL,      /* an item has one in it */
	PROBLEM_TOO_LONG, /* for an argument */
	PROBLEM_NO_ROOM,  /* in a command line */
	PROBLEM_CSV,      /* an item is broken as a record of CSV */
	PROBLEM_COLUMNS   /* there are more than the table has */
};

struct job {
	struct job_record record; /* what was run, and what came of it */
	struct strlist items;
	struct strlist split; /* the columns, under --colsep; else record.columns are the items */
	enum problem problem;
	size_t problem_size;      /* bytes of its longest item; its columns; where CSV is broken */
	size_t problem_limit;     /* how many it might be, or of the command line; enum csv_fault */
	struct block block;       /* that is its standard input, where it has one (--pipe) */
	struct strlist tag;       /* what stands before each line of its output */
	struct job_output output; /* what its attempts have printed */

	bool put_back;   /* it was handed out before, and put back */
	struct key *key; /* it has, of those that few jobs may have at a time; NULL: none */

	/* where it waits: in the ready list, or until its time */
	STAILQ_ENTRY(job) next;
	RB_ENTRY(job) by_time;
	int64_t due_ms;     /* of clock_ms(): not to be taken before */
	size_t added_bytes; /* counted by ready until it is taken: it came from outside */

	TAILQ_ENTRY(job) outstanding; /* where it came from a command, until it is over */

	/* settle's */
	bool in_order;       /* it has its place in the order of jobs */
	bool over;           /* for good: there will be no other attempt */
	bool left_out;       /* the run has ended before it: it is as if it had not been taken */
	size_t kept_bytes;   /* memory that it takes while it waits, counted by settle */
	unsigned kept_files; /* the same, descriptors */
	TAILQ_ENTRY(job) order;
};

STAILQ_HEAD(job_list, job);

/* An empty job; its output is kept within `budget`. NULL without memory. */
struct job *job_new(struct memory_budget *budget);

/* Forgets the items of a job that was not run. */
void job_drop_items(struct job *job);

/* Empties a job, for the next item. */
void job_clear(struct job *job);

/* It cannot be run: its longest item has `size` bytes, and might have `limit` of them; or it has so
 * many columns; or is broken at byte `size`, in the way of `limit` (enum csv_fault). */
void job_set_problem(struct job *job, enum problem problem, size_t size, size_t limit);

/* Forgets what came of the last attempt. */
void job_clear_outcome(struct job *job);

/* The memory that it takes, without what it has printed. */
size_t job_bytes(const struct job *job);

void job_free(struct job *job);

#endif
