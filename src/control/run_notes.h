/*
 * run_notes: what the control notes of a run as it goes on: what has become of each job, and how
 * fast they come to their end.
 *
 * A job takes two bytes. It is told of the run as a sink of events is, and any thread may ask.
 */
#ifndef PEXEC_CONTROL_RUN_NOTES_H
#define PEXEC_CONTROL_RUN_NOTES_H

#include <stdint.h>

#include "base/lock.h"
#include "record/events.h"

/* The rate is that of so many seconds, at most. */
enum { RATE_SECONDS = 10 };

struct run_notes {
	struct event_sink sink;
	struct events *events;
	struct lock lock;   /* guards what follows */
	uint16_t **chunks;  /* of jobs that are over, by their numbers: statuses, plus 1 */
	size_t chunk_count; /* entries of the table; NULL in it: no job of the chunk is over */
	int stop_status;    /* of the run; -1: it is not over */
	uint64_t ended;     /* attempts */
	double runtime_s;   /* of all of these together */
	uint64_t in_second[RATE_SECONDS + 1]; /* of these, by the second of the run, in turn */
	int64_t second;                       /* the last of these */
};

/* Begins to take notes, and ends that. */
void run_notes_begin(struct run_notes *notes, struct events *events);
void run_notes_end(struct run_notes *notes);

/*
 * The status of job `seq` that is over, as a shell shows it: 128 and the number of a signal; 125:
 * it was left out. 0 stands for the run. -1: it is not over, as far as is known.
 */
int run_notes_status(struct run_notes *notes, uint64_t seq);

/* The same, by the event that tells the end of a job, or of the run. */
int run_notes_status_of(const struct event *event);

/* How many attempts have ended in a second of late, and how long all have taken on average; -1:
 * none has ended. */
void run_notes_pace(struct run_notes *notes, double *rate, double *mean_s);

#endif
