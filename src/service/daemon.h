/*
 * daemon: the way into the background (--daemon).
 *
 * Everything that can go wrong is tried before, in the process that was typed: files are open, the
 * command was found, the locks are held. What is left is tried while it waits: it exits with 0 when
 * the first slot has been started, and with 1 when it never comes to that. So whoever starts a
 * daemon sees its errors where they were caused, and in the exit status.
 *
 * The daemon is in a session of its own, without leading it, so that it can never get a controlling
 * terminal, and it leads a process group. It keeps its umask and all descriptors that it was given
 * but the standard ones, which the log module replaces.
 */
#ifndef PEXEC_SERVICE_DAEMON_H
#define PEXEC_SERVICE_DAEMON_H

#include "process/caller_state.h"

/*
 * Returns in the daemon alone, which takes over the lock and the pidfile, and becomes the parent of
 * all jobs. Call it before there is another thread. Exits with status 1 and a message on failure.
 */
void daemon_start(struct caller_state *caller);

/* Lets the process that was typed exit with 0. Without a daemon, does nothing. */
void daemon_ready(void);

#endif
