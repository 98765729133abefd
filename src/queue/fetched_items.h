/*
 * fetched_items: the items that commands print (--source, --next).
 */
#ifndef PEXEC_QUEUE_FETCHED_ITEMS_H
#define PEXEC_QUEUE_FETCHED_ITEMS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/reader.h"
#include "base/strlist.h"
#include "queue/fetch.h"
#include "queue/item.h"
#include "queue/queue_options.h"

struct fetched_items {
	const struct queue_options *options;
	struct fetch *fetch;  /* the command; NULL: the queue is not fetched */
	struct reader reader; /* of what it prints */
	bool last_seen;       /* the item that -E names was read */
	bool is_unread;       /* what the command prints could not be read: that ends the run */
	size_t limit;         /* bytes of a record that are kept */
	int interrupt_fd;     /* ends a wait */

	/* --next: the values that the last command has printed, behind each its whole length */
	struct strlist printed;
	size_t count; /* of them that are items: none before the command was judged */
	size_t given; /* of these, handed out */
};

void fetched_items_open(struct fetched_items *items, const struct queue_options *options,
    size_t limit, int interrupt_fd);

/* The next value. SOURCE_LATER: none until fetched_items_run is called. SOURCE_FAILED: the last
 * round has failed, or what a command prints could not be read; that has been said. */
enum source_status fetched_items_next(struct fetched_items *items, struct record *record);

/* Runs the command, when it is due (fetch_due); so many items are `wanted`. */
void fetched_items_run(struct fetched_items *items, unsigned long long wanted);

/* See source_has_given. */
bool fetched_items_are_left(const struct fetched_items *items);

/* See source_finish. */
void fetched_items_finish(struct fetched_items *items, bool patience);

/* See source_report_rest. */
bool fetched_items_report_rest(
    const struct fetched_items *items, const struct value *first, size_t count);

void fetched_items_close(struct fetched_items *items);

#endif
