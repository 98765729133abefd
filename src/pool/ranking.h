/*
 * ranking: the few jobs that come first by some number, each with a text about it: the slowest, or
 * the first that have failed. The lock of its owner guards it.
 */
#ifndef PEXEC_POOL_RANKING_H
#define PEXEC_POOL_RANKING_H

#include <stddef.h>
#include <stdint.h>

/* How many jobs are kept. */
enum { RANKED = 5 };

struct ranked_job {
	double rank; /* the highest stands first */
	uint64_t seq;
	char *text; /* NULL: this entry is free */
};

struct ranking {
	struct ranked_job jobs[RANKED]; /* zeroed: there is none */
};

/* The place of a job with this rank, behind those of the same; RANKED: it is none of the first. */
size_t ranking_place(const struct ranking *ranking, double rank);

/* Puts a job to its place, which is not RANKED. The ranking has its text from now on. */
void ranking_put(struct ranking *ranking, size_t place, struct ranked_job job);

/* Takes a job off, if it is one of the first. */
void ranking_take_off(struct ranking *ranking, uint64_t seq);

void ranking_free(struct ranking *ranking);

#endif
