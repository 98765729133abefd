#include "pool/progress_text.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/utf8.h"

/* The parts of the line, in their order. */
enum part {
	PART_BAR,
	PART_COUNTS,
	PART_FAILED,
	PART_RUNNING,
	PART_RATE,
	PART_LEFT,
	PART_REASON,
	PART_LONGEST,
	PARTS
};

/* And in the order in which they get their room. */
static const enum part by_weight[PARTS] = {PART_COUNTS, PART_FAILED, PART_LEFT, PART_BAR,
    PART_RUNNING, PART_REASON, PART_RATE, PART_LONGEST};

/* A piece of the line; `width` in columns, 0: there is no such piece. */
enum { PIECE = 320 };
struct piece {
	char text[PIECE];
	unsigned width;
};

/* The bar takes a part of the line, within bounds; an item that is cut shows so much at least. */
enum { BAR_SHARE = 6, BAR_LEAST = 8, BAR_MOST = 24, ITEM_LEAST = 8 };

/* --- times and numbers --- */

/* Units, with what fits into the next smaller one at most. */
static const struct unit {
	double seconds, from_s;
	const char *name;
} units[] = {{86400, 172800, "days"}, {3600, 7200, "h"}, {60, 100, "min"}, {1, 0, "s"}};

/* A time in a unit, rounded to two digits, or less. */
static double round_in(const struct unit *unit, double time_s)
{
	double value = time_s / unit->seconds;

	return value < 10    ? round(value)
	       : value < 100 ? round(value / 5) * 5
			     : round(value / 10) * 10;
}

/* "2 to 3 min left", or "2 min left" where the range is narrow. */
static void put_left(char text[PIECE], const struct time_range *left)
{
	const struct unit *unit = units;
	bool narrow = left->most_s < 1.25 * left->least_s;

	while (left->most_s < unit->from_s)
		unit++;
	double least = round_in(unit, narrow ? left->middle_s : left->least_s);
	double most = round_in(unit, narrow ? left->middle_s : left->most_s);
	if (most < 1)
		most = 1;
	if (least < most && least >= 1)
		snprintf(text, PIECE, "%.0f to %.0f %s left", least, most, unit->name);
	else if (least < 1 && most > 1)
		snprintf(text, PIECE, "up to %.0f %s left", most, unit->name);
	else
		snprintf(text, PIECE, "%.0f %s left", most, unit->name);
}

/* A time that has gone by: "34s", "2m05s", "3h07m", "2d04h". */
static void put_time(char *text, size_t size, double time_s)
{
	long long seconds = time_s > 0 ? (long long)time_s : 0;

	if (seconds < 60)
		snprintf(text, size, "%llds", seconds);
	else if (seconds < 3600)
		snprintf(text, size, "%lldm%02llds", seconds / 60, seconds % 60);
	else if (seconds < 86400)
		snprintf(text, size, "%lldh%02lldm", seconds / 3600, seconds / 60 % 60);
	else
		snprintf(text, size, "%lldd%02lldh", seconds / 86400, seconds / 3600 % 24);
}

static void put_rate(char text[PIECE], double rate)
{
	static const char *const names[] = {"s", "min", "h"};
	size_t unit = 0;

	for (; rate < 1 && unit + 1 < sizeof names / sizeof *names; unit++)
		rate *= 60;
	snprintf(text, PIECE, rate < 10 ? "%.1f/%s" : "%.0f/%s", rate, names[unit]);
}

/* --- the pieces --- */

static void put_counts(char text[PIECE], const struct progress_view *view)
{
	uint64_t total = (uint64_t)view->total;

	if (view->total < 0)
		snprintf(text, PIECE, "%" PRIu64 " done", view->over);
	else if (view->total == 0)
		snprintf(text, PIECE, "0/0");
	else
		snprintf(text, PIECE, "%" PRIu64 "/%" PRIu64 " %.0f%%", view->over, total,
		    floor(100.0 * (double)view->over / (double)total));
}

/* Sets a piece of plain text. */
static void set(struct piece *piece, const char *text)
{
	piece->width = (unsigned)strlcpy(piece->text, text, PIECE);
}

/* Jobs that have failed stand out. */
static void make_failed(
    struct piece *piece, const struct progress_view *view, const struct progress_look *look)
{
	char text[64];

	if (view->failed == 0)
		return;
	snprintf(text, sizeof text, "%" PRIu64 " failed", view->failed);
	set(piece, text);
	if (look->colors)
		snprintf(piece->text, PIECE, "\033[31m%s\033[0m", text);
}

