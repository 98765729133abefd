#include "pace/throughput.h"

#include <math.h>

/* What is assumed of run times before any are seen: so many of this variance of their logarithm. */
static const double prior_ends = 2, prior_variance = 0.06;

/*
 * A window closes somewhere in the midst of jobs, and where all take as long they are all in the
 * same midst: what is counted is off by this much of a job for each slot.
 */
static const double edge_variance = 0.1;

/* The mean of jobs that have ended is too low while longer ones are in flight. */
static const double short_bias = 0.3;

/* Nothing is known better than that: 2 %. */
static const double least_variance = 0.0004;

/*
 * A failed job is next to no work: a server that refuses gets rid of clients fast. Not none at all:
 * where every job fails, rates are still to be compared.
 */
static const double work_of_failed = 0.02;

/* By run times alone a ratio of rates is off by this share of the logarithm of the slots' ratio. */
static const double model_error = 0.1;

/* The variance of n values, from the sums of them and of their squares, with what is assumed. */
static double variance(double sum, double squares, double n, double unit)
{
	double mean = sum / n;
	double about_mean = squares / n - mean * mean;

	if (about_mean < 0)
		about_mean = 0;
	/* A sample of n has n - 1 degrees of freedom. */
	return (about_mean / unit * n + prior_variance * prior_ends) / (n - 1 + prior_ends);
}

/*
 * The rate of the slots by the mean run time of the ended jobs, where run times are alike, and by
 * the count of them, where they are not, or much is counted. Sets its logarithm and variance.
 */
static void estimate_rate(const struct window *window, struct throughput *found)
{
	double n = window->ends, jobs_each = n / window->slots;
	double work = (n - window->failed * (1 - work_of_failed)) / n;
	double spread =
	    variance(window->runtime_s, window->runtime_s2, n, found->runtime_s * found->runtime_s);
	double counted = log(window->slots * n / window->slot_s);
	double by_mean = log(window->slots * found->busy / found->runtime_s);
	double counted_variance = edge_variance / (jobs_each * jobs_each) + least_variance;
	double mean_variance = short_bias * spread / jobs_each + least_variance;
	/* What is in flight takes longer than what has ended. */
	double age_s = window->busy_s - window->runtime_s;
	double late = window->running ? age_s / window->running / found->runtime_s - 0.75 : 0;
	if (late > 0)
		mean_variance += late * late;
	double weight = mean_variance / (counted_variance + mean_variance);

	found->log_rate = weight * counted + (1 - weight) * by_mean + log(work);
	found->rate_variance = spread / n + weight * counted_variance;
}

struct throughput throughput_of(const struct window *window)
{
	double n = window->ends;
	struct throughput found = {
	    .slots = window->slots,
	    .ends = n,
	    .runtime_s = window->runtime_s / n,
	    .log_runtime = window->log_sum / n,
	    .runtime_variance = variance(window->log_sum, window->log_sum2, n, 1),
	    .busy = fmin(1, window->busy_s / window->slot_s),
	    .cpu_s = window->cpu_s / n,
	};

	found.cpu_share = window->cpu_s / window->runtime_s * found.busy;
	estimate_rate(window, &found);
	return found;
}

void window_add(struct window *sum, const struct window *window)
{
	double all_s = sum->slot_s + window->slot_s;

	/* Shares count by the time that they are of. */
	sum->idle = sum->idle < 0 || window->idle < 0
			? window->idle
			: (sum->idle * sum->slot_s + window->idle * window->slot_s) / all_s;
	sum->memory_wait =
	    (sum->memory_wait * sum->slot_s + window->memory_wait * window->slot_s) / all_s;
	sum->slot_s = all_s;
	sum->busy_s += window->busy_s;
	sum->ends += window->ends;
	sum->failed += window->failed;
	sum->runtime_s += window->runtime_s;
	sum->runtime_s2 += window->runtime_s2;
	sum->log_sum += window->log_sum;
	sum->log_sum2 += window->log_sum2;
	sum->cpu_s += window->cpu_s;
	sum->running = window->running;
}

void window_fade(struct window *sum, double share)
{
	sum->slot_s *= share;
	sum->busy_s *= share;
	sum->ends *= share;
	sum->failed *= share;
	sum->runtime_s *= share;
	sum->runtime_s2 *= share;
	sum->log_sum *= share;
	sum->log_sum2 *= share;
	sum->cpu_s *= share;
}

struct gain throughput_gain(const struct throughput *from, const struct throughput *to)
{
	double slots = log((double)to->slots / from->slots);
	double counted = to->log_rate - from->log_rate;
	double by_times =
	    slots - (to->log_runtime - from->log_runtime) + log(to->busy / from->busy);
	double counted_variance = from->rate_variance + to->rate_variance;
	double times_variance = from->runtime_variance / from->ends +
				to->runtime_variance / to->ends +
				model_error * model_error * slots * slots + least_variance;
	double weight = times_variance / (counted_variance + times_variance);

	/* Both come from the same jobs: together they know no more than the better one. */
	return (struct gain){.log = weight * counted + (1 - weight) * by_times,
	    .deviation = sqrt(fmin(counted_variance, times_variance))};
}

double throughput_rate(const struct throughput *throughput)
{
	return exp(throughput->log_rate);
}
