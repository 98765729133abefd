#include "follow/follow.h"

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/escape.h"
#include "base/message.h"
#include "follow/follow_state.h"
#include "follow/followed_file.h"
#include "follow/fs_watch.h"
#include "follow/rotated_names.h"

/* How long, in ms, an old file is kept where it cannot be told whether somebody writes to it. */
enum { LINGER = 60000 };

/* And how long where nobody writes to it: somebody may just be opening it, by its old name. */
enum { QUIET = 100 };

/* A writer has gone a moment after that is told, in ms. */
enum { RECHECK = 20 };

/* After so many jobs it is kept anew where the next ones are, so that less is read again. */
enum { CHECKPOINT = 65536 };

struct follow {
	const struct follow_options *options;
	char shown[ESCAPED_NAME]; /* the name, for messages */
	char *directory;          /* absolute: the working directory may become another one */
	const char *base;         /* the name in it; NULL: standard input is followed */
	int standard_input;
	int interrupt_fd;
	size_t limit;
	struct fs_watch watch;
	bool polls_name;                      /* what the name stands for is not told */
	bool complained;                      /* it was said that the file cannot be opened */
	bool recheck;                         /* something happened to an old file a moment ago */
	bool lingers;                         /* an old file is kept for LINGER */
	struct followed_files followed_files; /* the oldest first */
	struct followed_file *taken;          /* what the last record is from, */
	off_t taken_at;                       /* and where it began */

	/* with a journal */
	bool records;
	struct follow_state position;
	struct followed_file *active; /* the last row is about it; NULL: there is no row */
	uint64_t row_seq;             /* of that row */
	uint64_t next_seq;            /* of the job that comes next */
	bool replays;                 /* this part has been read before, up to a known job */
	size_t row;                   /* which one it is */
	uint64_t last_seq;            /* of the jobs that the journal has */
};

/* --- what is kept of where jobs come from --- */

/* From the next job on, this file is read, from `offset` on; or not at all any more: -1. */
static bool add_row(struct follow *follow, struct followed_file *generation, off_t offset)
{
	struct follow_row row = {.seq = follow->next_seq, .offset = offset};

	if (!follow->records)
		return true;
	followed_file_identify(generation, &row);
	follow->row_seq = follow->next_seq;
	return follow_state_add(&follow->position, &row);
}

/* A file begins that no job comes from yet: it shall be known of when the run breaks off now. */
static bool add_first_row(struct follow *follow, struct followed_file *generation)
{
	struct followed_file *active = follow->active;

	if (!add_row(follow, generation, generation->offset))
		return false;
	if (active && active != generation)
		return add_row(follow, active, active->offset);
	follow->active = generation;
	return true;
}

static bool has_name(const struct followed_file *generation, const char *name)
{
	return generation->name && strcmp(generation->name, name) == 0;
}

static struct followed_file *find_inode(const struct follow *follow, uint64_t inode)
{
	struct followed_file *generation;

	TAILQ_FOREACH (generation, &follow->followed_files, entry)
		if (generation->inode == inode)
			return generation;
	return NULL;
}

/* The row behind `row` that has jobs; `count` when there is none. */
static size_t next_part(const struct follow_state *position, size_t row)
{
	do
		row++;
	while (row < position->count && position->rows[row].offset < 0);
	return row;
}

/* Goes to the beginning of the part that a row of an earlier run tells of. */
static bool begin_part(struct follow *follow, size_t index)
{
	const struct follow_row *row = &follow->position.rows[index];
	struct followed_file *generation = find_inode(follow, row->inode);

	follow->row = index;
	follow->replays = next_part(&follow->position, index) < follow->position.count ||
			  follow->next_seq <= follow->last_seq;
	follow->active = generation;
	follow->row_seq = row->seq;
	generation->known = row->length;
	if (followed_file_seek(generation, row->offset) == 0)
		return true;
	message_errno("reading %s", follow->shown);
	return false;
}

