/*
 * launchers: which part of a queue this run has, as what has started it says in the environment
 * (--shard auto).
 *
 * There are two kinds of those, and a run may have both: a job array, whose elements have numbers
 * that begin anywhere and may have a step between them, and a launcher of processes, such as srun
 * or mpirun, whose processes are numbered from 0. With four processes in each of ten elements there
 * are forty parts.
 */
#ifndef PEXEC_CLI_LAUNCHERS_H
#define PEXEC_CLI_LAUNCHERS_H

#include "base/shard.h"

/*
 * Sets `shard` by the environment. Exits with status 1 and a message where that has no number for
 * this run (the message lists what was looked for), where it does not say how many parts there are,
 * or where these numbers contradict each other.
 */
void launchers_find_shard(struct shard *shard);

#endif
