#include "pool/estimate.h"

#include <math.h>

/* Fewer jobs say nothing. */
enum { LEAST_JOBS = 3 };

/* A change of the pace counts from so many standard errors on. */
#define SIGNIFICANT 2.0

/* Nothing goes on for ever: this is the most that a change of the pace is followed. */
#define MOST_CHANGE 3.0

/* The last tenth of the jobs tells how far a run that slows down may go: to so many times the time
 * from end to end of these. The number is by the simulation of tests/unit/estimate.c. */
#define LAST_FROM   0.9
#define LAST_CHANGE 2.5

/* So many standard errors to either side have about nine cases of ten between them. */
#define SPREAD 1.6

/* Errors of the whole, in parts of it, that there are however many jobs there were: of times that
 * were measured in this run, and of those of another run. */
#define LEAST_ERROR 0.02
#define KNOWN_ERROR 0.05

/* The pace of a part of the run. */
struct pace {
	double jobs;
	double interval_s; /* between two ends */
	double mean_s;     /* run time */
	double variation;  /* of run times: the standard deviation, in means */
};

void estimate_init(struct estimate *estimate)
{
	*estimate = (struct estimate){.no_more_s = -1};
}

/* Every other sample is enough from now on. */
static void thin_out(struct estimate *estimate)
{
	for (size_t i = 0; i < ESTIMATE_SAMPLES / 2; i++)
		estimate->samples[i] = estimate->samples[2 * i];
	estimate->count = ESTIMATE_SAMPLES / 2;
	estimate->interval_s = 2 * estimate->samples[estimate->count - 1].at_s / ESTIMATE_SAMPLES;
}

void estimate_add(struct estimate *estimate, const struct estimate_sample *sample)
{
	size_t count = estimate->count;

	if (count > 0 && sample->at_s < estimate->samples[count - 1].at_s + estimate->interval_s)
		return;
	if (count == ESTIMATE_SAMPLES)
		thin_out(estimate);
	estimate->samples[estimate->count++] = *sample;
}

static struct pace pace_between(
    const struct estimate_sample *from, const struct estimate_sample *to)
{
	struct pace pace = {.jobs = (double)(to->over - from->over)};

	if (pace.jobs <= 0)
		return pace;
	pace.interval_s = (to->at_s - from->at_s) / pace.jobs;
	pace.mean_s = (to->spent_s - from->spent_s) / pace.jobs;
	double square_s = (to->squares_s - from->squares_s) / pace.jobs;
	double variance = square_s - pace.mean_s * pace.mean_s;
	if (variance > 0 && pace.mean_s > 0)
		pace.variation = sqrt(variance) / pace.mean_s;
	return pace;
}

/* The sample when so many jobs were over. */
static const struct estimate_sample *sample_at(const struct estimate *estimate, double over)
{
	size_t i = 0;

	while (i + 1 < estimate->count && (double)estimate->samples[i].over < over)
		i++;
	return &estimate->samples[i];
}

/*
 * How much longer, on the average, it takes from end to end for what is left than it did of late.
 * 1: nothing shows that it changes.
 */
static double change_ahead(const struct pace *early, const struct pace *late, double left)
{
	if (early->jobs < LEAST_JOBS || late->jobs < LEAST_JOBS || late->interval_s <= 0)
		return 1;
	double step = late->interval_s - early->interval_s;
	double error =
	    late->interval_s * (0.1 + late->variation) * sqrt(1 / early->jobs + 1 / late->jobs);
	double beyond = fabs(step) / error - SIGNIFICANT;
	if (beyond <= 0)
		return 1;
	/* From the middle of the early jobs to that of the late ones it was one step; from there to
	 * the middle of those that are left it is so many. */
	double steps = (late->jobs + left) / (early->jobs + late->jobs);
	double trust = beyond * beyond / (beyond * beyond + 1);
	double change = 1 + trust * step * steps / late->interval_s;
	return fmin(fmax(change, 1 / MOST_CHANGE), MOST_CHANGE);
}

/* How long it takes from the last beginning of a job to the end of all. */
static double last_wait(const struct pace *pace, unsigned running)
{
	return pace->mean_s * (1 + pace->variation * log(running > 1 ? running : 1));
}

/* Nothing is left to begin: what runs is waited for, and longer than it should it takes as well. */
static double wait_left(struct estimate *estimate, double at_s, double wait_s)
{
	if (estimate->no_more_s < 0) {
		estimate->no_more_s = at_s;
		estimate->last_wait_s = wait_s;
	}
	double waited_s = at_s - estimate->no_more_s;
	return fmax(estimate->last_wait_s - waited_s, waited_s / 4);
}

/* What is left takes by the times that a journal has, by as many slots as are at work. */
static double by_known_times(const struct estimate_sample *now, const struct estimate_rest *rest)
{
	double spent_s = now->spent_s + rest->at_work_s;
	double slowness = rest->known_s > 0 && spent_s > 0 ? spent_s / rest->known_s : 1;
	/* Those that run are not through: they count as half done. */
	double at_a_time = fmax(spent_s / fmax(now->at_s, 1e-9), 1);

	slowness = fmin(fmax(slowness, 0.1), 10);
	return rest->known_left_s * slowness / at_a_time;
}

/*
 * The longest that what is left may take, without the last jobs; `followed_s`: what it takes if the
 * pace goes on to change. What slows down may do so faster and faster, as where the longest jobs
 * come last: there the last few tell.
 */
static double longest_left(const struct estimate *estimate, const struct estimate_sample *now,
    double left, double followed_s, double change)
{
	struct pace last = pace_between(sample_at(estimate, LAST_FROM * (double)now->over), now);

	if (change <= 1 || last.jobs < LEAST_JOBS)
		return followed_s * change;
	return fmax(followed_s * change, left * last.interval_s * LAST_CHANGE);
}

bool estimate_left(struct estimate *estimate, const struct estimate_sample *now,
    const struct estimate_rest *rest, struct time_range *range)
{
	static const struct estimate_sample beginning;
	const struct estimate_sample *middle = sample_at(estimate, (double)now->over / 2);
	double left = (double)rest->left;

	if (now->over < LEAST_JOBS || estimate->count == 0)
		return false;
	struct pace all = pace_between(&beginning, now), early = pace_between(&beginning, middle);
	struct pace late = pace_between(middle, now);
	if (late.jobs < LEAST_JOBS)
		late = all;
	double wait_s = last_wait(&late, rest->running);
	double change = change_ahead(&early, &late, left);
	/* Both halves tell of the pace where it does not change. */
	double interval_s = change == 1 ? all.interval_s : late.interval_s;
	double flat_s = left * interval_s, followed_s = flat_s * change;
	double beyond_s = longest_left(estimate, now, left, followed_s, change);

	if (rest->known_left_s >= 0)
		flat_s = followed_s = beyond_s = by_known_times(now, rest);
	if (rest->left == 0)
		wait_s = wait_left(estimate, now->at_s, wait_s);
	else
		estimate->no_more_s = -1;
	double base = rest->known_left_s >= 0 ? KNOWN_ERROR : LEAST_ERROR;
	double error = SPREAD * (base + late.variation * sqrt(1 / late.jobs + 1 / (left + 1)));
	*range = (struct time_range){
	    .least_s = fmax(fmin(flat_s, beyond_s) * (1 - error), 0) + wait_s / 2,
	    .middle_s = followed_s + wait_s,
	    .most_s = fmax(flat_s, beyond_s) * (1 + error) + wait_s * 3 / 2};
	return true;
}
