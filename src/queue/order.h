/*
 * order: the whole queue in memory, to be run in the order of how long its jobs took in an earlier
 * run (--order).
 *
 * The jobs are numbered before they come here, and keep their numbers: so the journal and --resume
 * fit. What is kept of each are its items, 64 bytes, and nothing else. All of it is for the slot
 * that has the turn at the queue, but for order_left.
 */
#ifndef PEXEC_QUEUE_ORDER_H
#define PEXEC_QUEUE_ORDER_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/strlist.h"
#include "command/template.h"
#include "queue/job.h"
#include "queue/queue_options.h"
#include "record/run_times.h"

struct order {
	const struct queue_options *options;
	const struct template *template;
	struct run_times times;
	struct kept_job *jobs;
	size_t count, room;
	size_t next;                    /* the job that is taken next */
	bool complete;                  /* the queue is all here, and sorted */
	struct strlist values;          /* the items of all jobs */
	struct strlist command, quoted; /* of the job that is being put in */
	_Atomic int64_t left;           /* items in jobs that are here */
	double mean_s;                  /* run time of those that the journal knows; 0: none is */
	_Atomic int64_t left_ms;        /* run times of jobs that are here, and of those */
	_Atomic int64_t taken_ms;       /* that were taken; of unknown ones the mean */
};

/* Reads the journal that the options name. Exits with status 1 and a message if that fails. */
void order_init(
    struct order *order, const struct queue_options *options, const struct template *template);

/* Is there another order than the queue's? Otherwise the functions below are not for it. */
bool order_is_used(const struct order *order);

/* Takes in what the job is; the job itself can be used again. Returns false without memory. */
bool order_put(struct order *order, const struct job *job);

/* The queue is all here: sorts it. */
void order_complete(struct order *order);

/* Fills an empty job with the next one. Returns false when there is none left. */
bool order_take(struct order *order, struct job *job);

/* How many items are in jobs that are here. Safe from any thread. */
int64_t order_left(const struct order *order);

/*
 * The run times, in seconds, of jobs that were taken, and of those that are here, where the journal
 * knows any; else `left_s` is -1. Safe from any thread.
 */
void order_times(const struct order *order, double *taken_s, double *left_s);

void order_free(struct order *order);

#endif
