/*
 * statistics: what the jobs of a run have come to: for --summary, and for the median run time.
 */
#ifndef PEXEC_POOL_STATISTICS_H
#define PEXEC_POOL_STATISTICS_H

#include <pthread.h>
#include <stdint.h>

#include "queue/job.h"

/* The slowest jobs that a summary names. */
enum { SLOWEST = 5 };

/* Run times are counted in classes, 32 to each doubling, so that the median is right within 3 %. */
enum { CLASS_BITS = 5, CLASSES = (64 - CLASS_BITS + 1) << CLASS_BITS };

struct slow_job {
	double runtime;
	uint64_t seq;
	char *item; /* made safe to print */
};

struct statistics {
	pthread_mutex_t lock; /* guards what follows */
	double began;         /* seconds, on a clock that only goes forward */
	double runtime;       /* of all processes together, those of failed attempts too */
	uint64_t jobs, failed, timed_out, retried;
	uint64_t classes[CLASSES];
	struct slow_job slowest[SLOWEST]; /* the slowest first */
};

void statistics_init(struct statistics *statistics);

/* Counts a job that is over. */
void statistics_add(struct statistics *statistics, const struct job *job);

/* Counts a process that has run for so many seconds, whatever becomes of its job. */
void statistics_add_process(struct statistics *statistics, double runtime);

/* The median run time in seconds; 0 until three jobs have ended. */
double statistics_median(struct statistics *statistics);

/* Prints the summary to stderr; `left_out` jobs are left for another run. */
void statistics_print(struct statistics *statistics, uint64_t left_out);

void statistics_free(struct statistics *statistics);

#endif
