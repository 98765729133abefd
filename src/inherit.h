/*
 * inherit: what jobs get from whoever started pexec.
 *
 * A job shall find the world as the user set it up: the signal mask, the ignored signals (nohup
 * must reach it), the limit of descriptors. pexec changes all of these for itself; this module
 * keeps what they were, and puts them back in a child.
 */
#ifndef PEXEC_INHERIT_H
#define PEXEC_INHERIT_H

#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <sys/resource.h>

struct inheritance {
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
void inherit_standard_streams(void);

/* Remembers the signal state and the limits. Call it before anything changes them. */
void inherit_save(struct inheritance *inheritance);

/* Sets `signal` to its default if it was ignored; in jobs it will be ignored again. */
void inherit_unignore(struct inheritance *inheritance, int signal);

/* Looks whether the descriptor limit has been changed since inherit_save. */
void inherit_compare_limits(struct inheritance *inheritance);

/* Puts everything back, in a child that is about to exec. Async-signal-safe. */
void inherit_restore(const struct inheritance *inheritance);

#endif
