/*
 * weights: jobs that take more than one slot (--weight).
 *
 * A job starts when the slots that it takes are free beside those of the jobs that run; one that
 * takes more than there are, when no other one runs. Jobs start in the order in which they were
 * taken from the queue, so that light ones do not keep a heavy one waiting for ever.
 *
 * Safe from any thread; without --weight nothing is done.
 */
#ifndef PEXEC_PACE_WEIGHTS_H
#define PEXEC_PACE_WEIGHTS_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/queue.h>

#include "base/lock.h"

/* The place of a slot's job among those that were taken and have not started. */
struct weight_place {
	TAILQ_ENTRY(weight_place) next;
	bool in_line;
	unsigned weight;         /* slots that the job takes */
	unsigned taken;          /* by it, while it runs */
	const atomic_bool *turn; /* once it is set the others wait for the job: then it starts
				  * whatever they take, and takes none; NULL: that cannot be */
};

TAILQ_HEAD(weight_line, weight_place);

struct weights {
	bool used;
	const atomic_uint *slots; /* how many there are */
	struct lock lock;         /* guards what follows, and places */
	struct weight_line line;
	unsigned long taken; /* slots that the jobs take that run */
};

/* `slots`: where it stands how many slots there are. */
void weights_init(struct weights *weights, bool used, const atomic_uint *slots);
void weights_destroy(struct weights *weights);

/* A job was taken from the queue: it gets its place, behind all others. */
void weights_line_up(struct weights *weights, struct weight_place *place);

/* The job takes so many slots, and others wait for it where `turn` says so: see the place. */
void weights_set(
    struct weights *weights, struct weight_place *place, unsigned weight, const atomic_bool *turn);

/* It is not going to start, if it has not: returns whether others have to look again. */
bool weights_step_out(struct weights *weights, struct weight_place *place);

/* May the job start? */
bool weights_allow(struct weights *weights, const struct weight_place *place);

/* The same, and if so it takes its slots. Others have to look again (weights_have_line). */
bool weights_enter(struct weights *weights, struct weight_place *place);

/* It does not run any more. */
void weights_leave(struct weights *weights, struct weight_place *place);

/*
 * What the first in line waits for, where slots are free and are too few: "slots: 1 of 3". Returns
 * false where it is nothing.
 */
bool weights_reason(struct weights *weights, char *reason, size_t size);

/* Does a job wait for others to start, or to end? */
bool weights_have_line(struct weights *weights);

#endif
