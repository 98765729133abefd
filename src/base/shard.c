#include "base/shard.h"

bool shard_has(const struct shard *shard, uint64_t seq)
{
	return shard->count == 0 || seq % shard->count == shard->index % shard->count;
}

uint64_t shard_size(const struct shard *shard, uint64_t jobs)
{
	if (shard->count == 0)
		return jobs;
	uint64_t first = shard->index % shard->count;

	/* Numbers begin with 1: the part of number 0 begins with N. */
	if (first == 0)
		return jobs / shard->count;
	return jobs < first ? 0 : (jobs - first) / shard->count + 1;
}