static void make_bar(
    struct piece *piece, const struct progress_view *view, const struct progress_look *look)
{
	unsigned width = look->columns / BAR_SHARE;

	if (look->columns == 0 || view->total <= 0)
		return;
	width = width < BAR_LEAST ? BAR_LEAST : width > BAR_MOST ? BAR_MOST : width;
	double share = fmin((double)view->over / (double)view->total, 1);
	unsigned full = (unsigned)(share * width);
	strlcpy(piece->text, look->utf8 ? "" : "[", PIECE);
	for (unsigned i = 0; i < width; i++)
		strlcat(piece->text,
		    look->utf8 ? (i < full ? "━" : "╌")
		    : i < full ? "#"
			       : ".",
		    PIECE);
	strlcat(piece->text, look->utf8 ? "" : "]", PIECE);
	piece->width = width + (look->utf8 ? 0 : 2);
}

/*
 * The columns of the text that `bytes` begin with, up to `most`; sets `length` to its bytes. A
 * character beyond ASCII takes two: no locale is set that would tell.
 */
static unsigned columns_of(const char *bytes, unsigned most, size_t *length)
{
	size_t all = strlen(bytes), used = 0;
	unsigned columns = 0;

	while (used < all) {
		size_t one = utf8_printable(bytes + used, all - used);
		unsigned more = one > 0 ? 2 : 1;
		if (columns + more > most)
			break;
		columns += more;
		used += one > 0 ? one : 1;
	}
	*length = used;
	return columns;
}

/* How long the job has run that has run for longest, and as much of its item as there is room for.
 */
static void make_longest(struct piece *piece, const struct progress_view *view, unsigned room)
{
	char time[32];
	size_t length;

	if (view->longest_s < 1)
		return;
	put_time(time, sizeof time, view->longest_s);
	unsigned width = (unsigned)strlen(time) + 1;
	if (room < width + ITEM_LEAST)
		return;
	unsigned columns = columns_of(view->item, room - width, &length);
	snprintf(piece->text, PIECE, "%s %.*s", time, (int)length, view->item);
	piece->width = width + columns;
}

static void make(
    struct piece pieces[PARTS], const struct progress_view *view, const struct progress_look *look)
{
	char text[PIECE];

	memset(pieces, 0, PARTS * sizeof *pieces);
	make_bar(&pieces[PART_BAR], view, look);
	put_counts(text, view);
	set(&pieces[PART_COUNTS], text);
	make_failed(&pieces[PART_FAILED], view, look);
	snprintf(text, sizeof text, "%u running", view->running);
	if (view->took_s < 0)
		set(&pieces[PART_RUNNING], text);
	if (view->rate >= 0) {
		put_rate(text, view->rate);
		set(&pieces[PART_RATE], text);
	}
	if (view->took_s >= 0) {
		put_time(text, sizeof text, view->took_s);
		set(&pieces[PART_LEFT], text);
	} else if (view->has_range) {
		put_left(text, &view->left);
		set(&pieces[PART_LEFT], text);
	}
	set(&pieces[PART_REASON], view->reason);
}

/* --- the line --- */

/* What stands before a piece that is not the first one. */
static const char *separator(enum part part)
{
	return part == PART_COUNTS ? " " : part == PART_LONGEST ? "; " : ", ";
}

/* Takes the pieces away that have no room. */
static void fit(struct piece pieces[PARTS], const struct progress_view *view, unsigned room)
{
	unsigned used = 0;

	for (size_t i = 0; i < PARTS; i++) {
		struct piece *piece = &pieces[by_weight[i]];
		unsigned before = used > 0 ? 2 : 0;
		if (by_weight[i] == PART_LONGEST && room > used + before)
			make_longest(piece, view, room - used - before);
		if (piece->width == 0)
			continue;
		if (used + before + piece->width > room)
			piece->width = 0;
		else
			used += before + piece->width;
	}
}

size_t progress_text(
    const struct progress_view *view, const struct progress_look *look, char text[PROGRESS_TEXT])
{
	/* The last column stays free: some terminals begin another line there. */
	unsigned room = look->columns > 0 ? look->columns - 1 : PROGRESS_TEXT / 2;
	struct piece pieces[PARTS];

	make(pieces, view, look);
	fit(pieces, view, room);
	*text = '\0';
	for (enum part part = 0; part < PARTS; part++) {
		if (pieces[part].width == 0)
			continue;
		strlcat(text, *text ? separator(part) : "", PROGRESS_TEXT);
		strlcat(text, pieces[part].text, PROGRESS_TEXT);
	}
	return strlen(text);
}
