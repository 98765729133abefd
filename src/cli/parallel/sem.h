/*
 * sem: a run of one job that waits for a unit of a semaphore: sem of GNU parallel, also called as
 * parallel --semaphore.
 *
 * The units are those of pace/shared_semaphore.h: the kernel takes them back from a process that
 * ends, however it ends.
 */
#ifndef PEXEC_CLI_PARALLEL_SEM_H
#define PEXEC_CLI_PARALLEL_SEM_H

#include <stdbool.h>

#include "cli/options.h"

/* Is there an option that only sem has? */
bool sem_is_meant(void);

/*
 * Settles what the run is: the command of `operands`, with one item that is empty, in the
 * background unless --fg is there. Under --wait waits, and ends the process. Ends it with status
 * 255 and a message where something is wrong.
 */
void sem_settle(struct options *options, char *operands[]);

#endif
