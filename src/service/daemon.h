/*
 * daemon: the way into the background (--daemon).
 *
 * Everything that can fail is tried before, in the process that the user started: files are open,
 * the command was found, the locks are held. That process then waits: it exits with 0 when the
 * daemon has started its first slot, and with 1 when the daemon ends before. So the user sees an
 * error where it was caused, and in the exit status.
 *
 * The daemon is in a session that it does not lead, so that it can never get a controlling
 * terminal, and leads a process group. It keeps its umask and the descriptors that it was given,
 * except stdin (run.c), stdout and stderr (log.h).
 */
#ifndef PEXEC_SERVICE_DAEMON_H
#define PEXEC_SERVICE_DAEMON_H

#include <stdbool.h>

#include "process/caller_state.h"

/*
 * Returns in the daemon alone, which takes over the lock and the pidfile, and is from now on the
 * parent of all jobs (caller->parent). Call it before there is another thread. Exits with status 1
 * and a message on failure.
 */
void daemon_start(struct caller_state *caller);

/*
 * As daemon_start, but in the session and the process group that the user's process is in, which
 * exits with 0 when daemon_ready is called, and with the status of the run when that has ended
 * before.
 */
void daemon_step_aside(struct caller_state *caller);

/* Lets the process that waits for this one exit with 0. False: it has been killed. Without one does
 * nothing, and returns true. */
bool daemon_ready(void);

#endif
