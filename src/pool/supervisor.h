/*
 * supervisor: the main thread. It alone sees signals, keeps the deadlines, and decides when the run
 * is over.
 */
#ifndef PEXEC_POOL_SUPERVISOR_H
#define PEXEC_POOL_SUPERVISOR_H

#include "pool/pool.h"

/*
 * Keeps the signals that change the number of slots until there are any; until then all others mean
 * what they mean to any program. Call it before the queue is opened, which may take long.
 */
void supervisor_hold_signals(void);

/*
 * Blocks every signal that shall not simply stop or kill pexec, and takes over those that it was
 * started with ignored but has a use for. Call it before there is another thread.
 */
void supervisor_take_signals(struct caller_state *caller);

/*
 * Starts the first slot and runs the pool to its end. Returns false when a slot could not be waited
 * for: then its thread may still be there.
 */
bool supervise(struct pool *pool);

/* Nothing is left to look after: from now on SIGTERM and SIGINT end pexec at once. */
void supervisor_leave_signals(void);

/* Ends pexec as an unhandled `signal` would; where that cannot be (as process 1), exits 128 +
 * signal. */
_Noreturn void die_of_signal(int signal);

#endif
