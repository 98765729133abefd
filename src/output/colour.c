#include "output/colour.h"

#include <stdio.h>
#include <string.h>

#include "base/console.h"
#include "output/tag.h"

enum { BLACK = 0, WHITE = 231, RED = 196 };

/* Backgrounds, `first` to `last`, on which text in black can be read, and text in white. */
static const struct {
	unsigned first, last, text;
} ranges[] = {{6, 7, BLACK}, {9, 11, BLACK}, {13, 15, BLACK}, {40, 51, BLACK}, {75, 87, BLACK},
    {113, 123, BLACK}, {147, 159, BLACK}, {171, 182, BLACK}, {185, 231, BLACK}, {249, 254, BLACK},
    {1, 9, WHITE}, {12, 13, WHITE}, {16, 45, WHITE}, {52, 81, WHITE}, {88, 114, WHITE},
    {124, 149, WHITE}, {160, 178, WHITE}, {180, 180, WHITE}, {182, 184, WHITE}, {196, 214, WHITE},
    {232, 250, WHITE}};

enum { RANGES = sizeof ranges / sizeof *ranges };

/* Neighbours in the list of colours are alike: they are taken by their remainder of this, and in
 * that backwards by the one of the other. */
enum { STRIDE = 23, SECOND_STRIDE = 7, PERIOD = STRIDE * SECOND_STRIDE };

static unsigned colour_count(void)
{
	unsigned count = 0;

	for (size_t i = 0; i < RANGES; i++)
		count += ranges[i].last - ranges[i].first + 1;
	return count;
}

/* Where the colour of this rank stands in the list, which has `count` of them. */
static unsigned place_of(unsigned rank, unsigned count)
{
	for (unsigned i = 0; i < PERIOD; i++) {
		unsigned place = i / SECOND_STRIDE;
		unsigned second = SECOND_STRIDE - 1 - i % SECOND_STRIDE;
		while (place % SECOND_STRIDE != second)
			place += STRIDE;
		unsigned places = place < count ? (count - 1 - place) / PERIOD + 1 : 0;
		if (rank < places)
			return place + rank * PERIOD;
		rank -= places;
	}
	return 0;
}

static void set(struct job_output *output, unsigned background, unsigned text)
{
	snprintf(output->colour, sizeof output->colour, "\033[48;5;%03u;38;5;%03um\033[K",
	    background, text);
}

void colour_set(struct job_output *output, uint64_t seq)
{
	unsigned count = colour_count();
	unsigned place = place_of((unsigned)(seq % count), count);
	size_t i = 0;

	for (; place > ranges[i].last - ranges[i].first; i++)
		place -= ranges[i].last - ranges[i].first + 1;
	set(output, ranges[i].first + place, ranges[i].text);
}

void colour_set_failed(struct job_output *output)
{
	set(output, RED, WHITE);
}

/* Of the 256 colours those of six hues whose contrast to black and to white is above 4. */
static const unsigned char tag_colours[] = {31, 130, 28, 164, 63, 161};

void colour_tag(struct strlist *tag, uint64_t seq)
{
	static const char end[] = "\033[m";
	unsigned colour = tag_colours[(seq - 1) % sizeof tag_colours];
	size_t length = tag->used;
	char begin[COLOUR_BEGIN + 1];

	snprintf(begin, sizeof begin, "\033[38;5;%03um", colour);
	strlist_append(tag, begin, COLOUR_BEGIN);
	strlist_append(tag, end, COLOUR_END);
	if (strlist_failed(tag))
		return;
	memmove(tag->bytes + COLOUR_BEGIN, tag->bytes, length);
	memcpy(tag->bytes, begin, COLOUR_BEGIN);
	memcpy(tag->bytes + COLOUR_BEGIN + length, end, COLOUR_END);
}

/* Writes a line, or a piece of one, between its colour and the end of that. */
static int write_piece(
    const struct tag_target *to, const char *bytes, size_t length, bool ends_line)
{
	static const char end[] = "\033[m\n";
	const struct job_output *job = to->job;
	int fd = to->stream->target;
	bool tags = to->stream->tag && !to->stream->tagged_line;

	if (console_write(fd, job->colour, strlen(job->colour)) != 0 ||
	    (tags && console_write(fd, to->stream->tag, to->stream->tag_length) != 0) ||
	    console_write(fd, bytes, length) != 0)
		return -1;
	to->stream->tagged_line = !ends_line;
	return console_write(fd, end, strlen(end) - !ends_line);
}

int colour_write(void *target, const char *bytes, size_t length)
{
	const struct tag_target *to = target;

	for (const char *end = bytes + length; bytes < end;) {
		const char *newline = memchr(bytes, '\n', (size_t)(end - bytes));
		size_t part = (size_t)((newline ? newline : end) - bytes);
		if (write_piece(to, bytes, part, newline != NULL) != 0)
			return -1;
		bytes += part + (newline != NULL);
	}
	return 0;
}
