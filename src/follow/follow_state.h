/*
 * position: which part of a followed file has become which jobs.
 *
 * A small file beside the journal, FILE.position: a line when a part begins, written before its
 * first job is run. A run that resumes an earlier one finds by it where that was, even when the
 * files have other names by now. The journal's lock keeps others out.
 */
#ifndef PEXEC_FOLLOW_FOLLOW_STATE_H
#define PEXEC_FOLLOW_FOLLOW_STATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "follow/follow_options.h"

/* The jobs from `seq` on, until the next row, are the items of a file from `offset` on. */
struct follow_row {
	uint64_t seq;
	uint64_t inode;
	int64_t offset; /* -1: the file has been read to its end for good, and has no jobs here */
	size_t length;  /* so many bytes at the beginning of the file were known, */
	uint64_t hash;  /* and have this hash */
	int64_t time;   /* when it was written, in ms since 1970 */
};

struct follow_state {
	char *name;
	int fd; /* -1: nothing is written (--dry-run) */
	bool sync;
	struct follow_row *rows; /* of earlier runs, in their order */
	size_t count;
};

/*
 * Opens the file that goes with the journal of `options`. Reads it when the run resumes an earlier
 * one; otherwise it begins anew. Exits with status 1 and a message when that cannot be.
 */
void follow_state_open(struct follow_state *position, const struct follow_options *options);

/* Adds a row; its time is now. Returns false when it cannot be written; that has been said. */
bool follow_state_add(struct follow_state *position, const struct follow_row *row);

/* The hash of the beginning of a file. */
uint64_t follow_state_hash(const char *bytes, size_t length);

void follow_state_close(struct follow_state *position);

#endif
