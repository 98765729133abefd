#include "command/placeholder.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "command/choice.h"
#include "command/command_options.h"
#include "command/value_change.h"

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

/* Reads what stands behind the name of a value, up to `end`: a part, or under --plus a change. */
static bool read_rest(const struct placeholder_syntax *syntax, const char *text, const char *end,
    struct placeholder *placeholder)
{
	if (read_part(text, end, &placeholder->part))
		return true;
	if (syntax->plus && choice_is_named(text, (size_t)(end - text)))
		return true;
	if (syntax->plus && end > text)
		placeholder->change = value_change_read(text, (size_t)(end - text));
	return placeholder->change != NULL;
}

/* Reads {N} or {-N}, with or without a part. `text` is behind the opening brace, `end` is at the
 * closing one. */
static bool read_column(const struct placeholder_syntax *syntax, const char *text, const char *end,
    struct placeholder *placeholder)
{
	char *rest;

	if (!isdigit((unsigned char)text[*text == '-']))
		return false;
	placeholder->kind = PLACEHOLDER_COLUMN;
	placeholder->column = strtol(text, &rest, 10);
	return placeholder->column != 0 && read_rest(syntax, rest, end, placeholder);
}

/* Reads {name}, with or without a part. `text` is behind the opening brace, `end` is at the closing
 * one. */
static bool read_name(const struct placeholder_syntax *syntax, const char *text, const char *end,
    struct placeholder *placeholder)
{
	const struct strlist *names = syntax->names;

	for (size_t i = 0; i < names->count; i++) {
		size_t length = strlist_length(names, i);
		if (length > 0 && (size_t)(end - text) >= length &&
		    memcmp(text, strlist_at(names, i), length) == 0 &&
		    read_rest(syntax, text + length, end, placeholder)) {
			placeholder->kind = PLACEHOLDER_COLUMN;
			placeholder->column = (long)i + 1;
			return true;
		}
	}
	return false;
}

/* Reads {##}, {0#}, {0%} and {slot}. `text` is behind the opening brace, `end` is at the closing
 * one. */
static bool read_number(const char *text, const char *end, struct placeholder *placeholder)
{
	if (end == text + 4 && memcmp(text, "slot", 4) == 0) {
		placeholder->kind = PLACEHOLDER_SLOT;
		return true;
	}
	if (end != text + 2)
		return false;
	placeholder->padded = *text == '0';
	if (memcmp(text, "##", 2) == 0)
		placeholder->kind = PLACEHOLDER_TOTAL;
	else if (placeholder->padded && text[1] == '#')
		placeholder->kind = PLACEHOLDER_SEQ;
	else if (placeholder->padded && text[1] == '%')
		placeholder->kind = PLACEHOLDER_SLOT;
	else
		return false;
	return true;
}

/* Reads a name that the user has given to a placeholder. Returns its length, or 0. */
static size_t read_other(
    const struct placeholder_names *names, const char *text, struct placeholder *placeholder)
{
	const struct {
		const char *name;
		struct placeholder is;
	} others[] = {
	    {names->no_extension, {.kind = PLACEHOLDER_ITEM, .part = PART_NO_EXTENSION}},
	    {names->base, {.kind = PLACEHOLDER_ITEM, .part = PART_BASE}},
	    {names->directory, {.kind = PLACEHOLDER_ITEM, .part = PART_DIRECTORY}},
	    {names->base_no_extension, {.kind = PLACEHOLDER_ITEM, .part = PART_BASE_NO_EXTENSION}},
	    {names->seq, {.kind = PLACEHOLDER_SEQ}},
	    {names->slot, {.kind = PLACEHOLDER_SLOT}},
	};

	/* One may be the beginning of another one. */
	size_t longest = 0;
	for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
		size_t length = others[i].name ? strlen(others[i].name) : 0;
		if (length <= longest || strncmp(text, others[i].name, length) != 0)
			continue;
		*placeholder = others[i].is;
		longest = length;
	}
	return longest;
}

size_t placeholder_read(
    const struct placeholder_syntax *syntax, const char *text, struct placeholder *placeholder)
{
	*placeholder = (struct placeholder){.kind = PLACEHOLDER_ITEM};
	if (syntax->item && strncmp(text, syntax->item, syntax->item_length) == 0)
		return syntax->item_length;
	if (syntax->item_alone)
		return 0;
	size_t other = syntax->others ? read_other(syntax->others, text, placeholder) : 0;
	if (other > 0)
		return other;
	*placeholder = (struct placeholder){.kind = PLACEHOLDER_ITEM};
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
	if (syntax->plus && read_number(text, end, placeholder))
		return length;
	*placeholder = (struct placeholder){.kind = PLACEHOLDER_ITEM};
	if (read_column(syntax, text, end, placeholder) ||
	    read_name(syntax, text, end, placeholder))
		return length;
	*placeholder = (struct placeholder){.kind = PLACEHOLDER_ITEM};
	return end > text && read_rest(syntax, text, end, placeholder) ? length : 0;
}

bool placeholder_is_same(const struct placeholder *a, const struct placeholder *b)
{
	return a->kind == b->kind && a->padded == b->padded && a->part == b->part &&
	       a->column == b->column && a->change == b->change;
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
