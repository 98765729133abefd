#include "base/strlist.h"

#include <stdlib.h>
#include <string.h>

enum { FIRST_BYTES = 256, FIRST_MARKS = 16 };

void strlist_clear(struct strlist *words)
{
	words->used = 0;
	words->count = 0;
	words->failed = false;
	if (words->start)
		words->start[0] = 0;
}

void strlist_free(struct strlist *words)
{
	free(words->bytes);
	free(words->start);
	*words = (struct strlist){0};
}

/* Makes room for `length` more bytes, a NUL and one more mark. */
static bool strlist_reserve(struct strlist *words, size_t length)
{
	if (words->count + 2 > words->marks) {
		size_t marks = words->marks ? words->marks * 2 : FIRST_MARKS;
		size_t *start = reallocarray(words->start, marks, sizeof *start);
		if (!start)
			return false;
		if (!words->start)
			start[0] = 0;
		words->start = start;
		words->marks = marks;
	}
	if (length >= words->room - words->used) {
		size_t room = words->room ? words->room : FIRST_BYTES;
		while (length >= room - words->used) {
			if (room > (size_t)-1 / 2)
				return false;
			room *= 2;
		}
		char *bytes = realloc(words->bytes, room);
		if (!bytes)
			return false;
		words->bytes = bytes;
		words->room = room;
	}
	return true;
}

void strlist_append(struct strlist *words, const char *bytes, size_t length)
{
	if (words->failed || !strlist_reserve(words, length)) {
		words->failed = true;
		return;
	}
	memcpy(words->bytes + words->used, bytes, length);
	words->used += length;
}

void strlist_end(struct strlist *words)
{
	strlist_append(words, "", 1);
	if (words->failed)
		return;
	words->count++;
	words->start[words->count] = words->used;
}

void strlist_add(struct strlist *words, const char *bytes, size_t length)
{
	strlist_append(words, bytes, length);
	strlist_end(words);
}

void strlist_drop(struct strlist *words, size_t count)
{
	words->count -= count;
	words->used = words->start ? words->start[words->count] : 0;
}

bool strlist_keep(struct strlist *words, size_t count)
{
	if (!words->failed)
		return true;
	strlist_drop(words, words->count - count);
	words->failed = false;
	return false;
}

char *strlist_at(const struct strlist *words, size_t index)
{
	return words->bytes + words->start[index];
}

size_t strlist_length(const struct strlist *words, size_t index)
{
	return words->start[index + 1] - words->start[index] - 1;
}

bool strlist_failed(const struct strlist *words)
{
	return words->failed;
}
