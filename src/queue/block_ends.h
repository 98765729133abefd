/*
 * block_ends: where a block of records may end: behind a whole record.
 *
 * A record ends behind a text (its delimiter, --recend), before a text with which the next one
 * begins (--recstart), or where the one stands behind the other. With --regexp these are
 * expressions.
 */
#ifndef PEXEC_QUEUE_BLOCK_ENDS_H
#define PEXEC_QUEUE_BLOCK_ENDS_H

#include <regex.h>
#include <stdbool.h>
#include <stddef.h>

/* Which place in what an expression matches is the end of a record. */
enum block_ends_place { ENDS_BEFORE_MATCH, ENDS_BEHIND_MATCH, ENDS_BEHIND_FIRST_GROUP };

struct block_ends {
	const char *text; /* what is looked for, where no expression is */
	size_t length;    /* at least 1 */
	size_t behind;    /* so many bytes of it belong to the record that ends */

	bool is_each_byte;           /* nothing is looked for: each byte is a record */
	const regex_t *expression;   /* NULL: a text is looked for */
	enum block_ends_place place; /* of the end in what it matches */
};

/* Bytes in which ends of records are looked for. */
struct block_window {
	const char *bytes; /* behind them is a NUL */
	size_t length;
	bool begins_record; /* nothing of the same record is before it */
	bool is_last;       /* nothing comes behind it */
};

/* An expression finds what has no more bytes than this. */
enum { BLOCK_ENDS_MOST = 4096 };

/*
 * The next place where a record ends, by what begins at `*from` or behind it. Sets `*from` to where
 * the one behind that is to be looked for; or, where there is none, to where to go on when there
 * are more bytes. Returns whether there is one.
 */
bool block_ends_next(
    const struct block_ends *ends, const struct block_window *window, size_t *from, size_t *end);

/* None is there. */
#define BLOCK_ENDS_NONE ((size_t)-1)

/* The last place up to `most` where a record ends. */
size_t block_ends_last(
    const struct block_ends *ends, const struct block_window *window, size_t most);

/* Two parts that are looked at one after the other have so many bytes in common. */
size_t block_ends_overlap(const struct block_ends *ends);

/* Whether a record ends shows so many bytes behind its end. */
size_t block_ends_ahead(const struct block_ends *ends);

#endif
