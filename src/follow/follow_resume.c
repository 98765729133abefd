#include "follow/follow_resume.h"

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "follow/rotated_names.h"

/* What the functions here share. */
struct resumption {
	struct followed_names *names;
	struct follow_state *state;
	const char *journal; /* its name, for messages */
};

static _Noreturn void die_of_loss(const struct resumption *run, const struct follow_row *row)
{
	errx(1,
	    "--joblog %s: what follows in the queue from job %" PRIu64 " on was in a file that is "
	    "not beside %s any more, or was truncated; it cannot be known what is missing, and "
	    "nothing is run",
	    run->journal, row->seq, run->names->shown);
}

static _Noreturn void die_of_doubt(const struct resumption *run, const char *name)
{
	char shown[ESCAPED_NAME];

	errx(1,
	    "--joblog %s: %s was rotated more than once since that was written, and of %s it "
	    "cannot be known what it has of the queue, or where: nothing is run",
	    run->journal, run->names->shown, escape_name(shown, name));
}

/* --- the files of the earlier run --- */

/*
 * Finds the row of the part that has job `first_seq`, and the row of the last part. Exits when no
 * part has the job.
 */
static size_t find_first_part(const struct resumption *run, uint64_t first_seq, size_t *last)
{
	const struct follow_state *state = run->state;
	size_t first = state->count;

	for (size_t i = 0; i < state->count; i++) {
		if (!follow_row_begins_part(&state->rows[i]))
			continue;
		*last = i;
		if (state->rows[i].seq <= first_seq)
			first = i;
	}
	if (first == state->count)
		errx(1, "%s: its beginning is damaged; nothing is run", state->name);
	return first;
}

/* Lists the files that are needed from row `from` on: those of its jobs, and those not ended. */
static void list_files(const struct resumption *run, size_t from)
{
	const struct follow_state *state = run->state;

	for (size_t i = 0; i < state->count; i++) {
		const struct follow_row *row = &state->rows[i];
		struct followed_file *file = followed_names_find_inode(run->names, row->inode);
		if (!follow_row_begins_part(row)) {
			if (file && !follow_state_has_part(state, from, i, row->inode))
				followed_names_drop(run->names, file);
			continue;
		}
		if (!file) {
			file = followed_names_add(run->names, NULL);
			if (!file)
				err(1, "%s", run->names->shown);
			file->inode = (ino_t)row->inode;
		}
		file->offset = row->offset;
		file->head_bytes_kept = row->head_bytes;
	}
}

/* Opens a file of the earlier run, by whatever name it has now. Returns false when it is gone. */
static bool open_file(const struct resumption *run, struct followed_file *file)
{
	struct followed_names *names = run->names;
	char name[NAME_MAX + 1];
	struct stat status;
	int fd = names->base
		     ? rotated_names_find(names->directory, names->base, file->inode, name, &status)
		     : followed_names_copy_input(names, &status);

	if (fd < 0)
		return false;
	followed_file_rename(file, names->base ? name : NULL);
	followed_names_attach(names, file, fd, &status);
	return true;
}

/* Opens the files that are needed from row `from` on. Exits when one is not what it was. */
static void open_files(const struct resumption *run, size_t from)
{
	const struct follow_state *state = run->state;
	struct followed_file *file;

	list_files(run, from);
	TAILQ_FOREACH (file, &run->names->files, entry)
		if (!open_file(run, file))
			die_of_loss(run, &state->rows[from]);
	for (size_t i = 0; i < state->count; i++) {
		const struct follow_row *row = &state->rows[i];
		file = follow_row_begins_part(row)
			   ? followed_names_find_inode(run->names, row->inode)
			   : NULL;
		/* An inode may have been of another file before: its last part counts. */
		bool counts =
		    i >= from || !follow_state_has_part(state, i + 1, state->count, row->inode);
		if (counts && file && !followed_file_matches(file, row))
			die_of_loss(run, row);
	}
}

/* --- the files that came after them --- */

