/*
 * status: what a run has come to so far, in words and as JSON.
 */
#ifndef PEXEC_POOL_STATUS_H
#define PEXEC_POOL_STATUS_H

#include <stddef.h>

#include "pool/pool.h"

struct status {
	unsigned running; /* jobs */
	unsigned slots;
	unsigned delayed; /* jobs that wait for their next attempt */
	uint64_t done, failed;
	int64_t left;    /* items that no job has begun with; -1: nobody knows */
	int64_t seconds; /* since the pool was made */
	bool paused;
	enum pool_state state;
};

/* A text has this much room. */
enum { STATUS_TEXT = 512 };

/* Takes the numbers as they are now. */
struct status status_of(struct pool *pool);

/* "4 running, 120 done, 2 failed". */
void status_counts(const struct status *status, char text[STATUS_TEXT]);

/* The same, with what is left where that is known, the slots, and whether anything is special. */
void status_line(const struct status *status, char text[STATUS_TEXT]);

/* All of it as an object of JSON, in one line. */
void status_json(const struct status *status, char text[STATUS_TEXT]);

#endif
