/*
 * sem: runs one command when a unit of a semaphore is free: sem of GNU parallel, also called as
 * parallel --semaphore.
 *
 * The units are those of pace/shared_semaphore.h: the kernel takes them back from a process that
 * ends, however it ends. A process of ours has the unit for as long as the command runs.
 */
#ifndef PEXEC_CLI_PARALLEL_SEM_H
#define PEXEC_CLI_PARALLEL_SEM_H

#include "cli/options.h"

/*
 * Does what the options say: --wait, or the command of `words`, in the background unless --fg is
 * there. Ends the process: with the status of the command under --fg, with 0 when it was started,
 * with 1 when no unit was free in time, with 255 and a message on failure.
 */
_Noreturn void sem_run(const struct options *options, char *words[]);

#endif
