#include "queue/fetched_items.h"

#include <errno.h>
#include <string.h>

#include "base/escape.h"
#include "base/message.h"
#include "queue/value.h"

void fetched_items_open(struct fetched_items *items, const struct queue_options *options,
    size_t limit, int interrupt_fd)
{
	*items = (struct fetched_items){.options = options,
	    .limit = limit,
	    .interrupt_fd = interrupt_fd,
	    .reader = {.fd = -1},
	    .fetch = fetch_open(options, interrupt_fd)};
}

/* --next: reads all that the command prints, and keeps the first value, and one to be named. */
static enum source_status read_single(struct fetched_items *items)
{
	enum source_status status;
	struct record record;

	while ((status = value_read(items->options, &items->reader, &record, &items->last_seen)) ==
	       SOURCE_ITEM) {
		strlist_add(&items->taken, record.bytes, record.kept);
		if (items->taken_count++ == 0)
			items->taken_length = record.length;
		else if (items->taken.count > 2)
			strlist_drop(&items->taken, 1);
	}
	return status;
}

/*
 * What the command prints cannot be read, for the reason in errno: says so, and what is lost by it.
 * The command is not asked for it again: it may have taken it off its queue.
 */
static void say_unread(struct fetched_items *items)
{
	const char *reason = strerror(errno), *option = fetch_option(items->fetch);
	struct record first = {0};
	char shown[ESCAPED];

	size_t rest = reader_rest(&items->reader, &first);
	if (items->taken_count > 0)
		escape_item(shown, &items->taken, 0);
	else
		escape(shown, sizeof shown, first.bytes, first.kept);
	if (items->taken_count + rest > 0)
		message("%s: reading what it prints: %s; not run: '%s' and what follows it", option,
		    reason, shown);
	else
		message("%s: reading what it prints: %s; the rest is not run", option, reason);
	items->is_unread = true;
}

/* Reads what the command prints. SOURCE_LATER: it has printed all of it. */
static enum source_status read_on(struct fetched_items *items, struct record *record)
{
	enum source_status status =
	    items->options->next
		? read_single(items)
		: value_read(items->options, &items->reader, record, &items->last_seen);

	if (status == SOURCE_ITEM || status == SOURCE_INTERRUPTED)
		return status;
	if (status == SOURCE_FAILED)
		say_unread(items);
	reader_close(&items->reader);
	/* It may print for ever. */
	if (items->last_seen || items->is_unread)
		fetch_stop(items->fetch, 0);
	return items->is_unread ? SOURCE_FAILED : SOURCE_LATER;
}

/* The command has ended. Has --next given an item? */
static bool take_single(struct fetched_items *items, struct record *record)
{
	/* redis-cli and the like say that there is nothing by an empty line. */
	bool empty = items->taken_count <= 1 && items->taken_length == 0;

	if (!fetch_judge(items->fetch, &items->taken, empty ? 0 : items->taken_count))
		return false;
	bool kept = !strlist_failed(&items->taken);
	*record = (struct record){.bytes = kept ? strlist_at(&items->taken, 0) : NULL,
	    .kept = kept ? strlist_length(&items->taken, 0) : 0,
	    .length = items->taken_length};
	return true;
}

enum source_status fetched_items_next(struct fetched_items *items, struct record *record)
{
	bool failed;

	if (items->is_unread)
		return SOURCE_FAILED;
	if (items->reader.fd >= 0) {
		enum source_status status = read_on(items, record);
		if (status != SOURCE_LATER)
			return status;
	}
	if (fetch_is_running(items->fetch)) {
		if (!fetch_wait(items->fetch))
			return SOURCE_INTERRUPTED;
		if (take_single(items, record))
			return SOURCE_ITEM;
	}
	if (items->options->next && items->last_seen)
		return SOURCE_END;
	if (!fetch_is_over(items->fetch, &failed))
		return SOURCE_LATER;
	return failed ? SOURCE_FAILED : SOURCE_END;
}

void fetched_items_run(struct fetched_items *items)
{
	int fd = fetch_start(items->fetch);

	items->last_seen = false;
	strlist_clear(&items->taken);
	items->taken_count = items->taken_length = 0;
	if (fd >= 0)
		value_open(items->options, &items->reader, fd, items->interrupt_fd, items->limit);
}

void fetched_items_finish(struct fetched_items *items, bool patience)
{
	if (!items->fetch || !fetch_is_running(items->fetch))
		return;
	fetch_stop(items->fetch, patience ? items->options->grace_ms : 0);
	/* What has come is at hand: nothing is waited for. */
	items->reader.waits = false;
	if (items->options->next && items->reader.fd >= 0 && read_single(items) == SOURCE_FAILED)
		say_unread(items);
	reader_close(&items->reader);
}

void fetched_items_close(struct fetched_items *items)
{
	reader_free(&items->reader);
	strlist_free(&items->taken);
	fetch_free(items->fetch);
}