bool follow_mark(struct follow *follow, uint64_t seq)
{
	struct followed_file *generation = follow->taken, *active = follow->active;
	bool kept = true;

	follow->next_seq = seq + 1;
	while (follow->replays) {
		size_t next = next_part(&follow->position, follow->row);
		if (next == follow->position.count) {
			follow->replays = follow->next_seq <= follow->last_seq;
			return true;
		}
		if (follow->position.rows[next].seq > follow->next_seq)
			return true;
		if (!begin_part(follow, next))
			return false;
		if (!follow->replays)
			return true;
	}
	if (!follow->records || (generation == active && followed_file_is_known(generation) &&
				    seq - follow->row_seq < CHECKPOINT))
		return true;
	follow->next_seq = seq;
	if (active && active != generation)
		kept = add_row(follow, active, active->offset);
	kept = kept && add_row(follow, generation, follow->taken_at);
	follow->active = generation;
	follow->next_seq = seq + 1;
	return kept;
}

/* --- which files there are --- */

static struct followed_file *newest(struct follow *follow)
{
	struct followed_file *generation;

	TAILQ_FOREACH_REVERSE (generation, &follow->followed_files, followed_files, entry)
		if (followed_file_is_open(generation))
			return generation;
	return NULL;
}

static void drop(struct follow *follow, struct followed_file *generation)
{
	TAILQ_REMOVE(&follow->followed_files, generation, entry);
	fs_watch_forget(&follow->watch, generation->watch);
	followed_file_free(generation);
}

/* What the name stands for is another file now, which waits to be opened. */
static void expect(struct follow *follow, const char *name)
{
	struct followed_file *generation = followed_file_new(name);

	if (generation)
		TAILQ_INSERT_TAIL(&follow->followed_files, generation, entry);
	else
		message_errno("%s", follow->shown);
}

/* Another file is the newest now; whoever has this one open may still write to it. */
static void make_old(struct follow *follow, struct followed_file *generation)
{
	generation->watch = fs_watch_file(&follow->watch, generation->reader.fd, true);
	generation->fed = clock_ms();
	follow->recheck = true;
}

/* The name stands again for a file that is known already: that is the newest once more. */
static void make_newest(struct follow *follow, struct followed_file *generation)
{
	struct followed_file *old = newest(follow);

	TAILQ_REMOVE(&follow->followed_files, generation, entry);
	TAILQ_INSERT_TAIL(&follow->followed_files, generation, entry);
	if (!followed_file_is_open(generation))
		return;
	if (generation->state == FOLLOWED_FILE_LEAVES && followed_file_stay(generation) != 0)
		message_errno("reading %s", follow->shown);
	if (old != generation)
		make_old(follow, old);
}

/* Does this file get its new name by the change? */
static bool is_end_of_rename(const struct change *change, const struct followed_file *generation)
{
	return change->kind == NAME_ARRIVED && change->cookie != 0 &&
	       generation->cookie == change->cookie;
}

/* What a change of names is about. */
struct concerned {
	struct followed_file *moved; /* it has got a new name */
	bool awaited;                /* the file is one that was waited for */
	bool ours;                   /* anything of ours */
};

/* Does what a change says of the names of files that we have, or wait for. */
static struct concerned take_change(struct follow *follow, const struct change *change)
{
	struct concerned concerned = {0};
	struct followed_file *generation;

	TAILQ_FOREACH (generation, &follow->followed_files, entry) {
		/* cppcheck-suppress uninitvar; the loop above sets it */
		bool arrives = is_end_of_rename(change, generation);
		bool named = has_name(generation, change->name);
		/* It may be waited for twice: as it was there, and as it was told of. */
		if (arrives) {
			followed_file_rename(generation, change->name);
			concerned.moved = generation;
		} else if (named && change->kind == NAME_CREATED &&
			   !followed_file_is_open(generation)) {
			concerned.awaited = true; /* there was none yet */
		} else if (named && change->kind != NAMES_LOST) {
			followed_file_rename(generation, NULL); /* or replaced */
		}
		if (named && change->kind == NAME_LEFT)
			generation->cookie = change->cookie;
		concerned.ours |= arrives || named;
	}
	return concerned;
}

/* Does what was told of the names. Returns whether one of ours was concerned. */
static bool take_changes(struct follow *follow)
{
	struct change change;
	bool ours = false;

	while (fs_watch_next_change(&follow->watch, &change)) {
		struct concerned concerned = take_change(follow, &change);
		bool here = strcmp(change.name, follow->base) == 0 &&
			    (change.kind == NAME_CREATED || change.kind == NAME_ARRIVED);
		if (here && concerned.moved)
			make_newest(follow, concerned.moved);
		else if (here && !concerned.awaited)
			expect(follow, follow->base);
		if (change.kind == NAMES_LOST) {
			message(
			    "%s: not all that happened in its directory was told: looking for it "
			    "by name, another file may have been missed",
			    follow->shown);
			expect(follow, follow->base);
		}
		ours |= here || concerned.ours || change.kind == NAMES_LOST;
	}
	return ours;
}

