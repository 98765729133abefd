/*
 * The time that is left, as the estimate has it, in simulated runs whose end is known; beside what
 * GNU parallel's --eta says of the same.
 */
#include <assert.h>
#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pool/estimate.h"

enum { JOBS = 400, SLOTS = 4, RUNS = 20, POINTS = 3 };

/* The same numbers each time: xorshift of Marsaglia. */
static uint64_t state;

static double uniform(void)
{
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return (double)(state >> 11) / 9007199254740992.0;
}

static double normal(void)
{
	return sqrt(-2 * log(1 - uniform())) * cos(6.283185307179586 * uniform());
}

/* --- the run times of jobs, in seconds --- */

static void make_constant(double times[JOBS])
{
	for (int i = 0; i < JOBS; i++)
		times[i] = 2 * (1 + 0.05 * normal());
}

/* Of a logarithmic normal distribution: a few take thirty times as long as most. */
static void make_heavy(double times[JOBS])
{
	for (int i = 0; i < JOBS; i++)
		times[i] = exp(1.3 * normal());
}

static void make_slower(double times[JOBS])
{
	for (int i = 0; i < JOBS; i++)
		times[i] = (1 + 3.0 * i / JOBS) * (1 + 0.2 * normal() / 2);
}

static int compare(const void *first, const void *second)
{
	double a = *(const double *)first, b = *(const double *)second;

	return (a > b) - (a < b);
}

static void make_longest_last(double times[JOBS])
{
	for (int i = 0; i < JOBS; i++)
		times[i] = exp(0.8 * normal());
	qsort(times, JOBS, sizeof *times, compare);
}

static void make_longest_first(double times[JOBS])
{
	double rising[JOBS];

	make_longest_last(rising);
	for (int i = 0; i < JOBS; i++)
		times[i] = rising[JOBS - 1 - i];
}

/* --- a run of them --- */

/* What the two say at some time of the run. */
struct said {
	double at_s, ours_s, least_s, most_s, theirs_s;
};

/* GNU parallel's compute_eta, asked at each end of a job. */
struct gnu {
	double first_s, smoothed_s;
};

static double gnu_eta(struct gnu *gnu, double at_s, int over)
{
	double share = (double)over / JOBS;

	if (over == 1)
		gnu->first_s = at_s;
	double mean_s = (at_s - gnu->first_s) / over;
	if (gnu->smoothed_s == 0)
		gnu->smoothed_s = mean_s;
	gnu->smoothed_s = (1 - share) * gnu->smoothed_s + share * mean_s;
	return (JOBS - over) * gnu->smoothed_s;
}

/* A run under way: each slot has a job, that ends at some time. */
struct simulation {
	const double *times;
	bool known; /* a journal has the times: on a machine that was twice as fast */
	double ends_s[SLOTS];
	int jobs[SLOTS]; /* -1: none */
	int begun, over;
	struct estimate_sample sample;
	struct estimate estimate;
	struct gnu gnu;
};

static void begin_job(struct simulation *run, int slot)
{
	run->jobs[slot] = run->begun < JOBS ? run->begun : -1;
	run->ends_s[slot] = INFINITY;
	if (run->begun < JOBS)
		run->ends_s[slot] = run->sample.at_s + run->times[run->begun++];
}

static struct estimate_rest rest_of_run(const struct simulation *run)
{
	struct estimate_rest rest = {.left = (uint64_t)(JOBS - run->begun), .known_left_s = -1};

	for (int i = 0; i < SLOTS; i++) {
		if (run->jobs[i] < 0)
			continue;
		rest.running++;
		rest.at_work_s += run->times[run->jobs[i]] - (run->ends_s[i] - run->sample.at_s);
	}
	if (!run->known)
		return rest;
	rest.known_left_s = 0;
	for (int i = 0; i < JOBS; i++)
		*(i < run->begun ? &rest.known_s : &rest.known_left_s) += run->times[i] / 2;
	return rest;
}

