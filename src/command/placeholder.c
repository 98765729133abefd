#include "command/placeholder.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

static const struct {
	const char *text;
	enum placeholder_part part;
} parts[] = {{"", PART_WHOLE}, {".", PART_NO_EXTENSION}, {"/", PART_BASE}, {"//", PART_DIRECTORY},
    {"/.", PART_BASE_NO_EXTENSION}};

/* Reads the mark of a part, as "." or "//", which has to reach up to `end`. */
static bool read_part(const char *text, const char *end, enum placeholder_part *part)
{
	for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
		if ((size_t)(end - text) == strlen(parts[i].text) &&
		    memcmp(text, parts[i].text, (size_t)(end - text)) == 0) {
			*part = parts[i].part;
			return true;
		}
	return false;
}

/* Reads {N} or {-N}, with or without a part. `text` is behind the opening brace, `end` is at the
 * closing one. */
static bool read_column(const char *text, const char *end, struct placeholder *placeholder)
{
	char *rest;

	if (!isdigit((unsigned char)text[*text == '-']))
		return false;
	placeholder->kind = PLACEHOLDER_COLUMN;
	placeholder->column = strtol(text, &rest, 10);
	return placeholder->column != 0 && read_part(rest, end, &placeholder->part);
}

/* Reads {name}, with or without a part. `text` is behind the opening brace, `end` is at the closing
 * one. */
static bool read_name(
    const struct strlist *names, const char *text, const char *end, struct placeholder *placeholder)
{
	for (size_t i = 0; i < names->count; i++) {
		size_t length = strlist_length(names, i);
		if (length > 0 && (size_t)(end - text) >= length &&
		    memcmp(text, strlist_at(names, i), length) == 0 &&
		    read_part(text + length, end, &placeholder->part)) {
			placeholder->kind = PLACEHOLDER_COLUMN;
			placeholder->column = (long)i + 1;
			return true;
		}
	}
	return false;
}

size_t placeholder_read(
    const struct placeholder_syntax *syntax, const char *text, struct placeholder *placeholder)
{
	*placeholder = (struct placeholder){.kind = PLACEHOLDER_ITEM};
	if (syntax->item && strncmp(text, syntax->item, syntax->item_length) == 0)
		return syntax->item_length;
	if (syntax->item_alone)
		return 0;
	const char *end = *text == '{' ? strchr(text, '}') : NULL;
	if (!end)
		return 0;
	size_t length = (size_t)(end - text) + 1;
	text++;
	/* Under -I STR, {} itself is text. */
	if (end > text && read_part(text, end, &placeholder->part))
		return length;
	if (end == text + 1 && (*text == '#' || *text == '%')) {
		placeholder->kind = *text == '#' ? PLACEHOLDER_SEQ : PLACEHOLDER_SLOT;
		return length;
	}
	if (read_column(text, end, placeholder) || read_name(syntax->names, text, end, placeholder))
		return length;
	return 0;
}

bool placeholder_is_same(const struct placeholder *a, const struct placeholder *b)
{
	return a->kind == b->kind && a->part == b->part && a->column == b->column;
}

void placeholder_take_part(enum placeholder_part part, const char **bytes, size_t *length)
{
	/* As in dirname(1), slashes at the end are ignored for the directory, and for it alone. */
	while (part == PART_DIRECTORY && *length > 1 && (*bytes)[*length - 1] == '/')
		--*length;
	const char *slash = memrchr(*bytes, '/', *length);
	const char *base = slash ? slash + 1 : *bytes;
	const char *end = *bytes + *length;

	if (part == PART_DIRECTORY) {
		while (slash > *bytes && slash[-1] == '/')
			slash--;
		/* "/x" is in "/", "x" is in "." */
		*length = slash ? (size_t)(slash - *bytes) + (slash == *bytes) : 1;
		if (!slash)
			*bytes = ".";
		return;
	}
	if (part == PART_NO_EXTENSION || part == PART_BASE_NO_EXTENSION) {
		const char *dot = memrchr(base, '.', (size_t)(end - base));
		if (dot)
			end = dot;
	}
	if (part == PART_BASE || part == PART_BASE_NO_EXTENSION)
		*bytes = base;
	*length = (size_t)(end - *bytes);
}
