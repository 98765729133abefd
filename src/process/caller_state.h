/*
 * inherit: what jobs get from whoever started pexec.
 *
 * A job shall find the world as the user set it up: the signal mask, the ignored signals (nohup
 * must reach it), the limit of descriptors. pexec changes all of these for itself; this module
 * keeps what they were, and puts them back in a child.
 */
#ifndef PEXEC_PROCESS_CALLER_STATE_H
#define PEXEC_PROCESS_CALLER_STATE_H

#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <sys/resource.h>

struct caller_state {
	pid_t parent;     /* of all jobs: pexec itself; 0: nobody asks */
	sigset_t mask;    /* signals that were blocked */
	sigset_t ignored; /* signals that were ignored, and that pexec has set to their default */
	bool any_ignored;
	struct rlimit descriptors;
	atomic_bool descriptors_changed; /* it is lifted when slots are added */
};

/*
 * Opens descriptors 0, 1 and 2 where they are closed, so that nothing else gets these numbers. What
 * stands in for them fails with EBADF as the closed one would, and is closed again in jobs. Exits
 * with status 1 when that cannot be done.
 */
void caller_state_open_standard(void);

/* Remembers the signal state and the limits. Call it before anything changes them. */
void caller_state_save(struct caller_state *caller);

/* Sets `signal` to its default if it was ignored; in jobs it will be ignored again. */
void caller_state_unignore(struct caller_state *caller, int signal);

/* Looks whether the descriptor limit has been changed since caller_state_save. */
void caller_state_compare_limits(struct caller_state *caller);

/* Puts everything back, in a child that is about to exec. Async-signal-safe. */
void caller_state_restore(const struct caller_state *caller);

#endif
