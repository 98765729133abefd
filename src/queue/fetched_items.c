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

/* --- what --next has printed --- */

static size_t count_printed(const struct fetched_items *items)
{
	return items->printed.count / 2;
}

/* The value with this number, as it was read. */
static struct record printed_value(const struct fetched_items *items, size_t index)
{
	struct record record = {.bytes = strlist_at(&items->printed, 2 * index),
	    .kept = strlist_length(&items->printed, 2 * index)};

	memcpy(&record.length, strlist_at(&items->printed, 2 * index + 1), sizeof record.length);
	return record;
}

/* Keeps a value. Returns false without memory, with errno. */
static bool keep(struct fetched_items *items, const struct record *record)
{
	size_t before = items->printed.count;

	strlist_add(&items->printed, record->bytes, record->kept);
	strlist_add(&items->printed, (const char *)&record->length, sizeof record->length);
	errno = ENOMEM;
	return strlist_keep(&items->printed, before);
}

/* Hands out the next item. Returns false when there is none. */
static bool give(struct fetched_items *items, struct record *record)
{
	if (items->given == items->count)
		return false;
	*record = printed_value(items, items->given++);
	return true;
}

/* --- reading --- */

/*
 * What the command prints cannot be read, for the reason in errno: says so, and what is lost by it;
 * `lost` is the value that there is no room for, NULL: it has not come. The command is not asked
 * for it again: it may have taken it off its queue.
 */
static void say_unread(struct fetched_items *items, const struct record *lost)
{
	const char *reason = strerror(errno), *option = fetch_option(items->fetch);
	bool any = lost || count_printed(items) > 0;
	struct record first = {0};
	char shown[ESCAPED];

	if (count_printed(items) > 0)
		first = printed_value(items, 0);
	else if (lost)
		first = *lost;
	else
		any = reader_rest(&items->reader, &first) > 0;
	if (any)
		message("%s: reading what it prints: %s; not run: '%s' and what follows it", option,
		    reason, escape(shown, sizeof shown, first.bytes, first.kept));
	else
		message("%s: reading what it prints: %s; the rest is not run", option, reason);
	items->is_unread = true;
}

/* --next: reads all that the command prints, and keeps it. What cannot be read has been said. */
static enum source_status read_all(struct fetched_items *items)
{
	enum source_status status;
	struct record record;

	while ((status = value_read(items->options, &items->reader, &record, &items->last_seen)) ==
	       SOURCE_ITEM)
		if (!keep(items, &record)) {
			say_unread(items, &record);
			return SOURCE_FAILED;
		}
	if (status == SOURCE_FAILED)
		say_unread(items, NULL);
	return status;
}

/* --source: reads the next value. */
static enum source_status read_one(struct fetched_items *items, struct record *record)
{
	enum source_status status =
	    value_read(items->options, &items->reader, record, &items->last_seen);

	if (status == SOURCE_FAILED)
		say_unread(items, NULL);
	return status;
}

/* Reads what the command prints. SOURCE_LATER: it has printed all of it. */
static enum source_status read_on(struct fetched_items *items, struct record *record)
{
	bool is_next = items->options->next != NULL;
	enum source_status status = is_next ? read_all(items) : read_one(items, record);

	if (status == SOURCE_ITEM || status == SOURCE_INTERRUPTED)
		return status;
	reader_close(&items->reader);
	/* It may print for ever; but what has taken items off a queue may have to complete that. */
	if (items->last_seen || items->is_unread)
		fetch_stop(
		    items->fetch, is_next && !items->is_unread ? items->options->grace_ms : 0);
	return items->is_unread ? SOURCE_FAILED : SOURCE_LATER;
}

/* The command has ended: what --next has printed are items, unless it has failed. */
static void judge(struct fetched_items *items)
{
	size_t count = count_printed(items);
	struct record first = {0};

	if (count > 0)
		first = printed_value(items, 0);
	/* redis-cli and the like say that there is nothing by an empty line. */
	if (count == 1 && first.length == 0)
		count = 0;
	if (fetch_judge(items->fetch, &first, count, items->last_seen))
		items->count = count;
}

enum source_status fetched_items_next(struct fetched_items *items, struct record *record)
{
	bool failed;

	if (items->is_unread)
		return SOURCE_FAILED;
	if (give(items, record))
		return SOURCE_ITEM;
	if (items->reader.fd >= 0) {
		enum source_status status = read_on(items, record);
		if (status != SOURCE_LATER)
			return status;
	}
	if (fetch_is_running(items->fetch)) {
		if (!fetch_wait(items->fetch))
			return SOURCE_INTERRUPTED;
		judge(items);
		if (give(items, record))
			return SOURCE_ITEM;
	}
	if (items->options->next && items->last_seen)
		return SOURCE_END;
	if (!fetch_is_over(items->fetch, &failed))
		return SOURCE_LATER;
	return failed ? SOURCE_FAILED : SOURCE_END;
}

void fetched_items_run(struct fetched_items *items, unsigned long long wanted)
{
	int fd = fetch_start(items->fetch, wanted);

	items->last_seen = false;
	strlist_clear(&items->printed);
	items->count = items->given = 0;
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
	if (items->options->next && items->reader.fd >= 0)
		read_all(items);
	reader_close(&items->reader);
}

void fetched_items_report_rest(
    const struct fetched_items *items, const struct value *first, size_t count)
{
	struct record record = {.bytes = first->bytes, .kept = first->length};
	size_t rest = count + items->count - items->given;
	char lost[FETCH_LOST];

	if (rest == 0)
		return;
	if (count == 0)
		record = printed_value(items, items->given);
	message("%s: taken off its queue, but not run: %s", fetch_option(items->fetch),
	    fetch_name_lost(lost, &record, rest));
}

void fetched_items_close(struct fetched_items *items)
{
	reader_free(&items->reader);
	strlist_free(&items->printed);
	fetch_free(items->fetch);
}
