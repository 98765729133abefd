#include "record/run_times.h"

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>

#include "base/escape.h"
#include "base/hash.h"
#include "base/reader.h"
#include "record/journal_line.h"

struct run_time {
	uint64_t hash; /* of the command */
	size_t line;   /* of the journal */
	bool failed;
	double seconds;
};

/* By command; and the one that counts is the last. */
static int compare(const void *first, const void *second)
{
	const struct run_time *a = first, *b = second;

	if (a->hash != b->hash)
		return a->hash < b->hash ? -1 : 1;
	if (a->failed != b->failed)
		return a->failed ? -1 : 1;
	return (a->line > b->line) - (a->line < b->line);
}

/* Returns false without memory. */
static bool add(struct run_times *times, const struct run_time *time)
{
	if (times->count == times->room) {
		size_t room = times->room ? 2 * times->room : 1024;
		struct run_time *all = reallocarray(times->all, room, sizeof *all);
		if (!all)
			return false;
		times->all = all;
		times->room = room;
	}
	times->all[times->count++] = *time;
	return true;
}

/* Takes in a line, which is the one of that number, from 1. Returns false where it is not one of a
 * journal. */
static bool read_line(struct run_times *times, const struct record *record, size_t number)
{
	struct journal_line line;

	if (journal_line_named_columns(record->bytes, record->kept) > 0)
		return true;
	if (!record->ended)
		return journal_line_can_begin(record->bytes, record->kept, number == 1);
	if (!journal_line_read_foreign(&line, record->bytes, record->kept))
		return false;
	const struct run_time time = {
	    .hash = hash_add(HASH_BEGIN, line.command, line.command_bytes),
	    .line = number,
	    .failed = line.failed,
	    .seconds = line.runtime_s};
	if (!add(times, &time))
		err(1, "--order");
	return true;
}

void run_times_read(struct run_times *times, const char *name, bool may_be_missing)
{
	struct reader reader = {.fd = -1};
	struct record record;
	enum reader_status status;
	char shown[ESCAPED_NAME], reason[JOURNAL_LINE_REASON];
	int fd = open(name, O_RDONLY | O_CLOEXEC | O_NOCTTY);

	if (fd < 0 && errno == ENOENT && may_be_missing)
		return;
	if (fd < 0)
		err(1, "--order: %s", escape_name(shown, name));
	reader_open(&reader, fd, -1, '\n', SIZE_MAX);
	for (size_t number = 1; (status = reader_next(&reader, &record)) == READER_RECORD;
	     number++) {
		if (!read_line(times, &record, number))
			errx(1, "--order: %s: line %zu is not one of a journal: %s",
			    escape_name(shown, name), number,
			    journal_line_explain(record.bytes, record.kept, reason));
	}
	if (status == READER_FAILED)
		err(1, "--order: reading %s", escape_name(shown, name));
	reader_free(&reader);
	if (times->count > 0)
		qsort(times->all, times->count, sizeof *times->all, compare);
}

double run_times_find(const struct run_times *times, const char *command, size_t length)
{
	uint64_t hash = hash_add(HASH_BEGIN, command, length);
	size_t low = 0, high = times->count;

	/* The first one behind those with this hash. */
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (times->all[middle].hash <= hash)
			low = middle + 1;
		else
			high = middle;
	}
	bool found = low > 0 && times->all[low - 1].hash == hash;
	return found ? times->all[low - 1].seconds : RUN_TIME_UNKNOWN;
}

void run_times_free(struct run_times *times)
{
	free(times->all);
	*times = (struct run_times){0};
}
