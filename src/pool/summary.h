/*
 * summary: statistics about the jobs of a run: for --summary, and the median run time for --timeout
 * N%.
 */
#ifndef PEXEC_POOL_SUMMARY_H
#define PEXEC_POOL_SUMMARY_H

#include <stdint.h>

#include "base/lock.h"
#include "pool/ranking.h"
#include "record/job_record.h"

/*
 * Run times are counted in classes, 32 to each doubling of the time: so the median takes constant
 * memory and is right within 3 % (1/32).
 */
enum { CLASS_BITS = 5, CLASSES = (64 - CLASS_BITS + 1) << CLASS_BITS };

struct summary {
	struct lock lock;      /* guards all other fields */
	double began_s;        /* of CLOCK_MONOTONIC */
	double process_time_s; /* run time of all processes together, failed attempts included */
	uint64_t jobs;         /* that are over */
	uint64_t failed;       /* jobs, without those that timed out */
	uint64_t timed_out;    /* jobs */
	uint64_t retried;      /* jobs with more than one attempt */
	uint64_t classes[CLASSES]; /* how many jobs had a run time of each class */
	struct ranking slowest;    /* by run time, with their items, escaped for messages */
};

/* Begins the summary: the run begins now. */
void summary_init(struct summary *summary);

/* Counts a job that is over. Safe from any thread. */
void summary_add(struct summary *summary, const struct job_record *record);

/* A job that was counted is left for another run after all. Safe from any thread. */
void summary_take_back(struct summary *summary, const struct job_record *record);

/* Counts a process that ran for `runtime_s` seconds, even if its job is retried. Safe from any
 * thread. */
void summary_add_process(struct summary *summary, double runtime_s);

/* The median run time of a job in seconds; 0 until three jobs are over. Safe from any thread. */
double summary_median(struct summary *summary);

/*
 * Prints the summary to stderr; `rest` is what is left undone, in words, or empty. Call it when no
 * slot is left.
 */
void summary_print(struct summary *summary, const char *rest);

/* Frees the summary's memory. */
void summary_free(struct summary *summary);

#endif
