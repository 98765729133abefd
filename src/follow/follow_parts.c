#include "follow/follow_parts.h"

#include <assert.h>

#include "base/message.h"

/* After so many jobs a part is begun anew: a run that resumes this one reads no more again. */
enum { MOST_PART_JOBS = 65536 };

/* From job `seq` on this file is read, from `offset` on; -1: it has been read to its end. */
static bool add_row(
    struct follow_parts *parts, struct followed_file *file, uint64_t seq, off_t offset)
{
	struct follow_row row = {.seq = seq, .offset = offset};

	if (!parts->are_kept)
		return true;
	followed_file_identify(file, &row);
	parts->row_seq = seq;
	return follow_state_add(&parts->state, &row);
}

bool follow_parts_add_file(struct follow_parts *parts, struct followed_file *file)
{
	struct followed_file *current = parts->current;

	if (!add_row(parts, file, parts->next_seq, file->offset))
		return false;
	/* The jobs that come next are still from the current one. */
	if (current && current != file)
		return add_row(parts, current, parts->next_seq, current->offset);
	parts->current = file;
	return true;
}

bool follow_parts_end_file(
    struct follow_parts *parts, struct followed_file *file, struct followed_file *newest)
{
	bool kept = add_row(parts, file, parts->next_seq, -1);

	if (parts->current == file) {
		assert(newest && newest != file);
		parts->current = newest;
		kept = kept && add_row(parts, newest, parts->next_seq, newest->offset);
	}
	return kept;
}

bool follow_parts_replay(
    struct follow_parts *parts, const struct followed_names *names, size_t index)
{
	const struct follow_state *state = &parts->state;
	const struct follow_row *row = &state->rows[index];
	struct followed_file *file = followed_names_find_inode(names, row->inode);

	assert(file && follow_row_begins_part(row));
	parts->row = index;
	parts->are_replayed = follow_state_next_part(state, index) < state->count ||
			      parts->next_seq <= parts->last_seq;
	parts->current = file;
	parts->row_seq = row->seq;
	file->head_bytes_kept = row->head_bytes;
	if (followed_file_seek(file, row->offset) == 0)
		return true;
	message_errno("reading %s", names->shown);
	return false;
}

/*
 * The job before next_seq has been replayed. Goes on to the parts that begin behind it: several
 * may, when no job came from the ones between. Returns false when that fails.
 */
static bool replay_on(struct follow_parts *parts, const struct followed_names *names)
{
	while (parts->are_replayed) {
		size_t next = follow_state_next_part(&parts->state, parts->row);
		if (next == parts->state.count) {
			/* The last part: it is replayed as far as the journal has jobs. */
			parts->are_replayed = parts->next_seq <= parts->last_seq;
			return true;
		}
		if (parts->state.rows[next].seq > parts->next_seq)
			return true;
		if (!follow_parts_replay(parts, names, next))
			return false;
	}
	return true;
}

/* Do the rows say already that the record after job `seq` - 1 is from this file? */
static bool is_within_part(
    const struct follow_parts *parts, const struct followed_file *file, uint64_t seq)
{
	return file == parts->current && followed_file_is_known(file) &&
	       seq - parts->row_seq < MOST_PART_JOBS;
}

bool follow_parts_mark(struct follow_parts *parts, const struct followed_names *names,
    struct followed_file *file, off_t offset)
{
	struct followed_file *current = parts->current;
	uint64_t seq = parts->next_seq++;

	if (parts->are_replayed)
		return replay_on(parts, names);
	if (!parts->are_kept || is_within_part(parts, file, seq))
		return true;
	/* The part that ends here may begin again, by its own offset, once this one has ended. */
	bool kept = !current || current == file || add_row(parts, current, seq, current->offset);
	parts->current = file;
	return kept && add_row(parts, file, seq, offset);
}
