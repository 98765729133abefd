/*
 * estimate: how long a run will still take, from how it went until now.
 *
 * It goes by completions: what is left takes as many times as long as it takes from one end of a
 * job to the next, whatever it is that keeps jobs waiting. (GNU parallel takes the mean of that
 * since the first end.) On top of that come three things:
 *
 *   - Of late counts more than the mean. Where the later half of the run went slower or faster than
 *     the first, and by more than the spread of run times explains, that goes on: the line through
 *     both halves is followed, to three times the pace of the later half at most.
 *   - When nothing is left to begin, the longest of the jobs that run is still waited for: a run
 *     time, and more the more they differ and the more slots there are (for exponential times it is
 *     the harmonic number).
 *   - Where a journal of an earlier run knows how long the jobs took (--order), what is left is
 *     that time, by as many jobs as run at a time, as much faster or slower as those so far were.
 *
 * The range is what the spread of run times leaves open in nine cases of ten, about: the error of
 * the mean so far, and the chance in what is left. Where the pace has changed it reaches from the
 * pace of late to one that has changed twice as much as is followed; where it becomes slower and
 * slower, to a multiple of that of the last jobs.
 */
#ifndef PEXEC_POOL_ESTIMATE_H
#define PEXEC_POOL_ESTIMATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What a run has come to at some time. */
struct estimate_sample {
	double at_s;      /* since the run began */
	uint64_t over;    /* jobs */
	double spent_s;   /* run times of these, together */
	double squares_s; /* the squares of their run times */
};

/* How much is left of it then. */
struct estimate_rest {
	uint64_t left;       /* jobs that have not begun */
	unsigned running;    /* jobs */
	double at_work_s;    /* how long these have run, together */
	double known_left_s; /* run times of those that have not begun, by a journal; -1: none */
	double known_s;      /* the same of those that have begun */
};

/* So many samples are kept: all of the run, evenly. */
enum { ESTIMATE_SAMPLES = 64 };

struct estimate {
	struct estimate_sample samples[ESTIMATE_SAMPLES];
	size_t count;
	double interval_s;  /* between two samples that are kept */
	double no_more_s;   /* since when nothing is left to begin; -1: there is */
	double last_wait_s; /* how long the jobs that ran then were to take */
};

struct time_range {
	double least_s, middle_s, most_s;
};

void estimate_init(struct estimate *estimate);

/* Takes in how far the run is, as often as it is looked at. Times do not go back. */
void estimate_add(struct estimate *estimate, const struct estimate_sample *sample);

/* How long the rest will take, as of the sample `now`. False: too little is known. */
bool estimate_left(struct estimate *estimate, const struct estimate_sample *now,
    const struct estimate_rest *rest, struct time_range *range);

#endif
