#include "record/report_parts.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>
#include <time.h>

#include "record/table_format.h"

/* All names in the data together, in bytes: of many rows each has less. */
enum { NAMES_BYTES = 4 * 1024 * 1024, LEAST_NAME = 12 };

/* A number of a row as it stands in the data. */
typedef int64_t column_value(const struct report_row *row);

/* Times are in tenths of a millisecond. */
static int64_t tick(double seconds)
{
	return llround(seconds * 1e4);
}

static int64_t column_seq(const struct report_row *row)
{
	return (int64_t)row->seq;
}

static int64_t column_start(const struct report_row *row)
{
	return tick(row->started_s);
}

static int64_t column_run(const struct report_row *row)
{
	return tick(row->runtime_s);
}

static int64_t column_slot(const struct report_row *row)
{
	return row->slot;
}

static int64_t column_end(const struct report_row *row)
{
	return row->end;
}

/* The exit status, or 1000 and the signal. */
static int64_t column_status(const struct report_row *row)
{
	return row->signal ? 1000 + row->signal : row->exit_value;
}

static int64_t column_attempt(const struct report_row *row)
{
	return row->attempt;
}

static int64_t column_cpu(const struct report_row *row)
{
	return row->user_s < 0 ? REPORT_UNKNOWN : tick((double)row->user_s + row->system_s);
}

static int64_t column_memory(const struct report_row *row)
{
	return row->rss_bytes < 0 ? REPORT_UNKNOWN : row->rss_bytes / 1024;
}

static const struct {
	const char *name;
	column_value *value;
} columns[] = {
    {"seq", column_seq},
    {"start", column_start},
    {"run", column_run},
    {"slot", column_slot},
    {"end", column_end},
    {"status", column_status},
    {"attempt", column_attempt},
    {"cpu", column_cpu},
    {"memory", column_memory},
};

/* Writes a number with a comma before it, unless it is the first. */
static void put_number(FILE *stream, bool is_first, int64_t number)
{
	char text[24], *at = text + sizeof text;
	uint64_t rest = number < 0 ? -(uint64_t)number : (uint64_t)number;

	/* printf(3) takes most of the time of a large page. */
	do
		*--at = (char)('0' + rest % 10);
	while ((rest /= 10) > 0);
	if (number < 0)
		*--at = '-';
	if (!is_first)
		*--at = ',';
	fwrite(at, 1, (size_t)(text + sizeof text - at), stream);
}

/* The row with an index: those of attempts that are over, and behind them of jobs at work; NULL:
 * there are no more. */
static const struct report_row *row_at(const struct page *page, size_t index)
{
	size_t over = page->rows->count;

	if (index < over)
		return &page->rows->all[index];
	return index - over < page->facts->running_count ? &page->facts->running[index - over].row
							 : NULL;
}

static void put_column(struct page *page, column_value *value, int64_t begin)
{
	int64_t before = begin;
	bool is_first = true;
	const struct report_row *row;

	for (size_t i = 0; (row = row_at(page, i)); i++) {
		if (row->started_s == 0)
			continue;
		int64_t now = value(row);
		put_number(page->stream, is_first, now - before);
		before = now;
		is_first = false;
	}
}

/* The bytes that a name may take: written as JSON a byte takes up to six. */
static size_t name_room(const struct page *page)
{
	size_t room = NAMES_BYTES / (page->rows->count + 1);

	return room > REPORT_NAME ? REPORT_NAME + 3 : room < LEAST_NAME ? LEAST_NAME : room;
}

static size_t json_bytes(char byte)
{
	unsigned char value = (unsigned char)byte;

	return value < 0x20 || strchr("<>&\"\\\x7f", byte) ? 6 : value < 0x80 ? 1 : 2;
}

/* Writes a name, or where it takes more than the room, its beginning and its end. */
static void put_name(struct table_writer *writer, const char *name, size_t length, size_t room)
{
	size_t head = 0, tail = length, used = 0;

	while (head < tail && used + json_bytes(name[head]) <= room / 3)
		used += json_bytes(name[head++]);
	while (head < tail && used + json_bytes(name[tail - 1]) <= room)
		used += json_bytes(name[--tail]);
	table_begin_text(writer);
	if (head < tail) {
		while (head > 0 && ((unsigned char)name[head] & 0xc0) == 0x80)
			head--;
		while (tail < length && ((unsigned char)name[tail] & 0xc0) == 0x80)
			tail++;
		table_put_part(writer, name, head);
		table_put_part(writer, "\xe2\x80\xa6", 3);
		table_put_part(writer, name + tail, length - tail);
	} else {
		table_put_part(writer, name, length);
	}
	table_end_text(writer);
}

static void put_names(struct page *page)
{
	const struct strlist *names = &page->rows->names;
	struct table_writer writer = {
	    .format = table_format_of(".json"), .stream = page->stream, .text.in_html = true};
	size_t room = name_room(page);
	bool is_first = true;

	fputs(",\n\"names\":[", page->stream);
	for (size_t i = 0; i < page->rows->count; i++) {
		if (page->rows->all[i].started_s == 0)
			continue;
		fputs(is_first ? "" : ",", page->stream);
		put_name(&writer, strlist_at(names, i), strlist_length(names, i), room);
		is_first = false;
	}
	for (size_t i = 0; i < page->facts->running_count; i++) {
		const struct report_running *running = &page->facts->running[i];
		fputs(is_first ? "" : ",", page->stream);
		put_name(&writer, running->name, running->name_bytes, room);
		is_first = false;
	}
	fputs("]", page->stream);
}

/* Samples: time, running, slots, load, free memory in MiB, pressure; -1: not known. */
static void put_samples(struct page *page)
{
	fputs(",\n\"samples\":[", page->stream);
	for (size_t i = 0; i < page->sample_count; i++) {
		const struct report_sample *sample = &page->samples[i];
		double free_mib = sample->free_bytes < 0 ? -1 : sample->free_bytes / 1048576;
		fprintf(page->stream, "%s[%.3f,%u,%u,%.0f,%.0f,%.1f,%.1f,%.1f]", i > 0 ? "," : "",
		    sample->at_s - page->facts->began_s, sample->running, sample->slots,
		    sample->load, free_mib, sample->pressure[SYSTEM_CPU],
		    sample->pressure[SYSTEM_MEMORY], sample->pressure[SYSTEM_IO]);
	}
	fputs("]", page->stream);
}

/* How far the clock on the wall is ahead of UTC, in seconds. */
static long zone_offset(double at_s)
{
	time_t time = (time_t)at_s;
	struct tm parts;

	return localtime_r(&time, &parts) ? parts.tm_gmtoff : 0;
}

void page_put_data(struct page *page)
{
	const struct report_facts *facts = page->facts;
	FILE *stream = page->stream;

	fprintf(stream,
	    "{\"began\":%.4f,\"now\":%.4f,\"zone\":%ld,\"step\":%" PRIu64 ",\"over\":%s",
	    facts->began_s, facts->now_s, zone_offset(facts->began_s), page->rows->step,
	    facts->is_over ? "true" : "false");
	for (size_t i = 0; i < sizeof columns / sizeof *columns; i++) {
		bool is_start = columns[i].value == column_start;
		fprintf(stream, ",\n\"%s\":[", columns[i].name);
		put_column(page, columns[i].value, is_start ? tick(facts->began_s) : 0);
		fputs("]", stream);
	}
	put_names(page);
	put_samples(page);
	fputs("}\n", stream);
}
