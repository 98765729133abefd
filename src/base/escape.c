#include "base/escape.h"

#include <stdbool.h>
#include <string.h>
#include <vis.h>

#include "base/utf8.h"

/* Characters beyond ASCII are shown: set once, before there are threads. */
static bool shows_utf8;

void escape_init(void)
{
	shows_utf8 = utf8_is_asked_for();
}

/* How many bytes from the first one on are characters beyond ASCII that are shown as they are. */
static size_t shown_as_they_are(const char *bytes, size_t length)
{
	size_t all = 0;

	for (size_t one; shows_utf8; all += one) {
		one = utf8_printable(bytes + all, length - all);
		if (one == 0)
			break;
	}
	return all;
}

/* How many bytes from the first one on, at least one, are for vis(3): it looks at what follows. */
static size_t escaped(const char *bytes, size_t length)
{
	size_t all = 1;

	while (all < length && !(shows_utf8 && utf8_printable(bytes + all, length - all)))
		all++;
	return all;
}

size_t escape_cut(const char *bytes, size_t length, size_t most)
{
	if (length <= most)
		return length;
	return shows_utf8 ? utf8_cut(bytes, length, most) : most;
}

const char *escape(char *text, size_t size, const char *bytes, size_t length)
{
	size_t shown = escape_cut(bytes, length, (size - 4) / 4), used = 0;

	text[0] = '\0';
	for (size_t at = 0, part; at < shown; at += part) {
		part = shown_as_they_are(bytes + at, shown - at);
		if (part > 0) {
			memcpy(text + used, bytes + at, part);
			used += part;
			continue;
		}
		part = escaped(bytes + at, shown - at);
		int length_of = strnvisx(text + used, size - used, bytes + at, part,
		    VIS_CSTYLE | VIS_TAB | VIS_NL | VIS_NOLOCALE);
		used += length_of > 0 ? (size_t)length_of : 0;
	}
	text[used] = '\0';
	if (shown < length)
		strlcat(text, "...", size);
	return text;
}

const char *escape_name(char text[ESCAPED_NAME], const char *name)
{
	return escape(text, ESCAPED_NAME, name, strlen(name));
}

const char *escape_item(char text[ESCAPED], const struct strlist *list, size_t index)
{
	text[0] = '\0';
	if (index >= list->count)
		return text;
	return escape(text, ESCAPED, strlist_at(list, index), strlist_length(list, index));
}
