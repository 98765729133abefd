#include "base/foot.h"

#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/terminal.h"

/* A terminal with fewer rows has none for it. */
enum { LEAST_ROWS = 3 };

/* From the beginning of the line to the end of the screen: also where the line was wrapped. */
static const char erase[] = "\r\033[J";

void foot_init(struct foot *foot, enum foot_place place)
{
	void *mark = mmap(
	    NULL, sizeof *foot->mark, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	*foot = (struct foot){.place = place, .mark = mark == MAP_FAILED ? NULL : mark};
	if (foot->mark)
		foot->mark->group = getpgrp();
}

void foot_set_text(struct foot *foot, const char *text, size_t length)
{
	if (length > FOOT_TEXT)
		length = 0;
	memcpy(foot->text, text, length);
	foot->length = length;
	foot->is_new = true;
}

bool foot_is_due(const struct foot *foot)
{
	if (foot->place == FOOT_NONE)
		return false;
	if (foot->length == 0)
		return foot->shown;
	bool may_be_drawn = foot->place == FOOT_PINNED || !foot->behind_part;
	return may_be_drawn && (foot->is_new || !foot->shown);
}

static void set_shown(struct foot *foot, bool shown)
{
	foot->shown = shown;
	if (!foot->mark)
		return;
	foot->mark->rows = foot->rows;
	foot->mark->shown = shown;
}

/* A terminal that is made narrower at this moment wraps nothing. */
static size_t draw_behind(struct foot *foot, char bytes[FOOT_BYTES])
{
	int length = snprintf(
	    bytes, FOOT_BYTES, "\r\033[?7l%.*s\033[?7h\033[J\r", (int)foot->length, foot->text);

	set_shown(foot, true);
	return (size_t)length;
}

/*
 * The last row is left out of what scrolls, where it is not yet: another line makes room for it
 * first. The cursor stays where it is.
 */
static size_t draw_pinned(struct foot *foot, char bytes[FOOT_BYTES])
{
	unsigned rows = terminal_size(STDERR_FILENO).rows;
	char begin[64] = "";

	if (rows < LEAST_ROWS)
		return 0;
	/* A terminal that has grown has the old one in its midst. */
	if (foot->shown && foot->rows < rows)
		snprintf(begin, sizeof begin, "\0337\033[%u;1H\033[2K\033[1;%ur\0338", foot->rows,
		    rows - 1);
	else if (!foot->shown || foot->rows != rows)
		snprintf(begin, sizeof begin, "\033D\033[A\0337\033[1;%ur\0338", rows - 1);
	foot->rows = rows;
	int length = snprintf(bytes, FOOT_BYTES, "%s\0337\033[%u;1H\033[?7l%.*s\033[K\033[?7h\0338",
	    begin, rows, (int)foot->length, foot->text);
	set_shown(foot, true);
	return (size_t)length;
}

/* The bytes that take a foot away which is shown; `rows`: 0 where it is not pinned. */
static size_t take_away(unsigned rows, char bytes[FOOT_BYTES])
{
	if (rows == 0)
		return strlcpy(bytes, erase, FOOT_BYTES);
	return (size_t)snprintf(bytes, FOOT_BYTES, "\0337\033[r\033[%u;1H\033[2K\0338", rows);
}

size_t foot_draw(struct foot *foot, char bytes[FOOT_BYTES])
{
	foot->is_new = false;
	if (foot->length > 0)
		return foot->place == FOOT_PINNED ? draw_pinned(foot, bytes)
						  : draw_behind(foot, bytes);
	set_shown(foot, false);
	return take_away(foot->rows, bytes);
}

size_t foot_make_way(struct foot *foot, char bytes[FOOT_BYTES])
{
	if (!foot->shown || foot->place == FOOT_PINNED)
		return 0;
	set_shown(foot, false);
	return take_away(0, bytes);
}

void foot_take_away_by_mark(const struct foot *foot)
{
	char bytes[FOOT_BYTES];

	if (!foot->mark || !foot->mark->shown)
		return;
	/* A shell that has seen the end before has written its prompt there. */
	pid_t group = tcgetpgrp(STDERR_FILENO);
	if (group >= 0 && group != foot->mark->group)
		return;
	size_t length = take_away(foot->mark->rows, bytes);
	if (write(STDERR_FILENO, bytes, length) < 0)
		return; /* the terminal is gone */
}
