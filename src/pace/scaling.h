/*
 * scaling: a curve through what some numbers of slots get done, to tell which number to try next.
 *
 * The curve is the universal scalability law (N. J. Gunther, Guerrilla Capacity Planning, 2007):
 *
 *     X(N) = N / R(N),   R(N) = a + b (N - 1) + c N (N - 1)
 *
 * a is what a job takes alone, b what it waits for each other one (contention: a lock), c what each
 * pair costs (coherence: thrashing); none is below 0. In this form it is linear, and least squares
 * with three unknowns fit it: there may be fewer points than unknowns. Over it lies what the
 * processors allow: a job that takes C of their time cannot end more often than CPUs / C.
 */
#ifndef PEXEC_PACE_SCALING_H
#define PEXEC_PACE_SCALING_H

#include <stddef.h>

struct scaling_point {
	unsigned slots;
	double rate;   /* jobs per second */
	double weight; /* 1 / variance of its logarithm */
};

struct scaling {
	double a, b, c;   /* seconds */
	double most_rate; /* what the processors allow, in jobs per second; INFINITY: no bound */
};

/* Fits the curve to at least one point. */
struct scaling scaling_fit(const struct scaling_point *points, size_t count);

/* What so many slots are expected to get done, in jobs per second. */
double scaling_rate(const struct scaling *scaling, unsigned slots);

/*
 * The smallest number from `least` to `most` that is expected to get done all but `tolerance` (0.03
 * is 3 %) of what the best one of them does.
 */
unsigned scaling_best(
    const struct scaling *scaling, unsigned least, unsigned most, double tolerance);

#endif
