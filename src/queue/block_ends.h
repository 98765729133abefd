/*
 * block_ends: where a block of records may end: behind a whole record.
 *
 * A record ends behind a text (its delimiter, --recend), before a text with which the next one
 * begins (--recstart), or where the one stands behind the other.
 */
#ifndef PEXEC_QUEUE_BLOCK_ENDS_H
#define PEXEC_QUEUE_BLOCK_ENDS_H

#include <stddef.h>

struct block_ends {
	const char *text; /* what is looked for */
	size_t length;    /* at least 1 */
	size_t behind;    /* so many bytes of it belong to the record that ends */
};

/* None is there. */
#define BLOCK_ENDS_NONE ((size_t)-1)

/* The first place where a record ends by a text that begins at `from` or behind it, as an offset in
 * `bytes`. */
size_t block_ends_next(
    const struct block_ends *ends, const char *bytes, size_t length, size_t from);

/* The last place where a record ends. */
size_t block_ends_last(const struct block_ends *ends, const char *bytes, size_t length);

/* Two parts that are looked at one after the other have so many bytes in common. */
size_t block_ends_overlap(const struct block_ends *ends);

#endif
