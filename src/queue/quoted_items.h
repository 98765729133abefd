/*
 * quoted_items: items that blanks and newlines separate, in which quotes and backslashes protect
 * bytes, as POSIX has it for xargs; or lines in which they do.
 *
 * Bytes are taken as they arrive, and an item is handed out at the byte that ends it. The state is
 * kept in between, so that a wait can be interrupted anywhere.
 */
#ifndef PEXEC_QUEUE_QUOTED_ITEMS_H
#define PEXEC_QUEUE_QUOTED_ITEMS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/reader.h"
#include "queue/item.h"
#include "queue/queue_options.h"

/* What the next byte is. */
enum quoted_state {
	BETWEEN_ITEMS, /* blanks here, and newlines, are nothing */
	IN_ITEM,
	IN_QUOTES,
	BEHIND_BACKSLASH
};

struct quoted_items {
	const struct queue_options *options;
	const char *at, *end; /* what was read and not looked at: bytes of the reader */
	enum quoted_state state;
	char quote;       /* the one that ends the quotes */
	char previous;    /* the last byte, as it was read */
	bool has_begun;   /* there is an item, even where it is empty: '' */
	bool line_begins; /* the line has had no item yet */
	bool is_broken;   /* a quote was not closed: that has been said */
	bool last_seen;   /* the item that -E names was read */
	char *item;
	size_t kept, length; /* of the item: in memory, and as it was read */
	size_t room, limit;  /* of the item: what is allocated, and the most that is kept */
};

/* Of an item of more than `limit` bytes only the first ones are sure to be kept. */
void quoted_items_open(
    struct quoted_items *items, const struct queue_options *options, size_t limit);

/*
 * The next item of what `reader` reads, valid until the next call: record.line_goes_on tells
 * whether the line has another one, as far as that is known. SOURCE_FAILED: errno tells, or
 * `is_broken`, and the reason has been said.
 */
enum source_status quoted_items_next(
    struct quoted_items *items, struct reader *reader, struct record *record);

/* May another item follow? False only when it is certain that none does; never waits. */
bool quoted_items_more(const struct quoted_items *items, struct reader *reader);

/* How many bytes were read and not looked at? */
size_t quoted_items_pending(const struct quoted_items *items);

void quoted_items_close(struct quoted_items *items);

#endif
