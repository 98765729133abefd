/*
 * tokens: what a job has to hold while its process is there, where several programs share slots: a
 * token of a jobserver, a unit of a semaphore.
 *
 * A thread waits for them: both are waited for in the kernel, while slots wait for changes of the
 * run. It takes one more as long as slots want one; one that no job uses is given back at once. One
 * token is like another: a job that is over gives back any of them, and the one that our parent
 * holds for us last.
 */
#ifndef PEXEC_PACE_TOKENS_H
#define PEXEC_PACE_TOKENS_H

#include <pthread.h>
#include <stdbool.h>

#include "base/eventcount.h"
#include "base/interrupt.h"
#include "base/lock.h"
#include "pace/jobserver.h"
#include "pace/run_state.h"
#include "pace/shared_semaphore.h"

struct tokens {
	struct jobserver *jobserver;        /* where they come from: this, */
	struct shared_semaphore *semaphore; /* or this; neither: no job needs one */
	struct run_state *state;
	bool keeps;   /* what is ours is given back at the end; set before a job wants one */
	unsigned own; /* tokens that are always ours: 1 for a client of a jobserver, or added */
	struct eventcount changed; /* the thread waits for it */
	struct interrupt stop;
	pthread_t thread;
	struct lock lock; /* guards what follows */
	unsigned have;    /* tokens that are ours, with our own */
	unsigned used;    /* by jobs */
	unsigned wanted;  /* by slots that wait for one */
	bool closing;
};

/*
 * Tokens of a jobserver or of a semaphore; NULL for both: of none. Starts the thread. Exits with
 * status 1 and a message where that cannot be.
 */
void tokens_open(struct tokens *tokens, struct jobserver *jobserver,
    struct shared_semaphore *semaphore, struct run_state *state);

/* Does a job need one? */
bool tokens_are_needed(const struct tokens *tokens);

/* From now on one more is ours, that nobody has given and that is never given back. */
void tokens_add_own(struct tokens *tokens);

/* A slot begins to wait for one, or does so no more. */
void tokens_want(struct tokens *tokens);
void tokens_want_no_more(struct tokens *tokens);

/* Does a slot wait for one? Safe from any thread. */
bool tokens_are_awaited(struct tokens *tokens);

/* Takes one for a job, if there is one. */
bool tokens_take(struct tokens *tokens);

/* The job is over: gives it back. */
void tokens_give(struct tokens *tokens);

/* No slot is left: ends the thread, and gives back what there is. */
void tokens_close(struct tokens *tokens);

#endif
