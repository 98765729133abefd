/*
 * summary: what the jobs of a run have come to: for --summary, and for the median run time.
 */
#ifndef PEXEC_POOL_SUMMARY_H
#define PEXEC_POOL_SUMMARY_H

#include <stdint.h>

#include "base/lock.h"
#include "record/job_record.h"

/* The slowest jobs that a summary names. */
enum { SLOWEST = 5 };

/* Run times are counted in classes, 32 to each doubling, so that the median is right within 3 %. */
enum { CLASS_BITS = 5, CLASSES = (64 - CLASS_BITS + 1) << CLASS_BITS };

struct slow_job {
	double runtime;
	uint64_t seq;
	char *item; /* made safe to print */
};

struct summary {
	struct lock lock; /* guards what follows */
	double began;     /* seconds, on a clock that only goes forward */
	double runtime;   /* of all processes together, those of failed attempts too */
	uint64_t jobs, failed, timed_out, retried;
	uint64_t classes[CLASSES];
	struct slow_job slowest[SLOWEST]; /* the slowest first */
};

void summary_init(struct summary *summary);

/* Counts a job that is over. */
void summary_add(struct summary *summary, const struct job_record *record);

/* Counts a process that has run for so many seconds, whatever becomes of its job. */
void summary_add_process(struct summary *summary, double runtime);

/* The median run time in seconds; 0 until three jobs have ended. */
double summary_median(struct summary *summary);

/* Prints the summary to stderr; `left_out` jobs are left for another run. No slot is left. */
void summary_print(struct summary *summary, uint64_t left_out);

void summary_free(struct summary *summary);

#endif
