#include "pool/statistics.h"
#include "cli/options.h"

#include <err.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

#include "base/clock.h"
#include "base/escape.h"

/* The median of fewer says nothing. */
enum { MEDIAN_LEAST = 3 };

void statistics_init(struct statistics *statistics)
{
	*statistics = (struct statistics){.began = clock_seconds(CLOCK_MONOTONIC)};
	pthread_mutex_init(&statistics->lock, NULL);
}

/* The class of a time in microseconds: its highest bit, and the CLASS_BITS that follow. */
static size_t class_of(double runtime)
{
	uint64_t time = runtime > 0 ? (uint64_t)(runtime * 1e6) : 0;
	int shift = time >> CLASS_BITS ? 63 - __builtin_clzll(time) - CLASS_BITS : -1;

	if (shift < 0)
		return (size_t)time;
	return ((size_t)(shift + 1) << CLASS_BITS) + ((time >> shift) & ((1 << CLASS_BITS) - 1));
}

/* The middle of a class, in seconds. */
static double middle_of(size_t class)
{
	size_t shift = class >> CLASS_BITS, rest = class & ((1 << CLASS_BITS) - 1);
	double width = shift > 1 ? (double)(1ULL << (shift - 1)) : 1;

	return ((double)(shift > 0 ? rest + (1 << CLASS_BITS) : rest) + 0.5) * width / 1e6;
}

/* Puts a job among the slowest, if it is one of them. */
static void rank(struct statistics *statistics, const struct job *job)
{
	struct slow_job *slowest = statistics->slowest;
	char item[ESCAPED];
	size_t at = SLOWEST;

	while (at > 0 && (!slowest[at - 1].item || slowest[at - 1].runtime < job->runtime))
		at--;
	if (at == SLOWEST)
		return;
	char *copy = strdup(escape_item(item, &job->items, 0));
	if (!copy)
		return;
	free(slowest[SLOWEST - 1].item);
	memmove(&slowest[at + 1], &slowest[at], (SLOWEST - 1 - at) * sizeof *slowest);
	slowest[at] = (struct slow_job){job->runtime, job->seq, copy};
}

void statistics_add(struct statistics *statistics, const struct job *job)
{
	pthread_mutex_lock(&statistics->lock);
	statistics->jobs++;
	statistics->failed += job->failed && !job->timed_out;
	statistics->timed_out += job->timed_out;
	statistics->retried += job->attempt > 1;
	statistics->classes[class_of(job->runtime)]++;
	rank(statistics, job);
	pthread_mutex_unlock(&statistics->lock);
}

void statistics_add_process(struct statistics *statistics, double runtime)
{
	pthread_mutex_lock(&statistics->lock);
	statistics->runtime += runtime;
	pthread_mutex_unlock(&statistics->lock);
}

double statistics_median(struct statistics *statistics)
{
	size_t middle = 0;

	pthread_mutex_lock(&statistics->lock);
	uint64_t jobs = statistics->jobs, up_to = statistics->classes[0];
	while (middle < CLASSES - 1 && 2 * up_to < jobs)
		up_to += statistics->classes[++middle];
	pthread_mutex_unlock(&statistics->lock);
	return jobs < MEDIAN_LEAST ? 0 : middle_of(middle);
}

void statistics_print(struct statistics *statistics, uint64_t left_out)
{
	double wall = clock_seconds(CLOCK_MONOTONIC) - statistics->began;
	struct rusage usage;

	getrusage(RUSAGE_CHILDREN, &usage);
	pthread_mutex_lock(&statistics->lock);
	warnx("%" PRIu64 " done, %" PRIu64 " failed, %" PRIu64 " timed out, %" PRIu64 " retried",
	    statistics->jobs - statistics->failed - statistics->timed_out, statistics->failed,
	    statistics->timed_out, statistics->retried);
	warnx("%.3f s, of the processor %.3f s user and %.3f s system; %.2f jobs at a time", wall,
	    (double)usage.ru_utime.tv_sec + (double)usage.ru_utime.tv_usec / 1e6,
	    (double)usage.ru_stime.tv_sec + (double)usage.ru_stime.tv_usec / 1e6,
	    wall > 0 ? statistics->runtime / wall : 0);
	if (left_out > 0)
		warnx("%" PRIu64 " left for another run", left_out);
	for (size_t i = 0; i < SLOWEST && statistics->slowest[i].item; i++)
		warnx("%s%.3f s: job %" PRIu64 " (%s)", i == 0 ? "slowest: " : "         ",
		    statistics->slowest[i].runtime, statistics->slowest[i].seq,
		    statistics->slowest[i].item);
	pthread_mutex_unlock(&statistics->lock);
}

void statistics_free(struct statistics *statistics)
{
	for (size_t i = 0; i < SLOWEST; i++)
		free(statistics->slowest[i].item);
	pthread_mutex_destroy(&statistics->lock);
}
