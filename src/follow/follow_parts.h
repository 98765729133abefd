/*
 * follow_parts: which parts of which files become which jobs, and which have in an earlier run.
 *
 * A part is a run of records of one file that are jobs one after the other. Where it begins is
 * kept in the state beside the journal before its first job is run. What an earlier run has read is
 * replayed: the same parts, in their order, give the same jobs. For the thread that reads.
 */
#ifndef PEXEC_FOLLOW_FOLLOW_PARTS_H
#define PEXEC_FOLLOW_FOLLOW_PARTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "follow/follow_state.h"
#include "follow/followed_file.h"
#include "follow/followed_names.h"

struct follow_parts {
	bool are_kept; /* in `state`; otherwise only next_seq counts */
	struct follow_state state;
	struct followed_file *current; /* the file of the last part; NULL: there is no part yet */
	uint64_t row_seq;              /* of the row that was written last */
	uint64_t next_seq;             /* of the job that comes next */

	bool are_replayed; /* what comes next is from an earlier run: only `current` is read */
	size_t row;        /* the row of the part that is replayed */
	uint64_t last_seq; /* the highest job that the journal has */
};

/*
 * A file is read from now on, from `file->offset`, and no job comes from it yet: keeps that, so
 * that it is known of when the run breaks off now. Returns false when it cannot be kept; that has
 * been said.
 */
bool follow_parts_add_file(struct follow_parts *parts, struct followed_file *file);

/*
 * A file has been read to its end for good. What comes next is from `newest` if the file was the
 * current one. Returns as follow_parts_add_file.
 */
bool follow_parts_end_file(
    struct follow_parts *parts, struct followed_file *file, struct followed_file *newest);

/*
 * Goes to the beginning of the part that row `index` of an earlier run tells of. Returns false when
 * that cannot be read; that has been said.
 */
bool follow_parts_replay(
    struct follow_parts *parts, const struct followed_names *names, size_t index);

/*
 * The record at `offset` of `file` completes the next job. Keeps it if a part begins with it; goes
 * on to the next part of an earlier run if one ends with it. Returns false when that cannot be
 * done; the reason has been said.
 */
bool follow_parts_mark(struct follow_parts *parts, const struct followed_names *names,
    struct followed_file *file, off_t offset);

#endif