/* Looks by itself whether the name stands for another file. */
static void look_at_name(struct follow *follow)
{
	const struct followed_file *last = TAILQ_LAST(&follow->followed_files, followed_files);
	char path[PATH_MAX];
	struct stat status;

	rotated_names_path(path, follow->directory, follow->base);
	if (stat(path, &status) == 0 &&
	    (!last || (followed_file_is_open(last) &&
			  (last->inode != status.st_ino || last->device != status.st_dev))))
		expect(follow, follow->base);
}

/* A file is there that is to be read; the one before it is an old one from now on. */
static void enlist(
    struct follow *follow, struct followed_file *generation, int fd, const struct stat *status)
{
	struct followed_file *old = newest(follow);

	followed_file_attach(
	    generation, fd, status, generation->offset, follow->options->delimiter, follow->limit);
	if (generation != newest(follow)) {
		make_old(follow, generation);
		return;
	}
	generation->watch = fs_watch_file(&follow->watch, fd, false);
	if (old)
		make_old(follow, old);
}

/* The same file under another of our entries: it is called as that one was to be. */
static bool is_known(
    struct follow *follow, const struct followed_file *pending, const struct stat *status)
{
	struct followed_file *generation;

	TAILQ_FOREACH (generation, &follow->followed_files, entry)
		if (generation != pending && followed_file_is_open(generation) &&
		    generation->inode == status->st_ino && generation->device == status->st_dev) {
			followed_file_rename(generation, pending->name);
			if (has_name(generation, follow->base))
				make_newest(follow, generation);
			return true;
		}
	return false;
}

/* What the name stands for cannot be read. It may be being made, so it is tried again. */
static void complain(struct follow *follow, const char *reason)
{
	if (!follow->complained)
		message("%s: %s; trying again", follow->shown, reason);
	follow->complained = true;
}

/*
 * Opens a file by the name that it has by now, which may change at any moment. Returns its
 * descriptor, -1 when there is none (yet), -2 when it is gone.
 */
static int open_by_name(struct follow *follow, struct followed_file *pending)
{
	char path[PATH_MAX];
	struct pollfd names = {.fd = follow->watch.names, .events = POLLIN};
	struct stat status;

	for (;;) {
		/* The second half of a rename is told right behind the first. */
		if (!pending->name && pending->cookie != 0 && poll(&names, 1, RECHECK) == 1)
			take_changes(follow);
		if (!pending->name)
			return -2;
		rotated_names_path(path, follow->directory, pending->name);
		int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
		int error = errno;
		if (fd < 0 && error == ENOENT && fs_watch_tells_names(&follow->watch))
			poll(&names, 1, RECHECK); /* that will be told at once, too */
		if (take_changes(follow)) {
			if (fd >= 0)
				close(fd);
			continue;
		}
		if (lstat(path, &status) == 0 && S_ISLNK(status.st_mode))
			follow->polls_name = true;
		errno = error;
		return fd;
	}
}

/* Opens a file that was told of. Returns false when that cannot be kept. */
static bool open_pending(struct follow *follow, struct followed_file *pending)
{
	int fd = open_by_name(follow, pending);
	struct stat status;

	if (fd == -2) {
		message("%s: a file that had this name is gone, and was not read", follow->shown);
		drop(follow, pending);
		return true;
	}
	if (fd < 0) {
		if (errno != ENOENT)
			complain(follow, strerror(errno));
		else
			drop(follow, pending); /* it is waited for */
		return true;
	}
	if (fstat(fd, &status) != 0 || !S_ISREG(status.st_mode)) {
		close(fd);
		complain(follow, "not a regular file");
		return true;
	}
	if (is_known(follow, pending, &status)) {
		close(fd);
		drop(follow, pending);
		return true;
	}
	follow->complained = false;
	enlist(follow, pending, fd, &status);
	return add_first_row(follow, pending);
}

