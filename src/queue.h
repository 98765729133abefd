/*
 * queue: items -> jobs. Numbers them, gathers batches, skips what is to be skipped.
 *
 * The slots take their jobs from here, one after the other: whoever has the queue reads the next
 * items for himself, and the others wait for their turn. So nothing is read that no slot is free
 * for.
 */
#ifndef PEXEC_QUEUE_H
#define PEXEC_QUEUE_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

#include "job.h"
#include "options.h"
#include "source.h"
#include "template.h"
#include "words.h"

struct queue {
	const struct options *options;
	pthread_mutex_t lock;
	struct source *source;
	struct template_cost cost;
	size_t argument_bytes; /* the system's limit for a command line, pointers included */
	size_t batch_bytes;    /* the user's, for the strings alone (-s) */
	size_t word_bytes;     /* the system's limit for one argument */
	uint64_t jobs;         /* how many have been handed out */
	unsigned long long to_skip;
	bool ended;
	struct words held; /* read, and not in a job yet: what did not fit into the last batch */
	size_t held_items;
	size_t held_length; /* of the longest value in it; 0: looked at already */
	int interrupt[2];   /* a pipe: a byte in it makes a reader that waits look up */

	pthread_mutex_t returned_lock; /* guards what follows */
	struct job_list returned;      /* jobs that were put back */
};

enum queue_status {
	QUEUE_JOB,
	QUEUE_END,
	QUEUE_INTERRUPTED, /* by queue_interrupt */
	QUEUE_FAILED,      /* a file could not be read to its end; the reason has been said */
	QUEUE_TOO_LARGE    /* a batch did not fit, and -x is on; it has been said */
};

/* Opens the queue. Exits with status 1 and a message on files that cannot be read. */
void queue_open(struct queue *queue, const struct options *options);

/* The names of the columns (--header). */
const struct words *queue_names(const struct queue *queue);

/* Tells the queue what a batch costs. */
void queue_set_cost(struct queue *queue, struct template_cost cost);

/*
 * Takes the next job: fills `*job`, which is empty, or replaces it by one that was put back. Waits
 * for its items; `may_wait(context)` is asked, with the queue taken,
 * before each wait, and when it says no the call returns QUEUE_INTERRUPTED.
 */
enum queue_status queue_next(
    struct queue *queue, struct job **job, bool (*may_wait)(void *context), void *context);

/*
 * Is there work for one more slot? Not when it is certain that no job follows, nor when somebody is
 * at the queue already. Never waits.
 */
bool queue_more(struct queue *queue);

/* Puts a job back, to be taken by another slot. */
void queue_put_back(struct queue *queue, struct job *job);

/* Makes a queue_next that waits ask its may_wait again. Safe from any thread. */
void queue_interrupt(struct queue *queue);

void queue_close(struct queue *queue);

#endif
