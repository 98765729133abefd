/*
 * placeholder: what stands for a value in the text of a command, and which part of it.
 */
#ifndef PEXEC_COMMAND_PLACEHOLDER_H
#define PEXEC_COMMAND_PLACEHOLDER_H

#include <stdbool.h>
#include <stddef.h>

#include "base/strlist.h"

/*
 * What a placeholder stands for: {} {N} {#} {%} {##}. No text stands for all columns: COLUMNS with
 * blanks between them, SPREAD each as a word; and NONE is no placeholder.
 */
enum placeholder_kind {
	PLACEHOLDER_NONE,
	PLACEHOLDER_COLUMNS,
	PLACEHOLDER_SPREAD,
	PLACEHOLDER_ITEM,
	PLACEHOLDER_COLUMN,
	PLACEHOLDER_SEQ,
	PLACEHOLDER_SLOT,
	PLACEHOLDER_TOTAL
};

/* Which part of it: {} {.} {/} {//} {/.} */
enum placeholder_part {
	PART_WHOLE,
	PART_NO_EXTENSION,
	PART_BASE,
	PART_DIRECTORY,
	PART_BASE_NO_EXTENSION
};

struct placeholder {
	enum placeholder_kind kind;
	enum placeholder_part part;
	long column; /* PLACEHOLDER_COLUMN: from 1, or from the end when negative */
	bool padded; /* a number, with zeros before it, as many as the largest needs */
	const struct value_change *change; /* what is done to it, in the place of `part`; or NULL */
};

struct placeholder_names;

/* What is a placeholder in a text. */
struct placeholder_syntax {
	const char *item; /* the one of the item: that of -I, or {}; NULL: there is none */
	size_t item_length;
	bool item_alone;                        /* there is no other */
	bool plus;                              /* --plus: there are more */
	const struct placeholder_names *others; /* in the place of {.} and the like; or NULL */
	const struct strlist *names;            /* of the columns (--header) */
};

/* Reads the placeholder at `text`. Returns its length, or 0 when there is none. */
size_t placeholder_read(
    const struct placeholder_syntax *syntax, const char *text, struct placeholder *placeholder);

/* Do the two stand for the same value? */
bool placeholder_is_same(const struct placeholder *a, const struct placeholder *b);

/* Narrows a value down to a part of it. */
void placeholder_take_part(enum placeholder_part part, const char **bytes, size_t *length);

#endif