/* Opens what the name has come to stand for. Returns false when that cannot be kept. */
static bool look_for_files(struct follow *follow)
{
	struct followed_file *generation, *next, *last;

	if (!follow->base)
		return true;
	take_changes(follow);
	if (!fs_watch_tells_names(&follow->watch) || follow->polls_name)
		look_at_name(follow);
	do {
		last = TAILQ_LAST(&follow->followed_files, followed_files);
		TAILQ_FOREACH_SAFE (generation, &follow->followed_files, entry, next)
			if (!followed_file_is_open(generation) && !open_pending(follow, generation))
				return false;
		/* While one was opened it may have been told of another. */
		generation = TAILQ_LAST(&follow->followed_files, followed_files);
	} while (generation && generation != last && !followed_file_is_open(generation));
	return true;
}

/* --- reading --- */

/* Will nobody write to this file any more? */
static bool is_over(struct follow *follow, const struct followed_file *generation)
{
	const struct followed_file *each;
	size_t count = 0;

	if (generation == newest(follow))
		return false;
	int writers = fs_watch_has_writers(generation->reader.fd);
	if (writers <= 0 && clock_ms() - generation->fed >= (writers == 0 ? QUIET : LINGER))
		return true;
	follow->lingers |= writers < 0;
	follow->recheck |= writers == 0;
	TAILQ_FOREACH (each, &follow->followed_files, entry)
		count++;
	return count > FOLLOW_FILES;
}

/* An old file is done with. */
static bool let_go(struct follow *follow, struct followed_file *generation)
{
	bool kept = add_row(follow, generation, -1);

	if (follow->active == generation) {
		follow->active = newest(follow);
		kept = kept && add_row(follow, follow->active, follow->active->offset);
	}
	drop(follow, generation);
	return kept;
}

/* Reads a file that grows, or finds that it does so no more. */
static enum reader_status read_on(struct follow *follow, struct followed_file *generation)
{
	if (followed_file_is_cut(generation)) {
		followed_file_finish(generation, FOLLOWED_FILE_CUT);
		return READER_END;
	}
	enum reader_status status = followed_file_read(generation);
	if (status == READER_END && is_over(follow, generation)) {
		status = followed_file_read(generation); /* the last words before that was so */
		if (status == READER_END)
			followed_file_finish(generation, FOLLOWED_FILE_LEAVES);
	}
	if (status == READER_FAILED)
		message_errno("reading %s", follow->shown);
	return status;
}

/* Looks for a record in one file. READER_END: there is none now, and perhaps no file any more. */
static enum reader_status look_into(struct follow *follow, struct followed_file *generation)
{
	if (!followed_file_is_open(generation))
		return READER_END;
	if (generation->state == FOLLOWED_FILE_GROWS) {
		enum reader_status status = read_on(follow, generation);
		if (status != READER_END || generation->state == FOLLOWED_FILE_GROWS)
			return status;
	}
	/* What is left in it is a record as well. */
	if (reader_ready(&generation->reader))
		return READER_RECORD;
	if (generation->state == FOLLOWED_FILE_LEAVES)
		return let_go(follow, generation) ? READER_END : READER_FAILED;
	if (followed_file_restart(generation) != 0)
		message_errno("reading %s", follow->shown);
	else if (add_first_row(follow, generation))
		return read_on(follow, generation);
	return READER_FAILED;
}

/* What an earlier run has read already. */
static struct followed_file *read_again(struct follow *follow, enum reader_status *status)
{
	*status = followed_file_read(follow->active);
	if (*status == READER_END)
		followed_file_finish(follow->active, FOLLOWED_FILE_LEAVES); /* as it was then */
	if (*status == READER_RECORD || reader_ready(&follow->active->reader))
		return follow->active;
	if (*status == READER_END)
		message("%s: job %" PRIu64 " of --joblog %s is not in its file any more",
		    follow->shown, follow->next_seq, follow->options->journal);
	else
		message_errno("reading %s", follow->shown);
	*status = READER_FAILED;
	return NULL;
}

/* The file that has a record at hand, the oldest one first; NULL: there is none for now, or as
 * `status` says. */
static struct followed_file *find_record(struct follow *follow, enum reader_status *status)
{
	struct followed_file *generation, *next;

	if (follow->replays)
		return read_again(follow, status);
	TAILQ_FOREACH (generation, &follow->followed_files, entry)
		if (followed_file_is_open(generation) && reader_ready(&generation->reader))
			return generation;
	follow->lingers = false;
	*status = look_for_files(follow) ? READER_END : READER_FAILED;
	for (generation = TAILQ_FIRST(&follow->followed_files); generation && *status == READER_END;
	     generation = next) {
		next = TAILQ_NEXT(generation, entry);
		*status = look_into(follow, generation);
		if (*status == READER_RECORD)
			return generation;
	}
	return NULL;
}

