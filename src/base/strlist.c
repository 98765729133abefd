#include "base/strlist.h"

#include <stdlib.h>
#include <string.h>

enum { FIRST_BYTES = 256, FIRST_MARKS = 16 };

void strlist_clear(struct strlist *list)
{
	list->used = 0;
	list->count = 0;
	list->failed = false;
	if (list->start)
		list->start[0] = 0;
}

void strlist_free(struct strlist *list)
{
	free(list->bytes);
	free(list->start);
	*list = (struct strlist){0};
}

/* Makes room for `length` more bytes, a NUL and one more string. Returns false without memory. */
static bool strlist_reserve(struct strlist *list, size_t length)
{
	if (list->count + 2 > list->marks) {
		size_t marks = list->marks ? list->marks * 2 : FIRST_MARKS;
		size_t *start = reallocarray(list->start, marks, sizeof *start);
		if (!start)
			return false;
		if (!list->start)
			start[0] = 0;
		list->start = start;
		list->marks = marks;
	}
	if (length >= list->room - list->used) {
		size_t room = list->room ? list->room : FIRST_BYTES;
		while (length >= room - list->used) {
			if (room > (size_t)-1 / 2)
				return false;
			room *= 2;
		}
		char *bytes = realloc(list->bytes, room);
		if (!bytes)
			return false;
		list->bytes = bytes;
		list->room = room;
	}
	return true;
}

void strlist_append(struct strlist *list, const char *bytes, size_t length)
{
	if (list->failed || !strlist_reserve(list, length)) {
		list->failed = true;
		return;
	}
	memcpy(list->bytes + list->used, bytes, length);
	list->used += length;
}

void strlist_end(struct strlist *list)
{
	strlist_append(list, "", 1);
	if (list->failed)
		return;
	list->count++;
	list->start[list->count] = list->used;
}

void strlist_add(struct strlist *list, const char *bytes, size_t length)
{
	strlist_append(list, bytes, length);
	strlist_end(list);
}

void strlist_drop(struct strlist *list, size_t count)
{
	list->count -= count;
	list->used = list->start ? list->start[list->count] : 0;
}

bool strlist_keep(struct strlist *list, size_t count)
{
	if (!list->failed)
		return true;
	strlist_drop(list, list->count - count);
	list->failed = false;
	return false;
}

char *strlist_at(const struct strlist *list, size_t index)
{
	return list->bytes + list->start[index];
}

size_t strlist_length(const struct strlist *list, size_t index)
{
	return list->start[index + 1] - list->start[index] - 1;
}

bool strlist_failed(const struct strlist *list)
{
	return list->failed;
}
