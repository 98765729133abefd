/*
 * slot: the life of a slot: takes a job, runs it, settles it, again. The one file to read first.
 */
#ifndef PEXEC_POOL_SLOT_H
#define PEXEC_POOL_SLOT_H

#include <stdbool.h>

#include "pool/attempt.h"
#include "pool/pool.h"
#include "pool/settle.h"
#include "queue/queue.h"
#include "record/acknowledge.h"

/* The parts of the run that the slots work with. */
struct slot_parts {
	const struct attempt_options *options;
	struct queue *queue;
	struct gate *gate;
	struct events *events;
	struct run_state *state;
	struct output *output;
	struct settle *settle;
	struct progress *progress;
	struct pool *pool;
	struct timers *timers; /* the supervisor's */
};

/*
 * Starts as many slots as have work: one for each job that was put back, and one more where none
 * waits for new ones. Each starts the next one as it takes a job. Where the system has no room that
 * is said, and the pool's timer is set.
 */
void slot_start_wanted(const struct slot_parts *parts);

/*
 * Starts the first slot, unless there is one already. Returns false with errno when the system has
 * no room for a thread.
 */
bool slot_start_first(const struct slot_parts *parts);

/*
 * Starts a slot beyond the limit: for the job that the others wait for, or, when the run has ended,
 * for jobs that were put back and will not be run: they are settled. Where the system has no room
 * that is said.
 */
void slot_start_extra(const struct slot_parts *parts);

#endif
