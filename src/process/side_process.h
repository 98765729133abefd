/*
 * side_process: runs a command of pexec's own in a slot, between its jobs, and waits for it.
 *
 * Signals that end the jobs do not reach it, but SIGKILL does.
 */
#ifndef PEXEC_PROCESS_SIDE_PROCESS_H
#define PEXEC_PROCESS_SIDE_PROCESS_H

#include <stdatomic.h>
#include <stdbool.h>

#include "process/caller_state.h"
#include "process/process.h"

/* What runs the commands: a slot that has no other process meanwhile. */
struct side_process {
	struct process *process;
	const struct caller_state *caller;
	const atomic_bool *killed;  /* all jobs were killed: no process is started any more */
	const atomic_bool *dropped; /* nor is this one, once it is set; NULL: it never is */
	atomic_uint *running;       /* processes there are; the one of the command is counted */
};

/*
 * Runs `sh -c command`, as soon as the system has room for it, with no standard input, and our
 * standard error as its standard output. Returns 0 and sets `status` as waitpid(2) does; or the
 * errno for which it was not run; or -1: it was not started, as the run has been killed.
 */
int side_process_run(
    const struct side_process *by, const char *command, char *const *environment, int *status);

#endif
