/*
 * feeder: writes to the standard input of a job while it runs: a block that no pipe holds, or one
 * block after the other (--spread).
 *
 * A thread for each job that needs one, as the slot's own waits for what the job prints, or for its
 * end. It takes a block from the queue when the one before is in the pipe: so it is whichever job
 * has room that gets the next.
 */
#ifndef PEXEC_POOL_FEEDER_H
#define PEXEC_POOL_FEEDER_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>

#include "base/interrupt.h"
#include "output/memory_budget.h"
#include "pace/gate.h"
#include "pace/run_state.h"
#include "queue/block.h"
#include "queue/queue.h"

/* What feeders of all jobs work with. */
struct feeder_parts {
	struct queue *queue;
	struct run_state *state;
	struct memory_budget *budget; /* of the jobs that are taken from the queue */
	const struct gate *gate;
	const atomic_uint *slots; /* so many may be used */
	bool spreads;             /* a job gets blocks as long as there are any */
};

struct feeder {
	const struct feeder_parts *parts;
	unsigned slot;         /* its number */
	struct interrupt wake; /* raised when what follows it has changed */
	bool has_wake;
	bool is_used;        /* there is a thread */
	atomic_bool started; /* the program runs: it may have more than its first block */
	atomic_bool stopped; /* the job has ended */

	/* the thread's, while there is one */
	pthread_t thread;
	int pipe;
	const struct block *first;
	struct job *spare; /* an empty job; NULL: there is none */
	int error;         /* errno of what could not be read of a block; 0: all could */
};

/* Prepares for the jobs of slot number `slot`. */
void feeder_init(struct feeder *feeder, const struct feeder_parts *parts, unsigned slot);

/*
 * Begins to feed a job, which has `first` until feeder_end. Returns the descriptor that is to be
 * its standard input, and which the caller closes; or -1 with errno.
 */
int feeder_begin(struct feeder *feeder, const struct block *first);

/* The program has been started. */
void feeder_go_on(struct feeder *feeder);

/*
 * The job has ended, or was not started: a block that it has had nothing of is put back. Returns 0,
 * or the errno of what could not be read (EIO: a file has become shorter). Does nothing for a job
 * that was not fed.
 */
int feeder_end(struct feeder *feeder);

/* Gives back what it has. */
void feeder_close(struct feeder *feeder);

#endif
