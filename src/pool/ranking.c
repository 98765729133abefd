#include "pool/ranking.h"

#include <stdlib.h>
#include <string.h>

size_t ranking_place(const struct ranking *ranking, double rank)
{
	size_t place = RANKED;

	while (
	    place > 0 && (!ranking->jobs[place - 1].text || ranking->jobs[place - 1].rank < rank))
		place--;
	return place;
}

void ranking_put(struct ranking *ranking, size_t place, struct ranked_job job)
{
	struct ranked_job *jobs = ranking->jobs;

	free(jobs[RANKED - 1].text);
	memmove(&jobs[place + 1], &jobs[place], (RANKED - 1 - place) * sizeof *jobs);
	jobs[place] = job;
}

void ranking_take_off(struct ranking *ranking, uint64_t seq)
{
	struct ranked_job *jobs = ranking->jobs;
	size_t at = 0;

	while (at < RANKED && (!jobs[at].text || jobs[at].seq != seq))
		at++;
	if (at == RANKED)
		return;
	free(jobs[at].text);
	memmove(&jobs[at], &jobs[at + 1], (RANKED - 1 - at) * sizeof *jobs);
	jobs[RANKED - 1] = (struct ranked_job){.text = NULL};
}

void ranking_free(struct ranking *ranking)
{
	for (size_t i = 0; i < RANKED; i++)
		free(ranking->jobs[i].text);
}
