/*
 * rest: what a run that was ended leaves undone: jobs that it has taken, and items that it has not.
 */
#ifndef PEXEC_POOL_REST_H
#define PEXEC_POOL_REST_H

#include <stdbool.h>
#include <stdint.h>

#include "pool/progress.h"
#include "queue/queue.h"

struct rest {
	uint64_t jobs;   /* taken from the queue, or added to it, and neither over nor given back */
	int64_t items;   /* of the queue that no job has begun with; -1: there may be some */
	bool is_at_most; /* the journal may leave some of the items out */
	bool is_endless; /* the queue never ends: that there are more items is no matter */
};

/* What is left now. When no slot is left, or the run gives up. */
struct rest rest_of(const struct progress *progress, struct queue *queue);

/* Is nothing at all left? */
bool rest_is_none(const struct rest *rest);

/* Is something left that a run which was only drained should not pass over in silence? */
bool rest_is_undone(const struct rest *rest);

/* What is left, for a message, in a buffer of REST_TEXT bytes. Returns it. Not when that is none.
 */
enum { REST_TEXT = 128 };
const char *rest_text(const struct rest *rest, char text[REST_TEXT]);

#endif
