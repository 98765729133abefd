/*
 * block_header: the first lines of an input, which each of its blocks begins with (--header).
 */
#ifndef PEXEC_QUEUE_BLOCK_HEADER_H
#define PEXEC_QUEUE_BLOCK_HEADER_H

#include <regex.h>
#include <stdbool.h>
#include <stddef.h>

/* What a header is. */
struct block_header_rule {
	unsigned long long lines;  /* so many, where there is no expression; 0: there is none */
	const regex_t *expression; /* what it matches at the beginning of the input */
};

/* A header has no more bytes than this. */
enum { BLOCK_HEADER_MOST = 65536 };

/* A header, of all blocks of an input. */
struct block_header {
	struct block_header *next; /* in a list of all */
	size_t length;
	char bytes[];
};

enum block_header_state {
	BLOCK_HEADER_FOUND,
	BLOCK_HEADER_NONE,   /* the expression matches nothing */
	BLOCK_HEADER_GOES_ON /* with more bytes it is longer, or may show */
};

/*
 * Looks for the header at the beginning of an input, of which so many bytes and a NUL are there;
 * `is_all`: there are no more. Where BLOCK_HEADER_MOST are there and it goes on, it is too long.
 */
enum block_header_state block_header_find(const struct block_header_rule *rule, const char *bytes,
    size_t there, bool is_all, size_t *length);

#endif
