/*
 * observer: gathers what autosize decides by: a window of jobs that began with the present number
 * of slots.
 *
 * When the number of slots changes a new generation begins: jobs that are in flight then belong to
 * neither number, and a slot's time counts from its first job of the generation on. Where a window
 * begins without a change, its jobs go on into it.
 *
 * Times are seconds of one clock; it is told them, and asks for none. Not safe: whoever has it has
 * a lock.
 */
#ifndef PEXEC_PACE_OBSERVER_H
#define PEXEC_PACE_OBSERVER_H

#include <stdbool.h>

#include "pace/throughput.h"

struct observer {
	unsigned generation; /* from 1 */
	unsigned slots;      /* that have begun with it */
	double first_sum_s;  /* when each of them did, summed up */
	double start_sum_s;  /* when the jobs that run have begun, summed up */
	double run_sum_s;    /* run times of those that have ended */
	double slot_base_s;  /* what the sums had come to when the window began */
	double busy_base_s;
	struct window window; /* sums over its jobs; the times are filled in when it is asked for */
};

/* What is known of a slot's job. Zero at first. */
struct observed {
	unsigned slot_generation; /* in which the slot has begun a job */
	unsigned generation;      /* in which the job has begun */
	double started_s;
};

/* Makes it ready for the first generation. */
void observer_begin(struct observer *observer, unsigned slots);

/* There is another number of slots from now on. */
void observer_change(struct observer *observer, unsigned slots);

/* A window begins with the same number. */
void observer_renew(struct observer *observer, double now_s);

/* The slot starts a job. */
void observer_start(struct observer *observer, struct observed *job, double now_s);

/* The process could not be made after all. */
void observer_cancel(struct observer *observer, const struct observed *job);

/* What a job that has ended was. */
struct observation {
	double runtime_s, cpu_s;
	bool failed;
};

/* The job has ended. Returns whether it counts in the window. */
bool observer_end(
    struct observer *observer, const struct observed *job, const struct observation *seen);

/* The window up to now; what the machine does is left to the caller. */
struct window observer_window(const struct observer *observer, double now_s);

#endif
