#include "follow/follow.h"

#include <assert.h>
#include <err.h>
#include <inttypes.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/message.h"
#include "follow/follow_parts.h"
#include "follow/follow_resume.h"
#include "follow/followed_file.h"
#include "follow/followed_names.h"
#include "follow/fs_watch.h"

/* How long an old file is kept where it cannot be told whether a writer has it open. */
enum { LINGER_MS = 60000 };

/* How long it is kept where no writer has it: one may just be opening it, by its old name. */
enum { QUIET_MS = 100 };

struct follow {
	const struct follow_options *options;
	int interrupt_fd;
	struct followed_names names;
	struct follow_parts parts;
	bool lingers;                /* an old file is kept for LINGER_MS: it must be looked at */
	struct followed_file *taken; /* the file of the record that was handed out last */
	off_t taken_at;              /* where in that file the record began */
};

/* --- reading a file --- */

/* Has every writer of this file gone for good? Or is it one file too many? */
static bool is_over(struct follow *follow, const struct followed_file *file)
{
	const struct followed_file *each;
	size_t count = 0;

	if (file == followed_names_newest(&follow->names))
		return false;
	int writers = fs_watch_has_writers(file->reader.fd);
	if (writers <= 0 && clock_ms() - file->active_ms >= (writers == 0 ? QUIET_MS : LINGER_MS))
		return true;
	follow->lingers |= writers < 0;
	follow->names.needs_recheck |= writers == 0;
	TAILQ_FOREACH (each, &follow->names.files, entry)
		count++;
	return count > FOLLOW_FILES;
}

/* An old file has been read to its end. Returns false when that cannot be kept. */
static bool let_go(struct follow *follow, struct followed_file *file)
{
	assert(file != followed_names_newest(&follow->names));
	bool kept =
	    follow_parts_end_file(&follow->parts, file, followed_names_newest(&follow->names));

	followed_names_drop(&follow->names, file);
	return kept;
}

/* Reads a file that grows, or finds that it does so no more. */
static enum reader_status read_on(struct follow *follow, struct followed_file *file)
{
	if (followed_file_is_truncated(file)) {
		followed_file_finish(file, FOLLOWED_FILE_TRUNCATED);
		return READER_END;
	}
	enum reader_status status = followed_file_read(file);
	if (status == READER_END && is_over(follow, file)) {
		/* A writer may have written its last words before it was seen to be gone. */
		status = followed_file_read(file);
		if (status == READER_END)
			followed_file_finish(file, FOLLOWED_FILE_ENDS);
	}
	if (status == READER_FAILED)
		message_errno("reading %s", follow->names.shown);
	return status;
}

/*
 * Looks for a record in one file. READER_END: there is none now, and the file may have been let go.
 */
static enum reader_status look_into(struct follow *follow, struct followed_file *file)
{
	if (!followed_file_is_open(file))
		return READER_END;
	if (file->state == FOLLOWED_FILE_GROWS) {
		enum reader_status status = read_on(follow, file);
		if (status != READER_END || file->state == FOLLOWED_FILE_GROWS)
			return status;
	}
	/* What is left in it is a record as well. */
	if (reader_ready(&file->reader))
		return READER_RECORD;
	if (file->state == FOLLOWED_FILE_ENDS && file != followed_names_newest(&follow->names))
		return let_go(follow, file) ? READER_END : READER_FAILED;
	/* The newest one has ended only for what was replayed: it may grow behind that. */
	bool stays = file->state == FOLLOWED_FILE_ENDS;
	if ((stays ? followed_file_stay(file) : followed_file_restart(file)) != 0)
		message_errno("reading %s", follow->names.shown);
	else if (stays || follow_parts_add_file(&follow->parts, file))
		return read_on(follow, file);
	return READER_FAILED;
}

/* --- all files --- */

/* Opens what the name has come to stand for. Returns false when that cannot be kept. */
static bool look_for_files(struct follow *follow)
{
	struct followed_file *file;

	followed_names_look(&follow->names);
	TAILQ_FOREACH (file, &follow->names.files, entry)
		if (file->is_unrecorded) {
			file->is_unrecorded = false;
			if (!follow_parts_add_file(&follow->parts, file))
				return false;
		}
	return true;
}

/* The file with the next record that an earlier run has read; NULL: `status` says why. */
static struct followed_file *find_replayed(struct follow *follow, enum reader_status *status)
{
	struct followed_file *file = follow->parts.current;

	*status = followed_file_read(file);
	/* What was left without a delimiter was a record then, too. */
	if (*status == READER_END)
		followed_file_finish(file, FOLLOWED_FILE_ENDS);
	if (*status == READER_RECORD || reader_ready(&file->reader))
		return file;
	if (*status == READER_END)
		message("%s: job %" PRIu64 " of --joblog %s is not in its file any more",
		    follow->names.shown, follow->parts.next_seq, follow->options->journal);
	else
		message_errno("reading %s", follow->names.shown);
	*status = READER_FAILED;
	return NULL;
}

/* The file that has a record at hand, the oldest one first; NULL: `status` says why. */
static struct followed_file *find_record(struct follow *follow, enum reader_status *status)
{
	struct followed_file *file, *next;