/* The next job ends. What is said then goes to `said`. */
static void end_job(struct simulation *run, struct said *said)
{
	int slot = 0;

	for (int i = 1; i < SLOTS; i++)
		if (run->ends_s[i] < run->ends_s[slot])
			slot = i;
	double time_s = run->times[run->jobs[slot]];
	run->sample.at_s = run->ends_s[slot];
	run->sample.over++;
	run->over++;
	run->sample.spent_s += time_s;
	run->sample.squares_s += time_s * time_s;
	begin_job(run, slot);
	estimate_add(&run->estimate, &run->sample);
	struct estimate_rest rest = rest_of_run(run);
	struct time_range range = {0};
	estimate_left(&run->estimate, &run->sample, &rest, &range);
	*said = (struct said){run->sample.at_s, range.middle_s, range.least_s, range.most_s,
	    gnu_eta(&run->gnu, run->sample.at_s, run->over)};
}

/* What is said when a quarter, a half and three quarters of the work are done; and the length. */
static double simulate(const double times[JOBS], bool known, struct said at[POINTS])
{
	struct simulation run = {.times = times, .known = known};
	struct said said = {0};
	double work_s = 0;

	for (int i = 0; i < JOBS; i++)
		work_s += times[i];
	estimate_init(&run.estimate);
	for (int i = 0; i < SLOTS; i++)
		begin_job(&run, i);
	for (int point = 0; run.over < JOBS;) {
		end_job(&run, &said);
		while (point < POINTS && run.sample.spent_s >= work_s * (point + 1) / (POINTS + 1))
			at[point++] = said;
	}
	return run.sample.at_s;
}

struct kind {
	const char *name;
	void (*make)(double times[JOBS]);
	bool known;
	/* the most that we may be off, on the average, in parts of the whole run */
	double most[POINTS];
};

/* Mean errors of a kind of run, in parts of its length. */
static void judge(const struct kind *kind)
{
	double ours[POINTS] = {0}, theirs[POINTS] = {0}, held[POINTS] = {0}, all = 0, gnu = 0;
	static double times[JOBS];

	state = 88172645463325252u;
	for (int i = 0; i < RUNS; i++) {
		struct said at[POINTS];
		kind->make(times);
		double length_s = simulate(times, kind->known, at);
		for (int k = 0; k < POINTS; k++) {
			double left_s = length_s - at[k].at_s;
			ours[k] += fabs(at[k].ours_s - left_s) / length_s / RUNS;
			theirs[k] += fabs(at[k].theirs_s - left_s) / length_s / RUNS;
			held[k] += (left_s >= at[k].least_s && left_s <= at[k].most_s) * 1.0 / RUNS;
		}
	}
	for (int k = 0; k < POINTS; k++) {
		printf("%-22s %2d %% done: off by %4.1f %% of the run, GNU parallel by %4.1f %%; "
		       "in the range %3.0f %%\n",
		    kind->name, 25 * (k + 1), 100 * ours[k], 100 * theirs[k], 100 * held[k]);
		all += ours[k];
		gnu += theirs[k];
		if (ours[k] > kind->most[k])
			fprintf(stderr, "too much\n"), exit(1);
		/* Nine of ten, of RUNS cases. */
		if (held[k] < 0.8)
			fprintf(stderr, "too often not in the range\n"), exit(1);
	}
	if (all > gnu * 1.05 + 0.005)
		fprintf(stderr, "worse than GNU parallel\n"), exit(1);
}

int main(void)
{
	static const struct kind kinds[] = {
	    {"constant", make_constant, false, {0.02, 0.02, 0.02}},
	    {"heavy-tailed", make_heavy, false, {0.13, 0.08, 0.05}},
	    {"slowing down", make_slower, false, {0.04, 0.02, 0.01}},
	    {"longest first", make_longest_first, false, {0.12, 0.08, 0.07}},
	    {"longest last", make_longest_last, false, {0.33, 0.26, 0.17}},
	    {"longest first, known", make_longest_first, true, {0.03, 0.01, 0.01}},
	    {"longest last, known", make_longest_last, true, {0.06, 0.05, 0.05}},
	};

	for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
		judge(&kinds[i]);
	return 0;
}
