/*
 * survivors: what is left of the jobs of a run when pexec has been killed and their groups are
 * dead: processes that have left the group of their job, as those of setsid(1) and timeout(1).
 *
 * They are known by the mark of their job alone (job_mark.h): their parents have died before, and
 * whose children they are then is up to the system. A process that has cleared its environment is
 * not found. What a job has left behind that was over is not meant.
 *
 * Async-signal-safe: it takes no lock, nor memory.
 */
#ifndef PEXEC_PROCESS_SURVIVORS_H
#define PEXEC_PROCESS_SURVIVORS_H

#include "process/process.h"

/* Kills those of the jobs that `processes` tells of, whose marks begin with `run`. It needs three
 * descriptors. Does nothing where the system does not tell of processes. */
void survivors_kill(const char *run, const volatile struct shared_process *processes);

#endif