	if (follow->parts.are_replayed)
		return find_replayed(follow, status);
	TAILQ_FOREACH (file, &follow->names.files, entry)
		if (followed_file_is_open(file) && reader_ready(&file->reader))
			return file;
	follow->lingers = false;
	*status = look_for_files(follow) ? READER_END : READER_FAILED;
	for (file = TAILQ_FIRST(&follow->names.files); file && *status == READER_END; file = next) {
		next = TAILQ_NEXT(file, entry);
		*status = look_into(follow, file);
		if (*status == READER_RECORD)
			return file;
	}
	return NULL;
}

/* How long to wait until something is looked at that the system does not tell: ms; -1: for ever. */
static int wait_ms(struct follow *follow)
{
	const struct followed_names *names = &follow->names;
	const struct followed_file *file;

	if (names->needs_recheck)
		return FOLLOWED_RECHECK_MS;
	if (follow->lingers || names->polls_name || !names->watch.all_growth ||
	    (names->base && !fs_watch_tells_names(&names->watch)))
		return WATCH_INTERVAL;
	TAILQ_FOREACH (file, &names->files, entry)
		if (!followed_file_is_open(file))
			return WATCH_INTERVAL;
	return -1;
}

/* Waits until there may be a record. READER_RECORD: look. */
static enum reader_status await(struct follow *follow)
{
	struct followed_names *names = &follow->names;
	enum fs_event event = fs_watch_wait(&names->watch, follow->interrupt_fd, wait_ms(follow));

	names->needs_recheck =
	    event != WATCH_TIMEOUT && followed_names_newest(names) != TAILQ_FIRST(&names->files);
	return event == WATCH_INTERRUPTED ? READER_INTERRUPTED : READER_RECORD;
}

/* --- the face --- */

/* Hands out the record that is at hand in a file. */
static enum reader_status take_record(
    struct follow *follow, struct followed_file *file, struct record *record)
{
	size_t pending = reader_pending(&file->reader);
	enum reader_status status = reader_next(&file->reader, record);

	follow->taken = file;
	follow->taken_at = file->offset;
	/* The record has gone, and its delimiter, if it has one. */
	file->offset += (off_t)(pending - reader_pending(&file->reader));
	return status;
}

enum reader_status follow_next(struct follow *follow, struct record *record)
{
	enum reader_status status;

	do {
		struct followed_file *file = find_record(follow, &status);
		if (file)
			return take_record(follow, file, record);
		if (status == READER_END)
			status = await(follow);
	} while (status == READER_RECORD);
	return status;
}

bool follow_ready(struct follow *follow)
{
	enum reader_status status;

	return find_record(follow, &status) != NULL;
}

bool follow_mark(struct follow *follow)
{
	return follow_parts_mark(&follow->parts, &follow->names, follow->taken, follow->taken_at);
}

struct follow *follow_open(
    const struct follow_options *options, int standard_input, size_t limit, int interrupt_fd)
{
	struct follow *follow = calloc(1, sizeof *follow);

	if (!follow)
		err(1, "--follow");
	follow->options = options;
	follow->interrupt_fd = interrupt_fd;
	follow->parts.next_seq = 1;
	followed_names_open(
	    &follow->names, options->name, standard_input, options->delimiter, limit);
	return follow;
}

/* Standard input is the only file, and the first program that read it may have read some of it. */
static bool begin_input(struct follow *follow)
{
	struct followed_names *names = &follow->names;
	struct stat status;
	int fd = followed_names_copy_input(names, &status);
	struct followed_file *file = followed_names_add(names, NULL);

	if (!file)
		err(1, "stdin");
	file->offset = lseek(fd, 0, SEEK_CUR);
	followed_names_attach(names, file, fd, &status);
	return follow_parts_add_file(&follow->parts, file);
}

/* Opens what is there. That may be nothing. Returns false when it cannot be kept. */
static bool begin_afresh(struct follow *follow)
{
	if (!follow->names.base)
		return begin_input(follow);
	if (!followed_names_add(&follow->names, follow->names.base))
		message_errno("%s", follow->names.shown);
	return look_for_files(follow);
}

uint64_t follow_begin(struct follow *follow, const struct journal *journal)
{
	const struct follow_options *options = follow->options;
	struct follow_parts *parts = &follow->parts;

	/* Not with batches: a batch may have items of two files. */
	parts->are_kept = options->keeps_place;
	if (parts->are_kept)
		follow_state_open(&parts->state, options);
	if (parts->state.count > 0)
		follow_resume(&follow->names, parts, options, journal);
	else if (journal && journal_last(journal) > 0)
		errx(1,
		    "--joblog %s has jobs, and %s does not say where they come from; nothing is "
		    "run",
		    options->journal, parts->state.name);
	else if (!begin_afresh(follow))
		exit(1);
	return parts->next_seq - 1;
}

void follow_close(struct follow *follow)
{
	followed_names_close(&follow->names);
	if (follow->parts.are_kept)
		follow_state_close(&follow->parts.state);
	free(follow);
}
