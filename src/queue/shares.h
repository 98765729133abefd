/*
 * shares: the items of the last batch of a queue (-X), shared out to all slots.
 *
 * When the end of the queue shows while a batch is gathered, what it has is all that is left: one
 * slot would run it, and the others would have nothing to do. So it is gathered again, in jobs of
 * as many items for each slot.
 */
#ifndef PEXEC_QUEUE_SHARES_H
#define PEXEC_QUEUE_SHARES_H

#include <stdbool.h>
#include <stddef.h>

#include "base/strlist.h"
#include "queue/item.h"

struct shares {
	struct strlist values; /* of all items */
	size_t width;          /* values of an item */
	size_t most;           /* items of a job */
	size_t next;           /* the number of the item that is handed out next */
	struct item item;      /* the one that was handed out last */
};

/*
 * How many items each job gets when `count` of them are shared out to `slots` slots, as GNU
 * parallel counts them: all jobs have the same number, but the last, which may have fewer.
 */
size_t shares_size(size_t count, size_t slots);

/*
 * The next smaller size that `count` items can be shared out in, whatever the slots: 0 when there
 * is none. A walk from `count` on has as many steps as twice the square root of it.
 */
size_t shares_smaller_size(size_t count, size_t size);

/* Makes room for items of at most `width` values. Exits with status 1 without memory. */
void shares_open(struct shares *shares, size_t width);

/*
 * Takes the `count` items of a list, which is empty then, to be handed out in jobs of `most`. What
 * was taken before has been handed out.
 */
void shares_take(struct shares *shares, struct strlist *values, size_t count, size_t most);

/* The next item: valid until shares_take. NULL: there is none. */
const struct item *shares_next(struct shares *shares);

/* How many items were not handed out? */
size_t shares_left(const struct shares *shares);

/* Is a job complete that has `count` of the items, and what follows it the next one's? */
bool shares_are_enough(const struct shares *shares, size_t count);

void shares_close(struct shares *shares);

#endif
