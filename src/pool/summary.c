#include "pool/summary.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

#include "base/clock.h"
#include "base/escape.h"
#include "base/message.h"

/* How many jobs a median takes at least: that of fewer means nothing. */
enum { MEDIAN_JOBS = 3 };

void summary_init(struct summary *summary)
{
	*summary = (struct summary){.began_s = clock_seconds(CLOCK_MONOTONIC)};
	lock_init(&summary->lock, LOCK_PROGRESS);
}

/*
 * Returns the class of a run time: in microseconds, the position of its highest bit and the
 * CLASS_BITS that follow. A time below 1 << CLASS_BITS is its own class.
 */
static size_t class_of(double runtime_s)
{
	uint64_t time_us = runtime_s > 0 ? (uint64_t)(runtime_s * 1e6) : 0;
	int shift = time_us >> CLASS_BITS ? 63 - __builtin_clzll(time_us) - CLASS_BITS : -1;

	if (shift < 0)
		return (size_t)time_us;
	return ((size_t)(shift + 1) << CLASS_BITS) + ((time_us >> shift) & ((1 << CLASS_BITS) - 1));
}

/* The run time in the middle of a class, in seconds. */
static double class_middle_s(size_t class)
{
	size_t shift = class >> CLASS_BITS, rest = class & ((1 << CLASS_BITS) - 1);
	double width_us = shift > 1 ? (double)(1ULL << (shift - 1)) : 1;

	return ((double)(shift > 0 ? rest + (1 << CLASS_BITS) : rest) + 0.5) * width_us / 1e6;
}

/* Adds a job to the slowest if it is one of them. Leaves it out when memory runs out. */
static void rank(struct summary *summary, const struct job_record *record)
{
	size_t place = ranking_place(&summary->slowest, record->runtime_s);
	char item[ESCAPED];

	if (place == RANKED)
		return;
	char *copy = strdup(escape_item(item, record->items, 0));
	if (copy)
		ranking_put(&summary->slowest, place,
		    (struct ranked_job){record->runtime_s, record->seq, copy});
}

/* Counts a job, by 1, or by -1: no more. With the lock held. */
static void count(struct summary *summary, const struct job_record *record, int by)
{
	uint64_t one = (uint64_t)by; /* numbers without a sign wrap around */

	summary->jobs += one;
	summary->failed += record->failed && !record->timed_out ? one : 0;
	summary->timed_out += record->timed_out ? one : 0;
	summary->retried += record->attempt > 1 ? one : 0;
	summary->classes[class_of(record->runtime_s)] += one;
}

void summary_add(struct summary *summary, const struct job_record *record)
{
	lock_take(&summary->lock);
	count(summary, record, 1);
	rank(summary, record);
	lock_release(&summary->lock);
}

void summary_take_back(struct summary *summary, const struct job_record *record)
{
	lock_take(&summary->lock);
	count(summary, record, -1);
	ranking_take_off(&summary->slowest, record->seq);
	lock_release(&summary->lock);
}

void summary_add_process(struct summary *summary, double runtime_s)
{
	lock_take(&summary->lock);
	summary->process_time_s += runtime_s;
	lock_release(&summary->lock);
}

double summary_median(struct summary *summary)
{
	size_t middle = 0;

	lock_take(&summary->lock);
	uint64_t jobs = summary->jobs, up_to = summary->classes[0];
	while (middle < CLASSES - 1 && 2 * up_to < jobs)
		up_to += summary->classes[++middle];
	lock_release(&summary->lock);
	return jobs < MEDIAN_JOBS ? 0 : class_middle_s(middle);
}

void summary_print(struct summary *summary, const char *rest)
{
	double wall_s = clock_seconds(CLOCK_MONOTONIC) - summary->began_s;
	struct rusage usage;

	getrusage(RUSAGE_CHILDREN, &usage);
	message("%" PRIu64 " done, %" PRIu64 " failed, %" PRIu64 " timed out, %" PRIu64 " retried",
	    summary->jobs - summary->failed - summary->timed_out, summary->failed,
	    summary->timed_out, summary->retried);
	message("%.3f s, of the processor %.3f s user and %.3f s system; %.2f jobs at a time",
	    wall_s, (double)usage.ru_utime.tv_sec + (double)usage.ru_utime.tv_usec / 1e6,
	    (double)usage.ru_stime.tv_sec + (double)usage.ru_stime.tv_usec / 1e6,
	    wall_s > 0 ? summary->process_time_s / wall_s : 0);
	if (*rest)
		message("%s", rest);
	const struct ranked_job *slowest = summary->slowest.jobs;
	for (size_t i = 0; i < RANKED && slowest[i].text; i++)
		message("%s%.3f s: job %" PRIu64 " (%s)", i == 0 ? "slowest: " : "         ",
		    slowest[i].rank, slowest[i].seq, slowest[i].text);
}

void summary_free(struct summary *summary)
{
	ranking_free(&summary->slowest);
	lock_destroy(&summary->lock);
}
