#include "queue/shares.h"

#include <assert.h>
#include <err.h>
#include <stdlib.h>

size_t shares_size(size_t count, size_t slots)
{
	return slots < 2 ? count : count / slots + (count % slots > 0);
}

size_t shares_smaller_size(size_t count, size_t size)
{
	assert(count > 0 && size > 0);
	if (size == 1)
		return 0;
	/* The fewest slots with which a job gets fewer items than that. */
	size_t slots = (count + size - 2) / (size - 1);
	return shares_size(count, slots);
}

void shares_open(struct shares *shares, size_t width)
{
	*shares = (struct shares){.item.values = calloc(width + 1, sizeof *shares->item.values)};
	if (!shares->item.values)
		err(1, "opening the queue");
}

void shares_take(struct shares *shares, struct strlist *values, size_t count, size_t most)
{
	struct strlist empty = shares->values;

	assert(shares_left(shares) == 0 && count > 0 && values->count % count == 0);
	strlist_clear(&empty);
	shares->values = *values;
	*values = empty;
	shares->width = shares->values.count / count;
	shares->most = most;
	shares->next = 0;
}

size_t shares_left(const struct shares *shares)
{
	return shares->width == 0 ? 0 : shares->values.count / shares->width - shares->next;
}

const struct item *shares_next(struct shares *shares)
{
	struct item *item = &shares->item;

	if (shares_left(shares) == 0)
		return NULL;
	item->count = item->longest = 0;
	for (size_t i = shares->next * shares->width; item->count < shares->width; i++) {
		size_t length = strlist_length(&shares->values, i);
		item->values[item->count++] =
		    (struct value){strlist_at(&shares->values, i), length};
		item->longest = length > item->longest ? length : item->longest;
	}
	shares->next++;
	return item;
}

bool shares_are_enough(const struct shares *shares, size_t count)
{
	return shares->width > 0 && count > 0 &&
	       (count == shares->most || shares_left(shares) == 0);
}

void shares_close(struct shares *shares)
{
	strlist_free(&shares->values);
	free(shares->item.values);
}