/* How long to wait at most until something is looked at again, in ms; -1: for ever. */
static int patience(struct follow *follow)
{
	const struct followed_file *generation;

	if (follow->recheck)
		return RECHECK;
	if (follow->lingers || follow->polls_name || !follow->watch.all_growth ||
	    (follow->base && !fs_watch_tells_names(&follow->watch)))
		return WATCH_INTERVAL;
	TAILQ_FOREACH (generation, &follow->followed_files, entry)
		if (!followed_file_is_open(generation))
			return WATCH_INTERVAL;
	return -1;
}

/* Waits until there may be more. READER_RECORD: look. */
static enum reader_status await(struct follow *follow)
{
	enum fs_event event = fs_watch_wait(&follow->watch, follow->interrupt_fd, patience(follow));

	if (event == WATCH_FAILED) {
		message_errno("waiting for %s", follow->shown);
		return READER_FAILED;
	}
	follow->recheck =
	    event != WATCH_TIMEOUT && newest(follow) != TAILQ_FIRST(&follow->followed_files);
	return event == WATCH_INTERRUPTED ? READER_INTERRUPTED : READER_RECORD;
}

enum reader_status follow_next(struct follow *follow, struct record *record)
{
	enum reader_status status;

	do {
		struct followed_file *generation = find_record(follow, &status);
		if (generation) {
			size_t pending = reader_pending(&generation->reader);
			status = reader_next(&generation->reader, record);
			follow->taken = generation;
			follow->taken_at = generation->offset;
			/* With its delimiter, if it has one. */
			pending -= reader_pending(&generation->reader);
			generation->offset += (off_t)pending;
			return status;
		}
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

/* --- the beginning --- */

/* Is a part of this path a symbolic link, which may come to stand for another directory? */
static bool has_link(const char *path)
{
	char part[PATH_MAX];
	struct stat status;

	for (const char *slash = path; (slash = strchr(slash + 1, '/'));) {
		snprintf(part, sizeof part, "%.*s", (int)(slash - path), path);
		if (lstat(part, &status) == 0 && S_ISLNK(status.st_mode))
			return true;
	}
	return false;
}

struct follow *follow_open(
    const struct follow_options *options, int standard_input, size_t limit, int interrupt_fd)
{
	const char *name = options->name, *slash = strrchr(name, '/');
	struct follow *follow = calloc(1, sizeof *follow);
	char here[PATH_MAX];
	struct stat status;

	if (!follow || !getcwd(here, sizeof here))
		err(1, "--follow");
	follow->options = options;
	follow->standard_input = standard_input;
	follow->interrupt_fd = interrupt_fd;
	follow->limit = limit;
	follow->next_seq = 1;
	TAILQ_INIT(&follow->followed_files);
	if (strcmp(name, "-") == 0) {
		escape_name(follow->shown, "stdin");
		fs_watch_open(&follow->watch, NULL);
		return follow;
	}
	escape_name(follow->shown, name);
	follow->base = slash ? slash + 1 : name;
	if (asprintf(&follow->directory, "%s%s%.*s", *name == '/' ? "" : here,
		*name == '/' ? "" : "/", (int)(follow->base - name), name) < 0)
		err(1, "--follow");
	if (stat(follow->directory, &status) != 0 || *follow->base == '\0')
		err(1, "%s", follow->shown);
	follow->polls_name = has_link(follow->directory);
	fs_watch_open(&follow->watch, follow->directory);
	return follow;
}

/* Opens what is there. Nothing may be. */
static bool begin_afresh(struct follow *follow)
{
	struct stat status;

	if (follow->base) {
		expect(follow, follow->base);
		return look_for_files(follow);
	}
	struct followed_file *generation = followed_file_new(NULL);
	int fd = fcntl(follow->standard_input, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
	if (!generation || fd < 0 || fstat(fd, &status) != 0)
		err(1, "stdin");
	/* Whoever started pexec may have read some of it. */
	generation->offset = lseek(fd, 0, SEEK_CUR);
	TAILQ_INSERT_TAIL(&follow->followed_files, generation, entry);
	enlist(follow, generation, fd, &status);
	return add_first_row(follow, generation);
}

static _Noreturn void die_of_loss(const struct follow *follow, const struct follow_row *row)
{
	errx(1,
	    "--joblog %s: what follows in the queue from job %" PRIu64 " on was in a file that is "
	    "not beside %s any more, or was truncated; it cannot be known what is missing, and "
	    "nothing is run",
	    follow->options->journal, row->seq, follow->shown);
}

/* Does an earlier run have jobs from this file behind row `from`, up to `to`? */
static bool has_part(const struct follow_state *position, size_t from, size_t to, uint64_t inode)
{
	for (size_t i = from; i < to; i++)
		if (position->rows[i].inode == inode && position->rows[i].offset >= 0)
			return true;
	return false;
}

/* Which files are needed to go on from row `from`: those of its jobs, and those not let go. */
static void list_needed(struct follow *follow, size_t from)
{
	const struct follow_state *position = &follow->position;

	for (size_t i = 0; i < position->count; i++) {
		const struct follow_row *row = &position->rows[i];
		struct followed_file *generation = find_inode(follow, row->inode);
		if (row->offset < 0) {
			if (generation && !has_part(position, from, i, row->inode))
				drop(follow, generation);
			continue;
		}
		if (!generation) {
			generation = followed_file_new(NULL);
			if (!generation)
				err(1, "%s", follow->shown);
			generation->inode = (ino_t)row->inode;
			TAILQ_INSERT_TAIL(&follow->followed_files, generation, entry);
		}
		generation->offset = row->offset;
		generation->known = row->length;
	}
}

/* Finds a file of an earlier run, by whatever name it has in the directory now. */
static bool find_file(struct follow *follow, struct followed_file *generation)
{
	char name[NAME_MAX + 1];
	struct stat status;
	int fd;

	if (follow->base) {
		fd = rotated_names_find(
		    follow->directory, follow->base, generation->inode, name, &status);
	} else {
		fd = fcntl(follow->standard_input, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
		if (fd < 0 || fstat(fd, &status) != 0)
			err(1, "stdin");
	}
	if (fd < 0)
		return false;
	followed_file_rename(generation, follow->base ? name : NULL);
	enlist(follow, generation, fd, &status);
	return true;
}

/* Is this file one that the earlier run has read, whether it was let go or not? */
static bool was_read(const struct follow *follow, const struct rotated *file)
{
	struct followed_file *generation = followed_file_new(NULL);
	char path[PATH_MAX];
	bool read = find_inode(follow, file->status.st_ino);

	rotated_names_path(path, follow->directory, file->name);
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (!generation || fd < 0)
		err(1, "%s", path);
	followed_file_attach(generation, fd, &file->status, 0, '\n', 0);
	for (size_t i = 0; i < follow->position.count; i++)
		read |= follow->position.rows[i].length > 0 &&
			followed_file_matches(generation, &follow->position.rows[i]);
	followed_file_free(generation);
	return read;
}

/* When the last file of the earlier run began, in ms since 1970. */
static int64_t time_of_last(const struct follow *follow, uint64_t inode)
{
	int64_t time = 0;

	for (size_t i = 0; i < follow->position.count; i++) {
		const struct follow_row *row = &follow->position.rows[i];
		if (row->inode == inode && row->offset < 0)
			time = 0;
		else if (row->inode == inode && time == 0)
			time = row->time;
	}
	return time;
}

static _Noreturn void die_of_doubt(const struct follow *follow, const char *name)
{
	char shown[ESCAPED_NAME];

	errx(1,
	    "--joblog %s: %s was rotated more than once since that was written, and of %s it "
	    "cannot "
	    "be known what it has of the queue, or where: nothing is run",
	    follow->options->journal, follow->shown, escape_name(shown, name));
}

/* Opens a file that the earlier run did not know of. Nothing has to be there. */
static void add_newcomer(struct follow *follow, const char *name, uint64_t seq)
{
	struct follow_row row = {.seq = seq};
	struct followed_file *newcomer = followed_file_new(name);
	char path[PATH_MAX];
	struct stat status;

	rotated_names_path(path, follow->directory, name);
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (newcomer && fd < 0 && errno == ENOENT) {
		followed_file_free(newcomer); /* it is waited for */
		return;
	}
	if (!newcomer || fd < 0 || fstat(fd, &status) != 0)
		err(1, "%s", follow->shown);
	if (find_inode(follow, status.st_ino) || !S_ISREG(status.st_mode))
		die_of_doubt(follow, name);
	TAILQ_INSERT_TAIL(&follow->followed_files, newcomer, entry);
	enlist(follow, newcomer, fd, &status);
	followed_file_identify(newcomer, &row);
	if (!follow_state_add(&follow->position, &row))
		exit(1);
}

/*
 * The last file of the earlier run has another name now. Opens those that had its name after it,
 * and have lost it again: rotated ones that were written to since it began.
 */
static void add_between(struct follow *follow, const struct followed_file *last, uint64_t seq)
{
	struct rotated_names between;
	const struct rotated *before = NULL;

	if (rotated_names_since(
		follow->directory, follow->base, time_of_last(follow, last->inode), &between) != 0)
		err(1, "%s", follow->directory);
	for (size_t i = 0; i < between.count; i++) {
		const struct rotated *file = &between.files[i];
		if (was_read(follow, file))
			continue;
		if (file->packed || (before && !rotated_names_is_ordered(before, file)))
			die_of_doubt(follow, file->name);
		add_newcomer(follow, file->name, seq);
		before = file;
	}
	rotated_names_free(&between);
}

/* Opens what has had the name since then. */
static void add_newcomers(struct follow *follow, size_t last_part)
{
	const struct followed_file *last = TAILQ_LAST(&follow->followed_files, followed_files);
	const struct follow_row *part = &follow->position.rows[last_part];
	struct followed_file *generation, *known = NULL;

	if (!follow->base || has_name(last, follow->base))
		return;
	TAILQ_FOREACH (generation, &follow->followed_files, entry)
		if (has_name(generation, follow->base))
			known = generation;
	add_between(follow, last, part->seq);
	if (known)
		make_newest(follow, known); /* it has got its name back */
	else
		add_newcomer(follow, follow->base, part->seq);
	/* The last part goes on behind them: nothing is known of where it ends. */
	if (!follow_state_add(&follow->position, part))
		exit(1);
}

/* Goes on where an earlier run was. */
static void go_on(struct follow *follow, const struct journal *journal)
{
	const struct follow_state *position = &follow->position;
	uint64_t first = journal_first(journal);
	size_t from = position->count, last = from;
	struct followed_file *generation;

	for (size_t i = 0; i < position->count; i++) {
		if (position->rows[i].offset < 0)
			continue;
		last = i;
		if (position->rows[i].seq <= first)
			from = i;
	}
	if (from == position->count)
		errx(1, "%s: its beginning is damaged; nothing is run", position->name);
	list_needed(follow, from);
	TAILQ_FOREACH (generation, &follow->followed_files, entry)
		if (!find_file(follow, generation))
			die_of_loss(follow, &position->rows[from]);
	for (size_t i = 0; i < position->count; i++) {
		const struct follow_row *row = &position->rows[i];
		generation = row->offset < 0 ? NULL : find_inode(follow, row->inode);
		bool counts = i >= from || !has_part(position, i + 1, position->count, row->inode);
		if (counts && generation && !followed_file_matches(generation, row))
			die_of_loss(follow, row);
	}
	add_newcomers(follow, last);
	follow->next_seq = position->rows[from].seq;
	follow->last_seq = journal_last(journal);
	if (!begin_part(follow, from))
		exit(1);
}

uint64_t follow_begin(struct follow *follow, const struct journal *journal)
{
	const struct follow_options *options = follow->options;

	/* A batch may have items of two files. */
	follow->records = options->keeps_place;
	if (follow->records)
		follow_state_open(&follow->position, options);
	if (follow->position.count > 0)
		go_on(follow, journal);
	else if (journal && journal_last(journal) > 0)
		errx(1,
		    "--joblog %s has jobs, and %s does not say where they come from; nothing is "
		    "run",
		    options->journal, follow->position.name);
	else if (!begin_afresh(follow))
		exit(1);
	return follow->next_seq - 1;
}

void follow_close(struct follow *follow)
{
	struct followed_file *generation;

	while ((generation = TAILQ_FIRST(&follow->followed_files)))
		drop(follow, generation);
	fs_watch_close(&follow->watch);
	if (follow->records)
		follow_state_close(&follow->position);
	free(follow->directory);
	free(follow);
}