/* Is this file one that the earlier run has read, to its end or not? */
static bool was_read(const struct resumption *run, const struct rotated *rotated)
{
	struct followed_file *file = followed_file_new(NULL);
	char path[PATH_MAX];
	bool read = followed_names_find_inode(run->names, rotated->status.st_ino);

	rotated_names_path(path, run->names->directory, rotated->name);
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (!file || fd < 0)
		err(1, "%s", path);
	followed_file_attach(file, fd, &rotated->status, 0, '\n', 0);
	for (size_t i = 0; i < run->state->count; i++)
		read |= run->state->rows[i].head_bytes > 0 &&
			followed_file_matches(file, &run->state->rows[i]);
	followed_file_free(file);
	return read;
}

/* When the earlier run began with the file that has this inode now: ms since 1970. */
static int64_t begin_of(const struct resumption *run, uint64_t inode)
{
	int64_t begin_ms = 0;

	for (size_t i = 0; i < run->state->count; i++) {
		const struct follow_row *row = &run->state->rows[i];
		if (row->inode == inode && !follow_row_begins_part(row))
			begin_ms = 0; /* what comes is another file with this inode */
		else if (row->inode == inode && begin_ms == 0)
			begin_ms = row->written_ms;
	}
	return begin_ms;
}

/*
 * Opens a file that the earlier run did not know of, and keeps that it begins before the part of
 * job `seq` goes on. A file that is not there is waited for.
 */
static void add_newcomer(const struct resumption *run, const char *name, uint64_t seq)
{
	struct followed_names *names = run->names;
	struct follow_row row = {.seq = seq};
	char path[PATH_MAX];
	struct stat status;

	rotated_names_path(path, names->directory, name);
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0 && errno == ENOENT)
		return;
	if (fd < 0 || fstat(fd, &status) != 0)
		err(1, "%s", names->shown);
	if (followed_names_find_inode(names, status.st_ino) || !S_ISREG(status.st_mode))
		die_of_doubt(run, name);
	struct followed_file *newcomer = followed_names_add(names, name);
	if (!newcomer)
		err(1, "%s", names->shown);
	followed_names_attach(names, newcomer, fd, &status);
	followed_file_identify(newcomer, &row);
	if (!follow_state_add(run->state, &row))
		exit(1);
}

/*
 * The last file of the earlier run has another name now. Opens those that had its name after it,
 * and have lost it again: rotated ones that were written to since it began.
 */
static void add_between(
    const struct resumption *run, const struct followed_file *last, uint64_t seq)
{
	const struct followed_names *names = run->names;
	struct rotated_names between;
	const struct rotated *before = NULL;

	if (rotated_names_since(
		names->directory, names->base, begin_of(run, last->inode), &between) != 0)
		err(1, "%s", names->directory);
	for (size_t i = 0; i < between.count; i++) {
		const struct rotated *rotated = &between.files[i];
		if (was_read(run, rotated))
			continue;
		if (rotated->packed || (before && !rotated_names_is_ordered(before, rotated)))
			die_of_doubt(run, rotated->name);
		add_newcomer(run, rotated->name, seq);
		before = rotated;
	}
	rotated_names_free(&between);
}

/* Opens what has had the name since the last part, that of row `last_part`, was written. */
static void add_newcomers(const struct resumption *run, size_t last_part)
{
	struct followed_names *names = run->names;
	const struct followed_file *last = TAILQ_LAST(&names->files, followed_files);
	const struct follow_row *part = &run->state->rows[last_part];
	struct followed_file *file, *known = NULL;

	if (!names->base || followed_file_has_name(last, names->base))
		return;
	TAILQ_FOREACH (file, &names->files, entry)
		if (followed_file_has_name(file, names->base))
			known = file;
	add_between(run, last, part->seq);
	if (known)
		followed_names_make_newest(names, known); /* it has got its name back */
	else
		add_newcomer(run, names->base, part->seq);
	/* The last part goes on behind them: nothing is known of where it ends. */
	if (!follow_state_add(run->state, part))
		exit(1);
}

void follow_resume(struct followed_names *names, struct follow_parts *parts,
    const struct follow_options *options, const struct journal *journal)
{
	const struct resumption run = {
	    .names = names, .state = &parts->state, .journal = options->journal};
	size_t last_part = 0;
	size_t first_part = find_first_part(&run, journal_first(journal), &last_part);

	open_files(&run, first_part);
	add_newcomers(&run, last_part);
	parts->next_seq = parts->state.rows[first_part].seq;
	parts->last_seq = journal_last(journal);
	if (!follow_parts_replay(parts, names, first_part))
		exit(1);
}
