/*
 * status: what a run has come to so far, in words and as JSON.
 */
#ifndef PEXEC_POOL_STATUS_H
#define PEXEC_POOL_STATUS_H

#include <stdbool.h>
#include <stdint.h>

#include "pace/gate.h"
#include "pace/sizer.h"
#include "pool/pool.h"
#include "pool/progress.h"
#include "queue/queue.h"

/* The parts of the run that the numbers come from. */
struct status_parts {
	struct progress *progress;
	struct pool *pool;
	const struct queue *queue;
	struct gate *gate;
	struct sizer *sizer;
};

struct status {
	unsigned running; /* jobs */
	unsigned slots;
	unsigned ready;   /* jobs that were added or put back, and may be taken now */
	unsigned delayed; /* jobs that wait for their next attempt */
	uint64_t done, failed;
	int64_t left;     /* items that no job has begun with; -1: that is not known */
	double seconds_s; /* since the run began */
	double rate;      /* attempts that end in a second, of late; -1: that is not known */
	double mean_s;    /* how long they take; -1: that is not known */
	bool is_auto;     /* -j auto finds the number of slots */
	bool paused;      /* by --ctl */
	char reason[GATE_REASON]; /* why no job starts; empty: there is none */
	enum run_phase phase;
};

/* A text has this much room. */
enum { STATUS_TEXT = 512 };

/* Takes the numbers as they are now. Safe from any thread. */
struct status status_of(const struct status_parts *parts);

/* "4 running, 120 done, 2 failed". */
void status_counts(const struct status *status, char text[STATUS_TEXT]);

/* The counts, and why no job starts where there is a reason. */
void status_title(const struct status *status, char text[STATUS_TEXT]);

/* The counts, with what is left where that is known, the slots, and whether anything is special. */
void status_line(const struct status *status, char text[STATUS_TEXT]);

/* All of it as an object of JSON, in one line. */
void status_json(const struct status *status, char text[STATUS_TEXT]);

#endif
