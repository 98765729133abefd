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

/*
 * Finds the header at the beginning of an input, of which so many bytes and a NUL are there;
 * `is_all`: there are no more, or it has no more. Returns whether it is known; `*length` is 0 where
 * there is none.
 */
bool block_header_find(const struct block_header_rule *rule, const char *bytes, size_t there,
    bool is_all, size_t *length);

#endif
