#include "queue/fetched_items.h"

#include <errno.h>
#include <string.h>

#include "base/clock.h"
#include "base/escape.h"
#include "base/message.h"
#include "queue/value.h"

/* When the command of --next has ended, there is so much time to read what is in its pipe, in ms.
 */
enum { LAST_READ_MS = 1000 };

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

/*
 * --next: reads what the command prints, and keeps it, until `deadline_ms` of clock_ms(): then, or
 * where nothing can be read without waiting, returns SOURCE_INTERRUPTED. What cannot be read has
 * been said.
 */
static enum source_status read_until(struct fetched_items *items, int64_t deadline_ms)
{
	enum source_status status;
	struct record record;

	while ((status = value_read(items->options, &items->reader, &record, &items->last_seen)) ==
	       SOURCE_ITEM) {
		if (!keep(items, &record)) {
			say_unread(items, &record);
			return SOURCE_FAILED;
		}
		if (deadline_ms < INT64_MAX && clock_ms() >= deadline_ms)
			return SOURCE_INTERRUPTED;
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
	enum source_status status =
	    is_next ? read_until(items, INT64_MAX) : read_one(items, record);

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

bool fetched_items_are_left(const struct fetched_items *items)
{
	return items->fetch && !items->is_unread &&
	       (items->given < items->count || fetch_is_running(items->fetch));
}

/*
 * Reads what the command of --next has printed by now, until `deadline_ms` at most: other processes
 * that it has started may print for ever. `is_all`: what follows is not its own.
 */
static void read_by(struct fetched_items *items, int64_t deadline_ms, bool is_all)
{
	enum source_status status = SOURCE_INTERRUPTED;

	if (items->reader.fd < 0)
		return;
	items->reader.waits = false;
	status = read_until(items, deadline_ms);
	if (status == SOURCE_INTERRUPTED && is_all) {
		/* The last item may have no delimiter. */
		reader_finish(&items->reader);
		status = read_until(items, INT64_MAX);
	}
	if (status != SOURCE_INTERRUPTED || is_all)
		reader_close(&items->reader);
}

/* Reads what the command of --next prints, until it has ended. Returns false at the deadline. */
static bool read_to_end(struct fetched_items *items, int64_t patience_ms)
{
	int64_t deadline_ms = clock_ms() + patience_ms;
	enum fetch_event event;

	while ((event = fetch_await(items->fetch, deadline_ms, items->reader.fd)) == FETCH_READABLE)
		read_by(items, deadline_ms, false);
	return event == FETCH_ENDED;
}

void fetched_items_finish(struct fetched_items *items, bool patience)
{
	int64_t grace_ms = items->options->grace_ms;

	if (!items->fetch || !fetch_is_running(items->fetch))
		return;
	if (items->options->next) {
		/* A command whose output is not read could not end. */
		bool ends = read_to_end(items, patience ? grace_ms : 0);
		if (!ends) {
			fetch_tell(items->fetch);
			read_to_end(items, grace_ms);
		}
		fetch_end(items->fetch, !ends);
		read_by(items, clock_ms() + LAST_READ_MS, true);
	} else {
		fetch_stop(items->fetch, 0);
	}
	reader_close(&items->reader);
}

bool fetched_items_report_rest(
    const struct fetched_items *items, const struct value *first, size_t count)
{
	struct record record = {.bytes = first->bytes, .kept = first->length};
	size_t rest = count + items->count - items->given;
	char lost[FETCH_LOST];

	/* What could not be read, and what a command that was ended had printed, has been named. */
	if (rest == 0)
		return items->is_unread || fetch_has_lost(items->fetch);
	if (count == 0)
		record = printed_value(items, items->given);
	message("%s: taken off its queue, but not run: %s", fetch_option(items->fetch),
	    fetch_name_lost(lost, &record, rest));
	return true;
}

void fetched_items_close(struct fetched_items *items)
{
	reader_free(&items->reader);
	strlist_free(&items->printed);
	fetch_free(items->fetch);
}
