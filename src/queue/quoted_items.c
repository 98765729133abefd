#include "queue/quoted_items.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/message.h"
#include "queue/value.h"

/* The room for an item at first. */
enum { LEAST_ROOM = 256 };

void quoted_items_open(
    struct quoted_items *items, const struct queue_options *options, size_t limit)
{
	*items = (struct quoted_items){.options = options, .limit = limit, .line_begins = true};
}

void quoted_items_close(struct quoted_items *items)
{
	free(items->item);
	items->item = NULL;
}

static bool is_blank(char byte)
{
	return byte == ' ' || byte == '\t';
}

/* Between items there may be all of these; within one, blanks and newlines alone end it. */
static bool is_space(char byte)
{
	return byte != '\0' && strchr(" \t\n\v\f\r", byte) != NULL;
}

/* Makes room for a byte. False without memory. */
static bool make_item_room(struct quoted_items *items)
{
	if (items->kept < items->room)
		return true;
	size_t room = items->room < LEAST_ROOM ? LEAST_ROOM : 2 * items->room;
	char *item = realloc(items->item, room);
	if (!item)
		return false;
	items->item = item;
	items->room = room;
	return true;
}

/* Adds a byte to the item; beyond the limit it is only counted. False without memory. */
static bool add_byte(struct quoted_items *items, char byte)
{
	items->state = items->state == IN_QUOTES ? IN_QUOTES : IN_ITEM;
	items->has_begun = true;
	items->length++;
	if (items->kept >= items->limit)
		return true;
	if (!make_item_room(items))
		return false;
	items->item[items->kept++] = byte;
	return true;
}

/* A quote opens or closes what it protects. */
static void turn_quote(struct quoted_items *items, char byte)
{
	items->has_begun = true;
	items->quote = byte;
	items->state = items->state == IN_QUOTES ? IN_ITEM : IN_QUOTES;
}

enum taken { GOES_ON, ITEM_ENDS, QUOTE_OPEN, NO_MEMORY };

/* Takes one byte of an item that is in no quotes. */
static enum taken take_plain(struct quoted_items *items, char byte)
{
	bool lines = items->options->separation == SEPARATE_QUOTED_LINES;

	if (byte == '\n' || (!lines && is_blank(byte)))
		return ITEM_ENDS;
	if (byte == '\\')
		items->state = BEHIND_BACKSLASH;
	else if (byte == '\'' || byte == '"')
		turn_quote(items, byte);
	else
		return add_byte(items, byte) ? GOES_ON : NO_MEMORY;
	return GOES_ON;
}

static enum taken take_byte(struct quoted_items *items, char byte)
{
	switch (items->state) {
	case BETWEEN_ITEMS:
		return is_space(byte) ? GOES_ON : take_plain(items, byte);
	case IN_ITEM:
		return take_plain(items, byte);
	case IN_QUOTES:
		if (byte == '\n')
			return QUOTE_OPEN;
		if (byte == items->quote)
			turn_quote(items, byte);
		else if (!add_byte(items, byte))
			return NO_MEMORY;
		return GOES_ON;
	case BEHIND_BACKSLASH:
		items->state = IN_ITEM;
		return add_byte(items, byte) ? GOES_ON : NO_MEMORY;
	}
	return GOES_ON;
}

/* Takes bytes until an item ends, or there are no more. */
static enum taken take_bytes(struct quoted_items *items, bool *line_goes_on)
{
	enum taken taken = GOES_ON;

	while (taken == GOES_ON && items->at < items->end) {
		char byte = *items->at++;
		taken = take_byte(items, byte);
		/* A blank at the end of a line joins the next one to it. */
		*line_goes_on = byte != '\n' || is_blank(items->previous);
		items->previous = byte;
		if (taken == ITEM_ENDS)
			items->line_begins = byte == '\n';
	}
	return taken;
}

static enum source_status refuse_quote(struct quoted_items *items)
{
	items->is_broken = true;
	message("unmatched %s quote; by default quotes are special to %s unless you use the -0 "
		"option",
	    items->quote == '"' ? "double" : "single", getprogname());
	return SOURCE_FAILED;
}

/* Hands out the item, unless it is the one that -E names. `looks`: it may be that one. */
static enum source_status hand_out(struct quoted_items *items, struct record *record, bool looks)
{
	*record = (struct record){.bytes = items->item ? items->item : "",
	    .kept = items->kept,
	    .length = items->length,
	    .line_goes_on = record->line_goes_on};
	items->kept = items->length = 0;
	items->has_begun = false;
	items->state = BETWEEN_ITEMS;
	if (value_judge(items->options, record) == VALUE_LAST && looks)
		items->last_seen = true;
	return items->last_seen ? SOURCE_END : SOURCE_ITEM;
}

/* The input has ended. As in GNU xargs what is left is an item only if there is a byte of it. */
static enum source_status take_rest(struct quoted_items *items, struct record *record)
{
	if (items->length == 0) {
		items->has_begun = false;
		return SOURCE_END;
	}
	if (items->state == IN_QUOTES)
		return refuse_quote(items);
	record->line_goes_on = false;
	/* As in GNU xargs the end of the input, and no newline, behind the item that -E names ends
	 * the queue only where it has the line for itself. */
	return hand_out(items, record, items->line_begins);
}

enum source_status quoted_items_next(
    struct quoted_items *items, struct reader *reader, struct record *record)
{
	struct record block;

	record->line_goes_on = false;
	for (;;) {
		if (items->last_seen || items->is_broken)
			return SOURCE_END;
		switch (take_bytes(items, &record->line_goes_on)) {
		case GOES_ON:
			break;
		case ITEM_ENDS:
			return hand_out(items, record, true);
		case QUOTE_OPEN:
			return refuse_quote(items);
		case NO_MEMORY:
			errno = ENOMEM;
			return SOURCE_FAILED;
		}
		enum reader_status status = reader_block(reader, &block);
		if (status == READER_END)
			return take_rest(items, record);
		if (status != READER_RECORD)
			return value_status(status);
		items->at = block.bytes;
		items->end = block.bytes + block.length;
	}
}

size_t quoted_items_pending(const struct quoted_items *items)
{
	return (size_t)(items->end - items->at);
}

bool quoted_items_more(const struct quoted_items *items, struct reader *reader)
{
	if (items->last_seen || items->is_broken)
		return false;
	/* The reader may use the place of the bytes only when they have been looked at. */
	return items->at < items->end || items->has_begun || reader_more(reader);
}
