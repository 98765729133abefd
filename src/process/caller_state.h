/*
 * caller_state: what jobs inherit from the process that started pexec.
 *
 * A job shall find the world as the user set it up: the signal mask, the ignored signals (nohup
 * must reach it), the limit of descriptors. pexec changes all of these for itself; this module
 * keeps what they were and restores them in a child.
 */
#ifndef PEXEC_PROCESS_CALLER_STATE_H
#define PEXEC_PROCESS_CALLER_STATE_H

#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <sys/resource.h>

struct caller_state {
	pid_t parent;     /* pexec, the parent of all jobs; 0: they may outlive it */
	sigset_t mask;    /* signals that were blocked */
	sigset_t ignored; /* signals that jobs ignore: those that pexec has set to their default,
			   * and those that are meant for it alone */
	bool any_ignored; /* `ignored` is not empty */
	bool has_limit;   /* `descriptor_limit` is known */
	struct rlimit descriptor_limit;
	atomic_bool limit_changed; /* pexec's descriptor limit is no longer descriptor_limit */
};

/*
 * Opens descriptors 0, 1 and 2 where they are closed, so that no other file gets these numbers.
 * Reading or writing such a descriptor fails with EBADF, as if it were closed, and in jobs it is
 * closed. Exits with status 1 and a message on failure.
 */
void caller_state_open_standard(void);

/* Saves the signal state and the descriptor limit. Call it before pexec changes them. */
void caller_state_save(struct caller_state *caller);

/* Sets `signal` to its default if it was ignored; in jobs it will be ignored again. */
void caller_state_unignore(struct caller_state *caller, int signal);

/* In jobs `signal` will be ignored, however it was. */
void caller_state_ignore(struct caller_state *caller, int signal);

/* Sets `limit_changed`. Call it whenever pexec may have changed its descriptor limit. */
void caller_state_compare_limits(struct caller_state *caller);

/* Restores what was saved, in a child that is about to exec. Async-signal-safe. */
void caller_state_restore(const struct caller_state *caller);

#endif
