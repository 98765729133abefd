/*
 * shard: the part of a queue that one of several runs has (--shard K/N).
 *
 * The jobs are numbered from 1 in all runs alike; a run has those whose number is K modulo N. So
 * neighbours in the queue, which often take the same time, go to different parts.
 */
#ifndef PEXEC_BASE_SHARD_H
#define PEXEC_BASE_SHARD_H

#include <stdbool.h>
#include <stdint.h>

struct shard {
	uint64_t index; /* K, as it was given: 0 to N */
	uint64_t count; /* N; 0: there are no parts, and the run has all jobs */
};

/* Is job number `seq` of this part? */
bool shard_has(const struct shard *shard, uint64_t seq);

/* How many of the jobs from 1 to `jobs` are of this part? */
uint64_t shard_size(const struct shard *shard, uint64_t jobs);

#endif
