/*
 * follow_state: which part of a followed file has become which jobs, in a file beside the journal.
 *
 * FILE.position has a row when a part begins, written before the first job of the part is run. A
 * run that resumes an earlier one finds by it where that was, even when the files have other names
 * by now. The lock of the journal keeps other runs out. One thread at a time.
 */
#ifndef PEXEC_FOLLOW_FOLLOW_STATE_H
#define PEXEC_FOLLOW_FOLLOW_STATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "follow/follow_options.h"
#include "record/append_file.h"

/*
 * The jobs from `seq` on, until the next row, are the items of a file from `offset` on. A row whose
 * offset is -1 says that the file has been read to its end for good; it begins no part.
 */
struct follow_row {
	uint64_t seq;
	uint64_t inode;
	int64_t offset;     /* bytes from the beginning of the file; -1: see above */
	size_t head_bytes;  /* how much of the beginning of the file was known */
	uint64_t head_hash; /* the hash of that much */
	int64_t written_ms; /* when the row was written: ms since 1970 */
};

struct follow_state {
	char *name;
	struct append_file file; /* its descriptor is -1 with --dry-run */
	bool sync;               /* --sync: a row is safe from a power cut before its part begins */
	struct follow_row *rows; /* of earlier runs, in their order */
	size_t count;
};

/*
 * Opens the file that goes with the journal of `options`. Reads it when the run resumes an earlier
 * one; otherwise it is emptied. Exits with status 1 and a message when it cannot be opened or read,
 * or is damaged.
 */
void follow_state_open(struct follow_state *state, const struct follow_options *options);

/* Does this row begin a part, which has jobs? */
bool follow_row_begins_part(const struct follow_row *row);

/*
 * The first row behind `index` that begins a part; `state->count` when there is none.
 */
size_t follow_state_next_part(const struct follow_state *state, size_t index);

/* Does a row from `from` on, before `to`, begin a part of the file with this inode? */
bool follow_state_has_part(
    const struct follow_state *state, size_t from, size_t to, uint64_t inode);

/*
 * Adds a row, with the present time in the place of its own. With --dry-run nothing is written.
 * Returns false when it cannot be written; the reason has been said.
 */
bool follow_state_add(struct follow_state *state, const struct follow_row *row);

/* The hash of the beginning of a file, as it stands in a row. */
uint64_t follow_state_hash(const char *bytes, size_t length);

/* Closes the file and frees what belongs to the state. */
void follow_state_close(struct follow_state *state);

#endif
