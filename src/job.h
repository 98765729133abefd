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
	bool failed;
	STAILQ_ENTRY(job) next; /* among those that were put back */
};

STAILQ_HEAD(job_list, job);

/* An empty job; its output is kept within `budget`. NULL without memory. */
struct job *job_new(atomic_size_t *budget);

/* Empties a job, for the next one. */
void job_clear(struct job *job);

/* The job that a capture belongs to. */
struct job *job_of(struct capture *capture);

void job_free(struct job *job);

#endif
