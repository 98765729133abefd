#include "record/report_rows.h"

#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"

void report_rows_init(struct report_rows *rows)
{
	*rows = (struct report_rows){.step = 1};
}

/* --- rows --- */

/* What is kept of a name: its beginning, and of a path rather its end than its middle. */
static void add_name(struct strlist *names, const char *name, size_t length)
{
	static const char gap[] = "\xe2\x80\xa6"; /* U+2026, three dots in one */
	size_t head = length;

	if (length > REPORT_NAME) {
		size_t tail = length - REPORT_NAME * 2 / 3;
		/* It does not begin in the middle of a character. */
		while (tail < length && ((unsigned char)name[tail] & 0xc0) == 0x80)
			tail++;
		head = utf8_cut(name, length, REPORT_NAME / 3);
		strlist_append(names, name, head);
		strlist_append(names, gap, sizeof gap - 1);
		name += tail;
		head = length - tail;
	}
	strlist_append(names, name, head);
	strlist_end(names);
}

/* Drops every second row. Returns false without memory. */
static bool thin(struct report_rows *rows)
{
	struct strlist names = {0};
	size_t kept = 0;

	for (size_t i = 0; i < rows->count; i += 2)
		strlist_add(&names, strlist_at(&rows->names, i), strlist_length(&rows->names, i));
	if (strlist_failed(&names)) {
		strlist_free(&names);
		return false;
	}
	for (size_t i = 0; i < rows->count; i += 2)
		rows->all[kept++] = rows->all[i];
	rows->count = kept;
	rows->step *= 2;
	strlist_free(&rows->names);
	rows->names = names;
	return true;
}

static bool make_room(struct report_rows *rows)
{
	if (rows->count == REPORT_ROWS)
		return thin(rows);
	if (rows->count < rows->room)
		return true;
	size_t room = rows->room ? 2 * rows->room : 256;
	struct report_row *all = reallocarray(rows->all, room, sizeof *all);
	if (!all)
		return false;
	rows->all = all;
	rows->room = room;
	return true;
}

static void add_row(
    struct report_rows *rows, const struct report_row *row, const struct report_texts *texts)
{
	/* The rows that are kept are numbers 0, step, 2 step... of all, also behind thin(). */
	if (rows->seen % rows->step != 0)
		return;
	if (!make_room(rows)) {
		rows->lost++;
		return;
	}
	if (rows->seen % rows->step != 0)
		return;
	add_name(&rows->names, texts->name, texts->name_bytes);
	if (!strlist_keep(&rows->names, rows->count)) {
		rows->lost++;
		return;
	}
	rows->all[rows->count++] = *row;
}

/* --- details --- */

static char *put_text(char *to, const char *text, size_t length, const char **place)
{
	*place = to;
	if (length > 0)
		memcpy(to, text, length);
	return to + length;
}

/* Makes a detail in the place of what is there. Without memory it has no texts. */
static void set_detail(
    struct report_detail *detail, const struct report_row *row, const struct report_texts *texts)
{
	struct report_texts kept = *texts;

	bool is_too_long = kept.command_bytes > REPORT_COMMAND || !kept.command;
	if (is_too_long)
		kept.command_bytes = 0;
	kept.name_bytes = utf8_cut(kept.name, kept.name_bytes,
	    kept.name_bytes < REPORT_NAME ? kept.name_bytes : REPORT_NAME);
	char *memory = malloc(kept.name_bytes + kept.command_bytes + kept.error_bytes + 1);
	free(detail->memory);
	*detail = (struct report_detail){.row = *row, .memory = memory};
	if (!memory)
		return;
	char *end = put_text(memory, kept.name, kept.name_bytes, &kept.name);
	end = put_text(end, kept.command, kept.command_bytes, &kept.command);
	put_text(end, kept.error, kept.error_bytes, &kept.error);
	if (is_too_long)
		kept.command = NULL;
	detail->texts = kept;
}

/* Is it one of the slowest so far? */
static void rank(
    struct report_rows *rows, const struct report_row *row, const struct report_texts *texts)
{
	struct report_detail *slowest = rows->slowest;
	size_t count = rows->slowest_count, place = count;

	while (place > 0 && slowest[place - 1].row.runtime_s < row->runtime_s)
		place--;
	if (place == REPORT_SLOWEST)
		return;
	if (count == REPORT_SLOWEST)
		free(slowest[--count].memory);
	memmove(&slowest[place + 1], &slowest[place], (count - place) * sizeof *slowest);
	slowest[place] = (struct report_detail){.memory = NULL};
	set_detail(&slowest[place], row, texts);
	rows->slowest_count = count + 1;
}

static size_t failure_place(uint64_t number)
{
	return number < REPORT_FAILURES
		   ? number
		   : REPORT_FAILURES + (number - REPORT_FAILURES) % REPORT_FAILURES;
}

void report_rows_add(
    struct report_rows *rows, const struct report_row *row, const struct report_texts *texts)
{
	bool was_started = row->started_s > 0;
	double end_s = row->started_s + row->runtime_s;

	add_row(rows, row, texts);
	rows->seen++;
	rows->ends[row->end]++;
	if (was_started && (rows->first_s == 0 || row->started_s < rows->first_s))
		rows->first_s = row->started_s;
	if (was_started && end_s > rows->last_s)
		rows->last_s = end_s;
	if (was_started)
		rank(rows, row, texts);
	if (row->end == REPORT_FAILED || row->end == REPORT_TIMED_OUT)
		set_detail(&rows->failures[failure_place(rows->failure_count++)], row, texts);
}

size_t report_failures_kept(const struct report_rows *rows)
{
	const size_t most = sizeof rows->failures / sizeof *rows->failures;

	return rows->failure_count < most ? rows->failure_count : most;
}

const struct report_detail *report_failure(const struct report_rows *rows, size_t index)
{
	uint64_t dropped = rows->failure_count - report_failures_kept(rows);

	return &rows->failures[failure_place(index < REPORT_FAILURES ? index : index + dropped)];
}

/* --- all of it --- */

static void copy_details(struct report_detail *to, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		const struct report_detail from = to[i];
		to[i].memory = NULL;
		if (from.memory)
			set_detail(&to[i], &from.row, &from.texts);
	}
}

bool report_rows_copy(struct report_rows *copy, const struct report_rows *rows)
{
	*copy = *rows;
	copy->room = rows->count;
	copy->all = reallocarray(NULL, rows->count + 1, sizeof *copy->all);
	copy->names = (struct strlist){0};
	copy_details(copy->slowest, rows->slowest_count);
	copy_details(copy->failures, report_failures_kept(rows));
	for (size_t i = 0; copy->all && i < rows->count; i++)
		strlist_add(
		    &copy->names, strlist_at(&rows->names, i), strlist_length(&rows->names, i));
	if (copy->all && !strlist_failed(&copy->names)) {
		if (rows->count > 0)
			memcpy(copy->all, rows->all, rows->count * sizeof *rows->all);
		return true;
	}
	report_rows_free(copy);
	return false;
}

static void free_details(struct report_detail *details, size_t count)
{
	for (size_t i = 0; i < count; i++)
		free(details[i].memory);
}

void report_rows_free(struct report_rows *rows)
{
	free_details(rows->slowest, rows->slowest_count);
	free_details(rows->failures, report_failures_kept(rows));
	free(rows->all);
	strlist_free(&rows->names);
	report_rows_init(rows);
}
