#include "follow/followed_names.h"

#include <assert.h>
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/message.h"
#include "base/path.h"
#include "follow/rotated_names.h"

/* --- the list --- */

struct followed_file *followed_names_newest(struct followed_names *names)
{
	struct followed_file *file;

	TAILQ_FOREACH_REVERSE (file, &names->files, followed_files, entry)
		if (followed_file_is_open(file))
			return file;
	return NULL;
}

struct followed_file *followed_names_find_inode(const struct followed_names *names, uint64_t inode)
{
	struct followed_file *file;

	TAILQ_FOREACH (file, &names->files, entry)
		if (file->inode == inode)
			return file;
	return NULL;
}

struct followed_file *followed_names_add(struct followed_names *names, const char *name)
{
	struct followed_file *file = followed_file_new(name);

	if (file)
		TAILQ_INSERT_TAIL(&names->files, file, entry);
	return file;
}

void followed_names_drop(struct followed_names *names, struct followed_file *file)
{
	TAILQ_REMOVE(&names->files, file, entry);
	fs_watch_forget(&names->watch, file->watch);
	followed_file_free(file);
}

/* Another file is the newest now; a writer that has this one open may still write to it. */
static void make_old(struct followed_names *names, struct followed_file *file)
{
	file->watch = fs_watch_file(&names->watch, file->reader.fd, true);
	file->active_ms = clock_ms();
	names->needs_recheck = true;
}

void followed_names_attach(
    struct followed_names *names, struct followed_file *file, int fd, const struct stat *status)
{
	struct followed_file *newest = followed_names_newest(names);

	assert(!followed_file_is_open(file));
	followed_file_attach(file, fd, status, file->offset, names->delimiter, names->limit);
	if (file != followed_names_newest(names)) {
		make_old(names, file);
		return;
	}
	file->watch = fs_watch_file(&names->watch, fd, false);
	if (newest)
		make_old(names, newest);
}

void followed_names_make_newest(struct followed_names *names, struct followed_file *file)
{
	struct followed_file *newest = followed_names_newest(names);

	TAILQ_REMOVE(&names->files, file, entry);
	TAILQ_INSERT_TAIL(&names->files, file, entry);
	if (!followed_file_is_open(file))
		return;
	if (file->state == FOLLOWED_FILE_ENDS && followed_file_stay(file) != 0)
		message_errno("reading %s", names->shown);
	if (newest != file)
		make_old(names, newest);
}

/* --- changes of names --- */

/* The name stands for another file now, which waits to be opened. */
static void await_file(struct followed_names *names)
{
	if (!followed_names_add(names, names->base))
		message_errno("%s", names->shown);
}

/* Does this file get its new name by the change? */
static bool is_end_of_rename(const struct change *change, const struct followed_file *file)
{
	return change->kind == NAME_ARRIVED && change->cookie != 0 &&
	       file->cookie == change->cookie;
}

/* What a change of names has to do with the files of the list. */
struct effect {
	struct followed_file *moved; /* this one has got a new name */
	bool was_awaited;            /* the name is there now that a file waited for */
	bool any;                    /* it is about the name of a file of the list */
};

/* Gives the files of the list the names that they have after a change. */
static struct effect apply_change(struct followed_names *names, const struct change *change)
{
	struct effect effect = {0};
	struct followed_file *file;

	TAILQ_FOREACH (file, &names->files, entry) {
		/* cppcheck-suppress uninitvar; the loop above sets it */
		bool arrives = is_end_of_rename(change, file);
		bool is_named = followed_file_has_name(file, change->name);
		/* Two files may wait for a name: one that was there, and one that was told of. */
		if (arrives) {
			followed_file_rename(file, change->name);
			effect.moved = file;
		} else if (is_named && change->kind == NAME_CREATED &&
			   !followed_file_is_open(file)) {
			effect.was_awaited = true;
		} else if (is_named && change->kind != NAMES_LOST) {
			/* It has left the name, or the name was given to another file. */
			followed_file_rename(file, NULL);
		}
		if (is_named && change->kind == NAME_LEFT)
			file->cookie = change->cookie;
		effect.any |= arrives || is_named;
	}
	return effect;
}

/* Takes in all changes that were told. Returns whether one had to do with the followed name, or
 * with a file of the list. */
static bool apply_changes(struct followed_names *names)
{
	struct change change;
	bool any = false;

	while (fs_watch_next_change(&names->watch, &change)) {
		struct effect effect = apply_change(names, &change);
		bool at_name = strcmp(change.name, names->base) == 0 &&
			       (change.kind == NAME_CREATED || change.kind == NAME_ARRIVED);
		if (at_name && effect.moved)
			followed_names_make_newest(names, effect.moved);
		else if (at_name && !effect.was_awaited)
			await_file(names);
		if (change.kind == NAMES_LOST) {
			message(
			    "%s: not all that happened in its directory was told: looking for it "
			    "by name, another file may have been missed",
			    names->shown);
			await_file(names);
		}
		any |= at_name || effect.any || change.kind == NAMES_LOST;
	}
	return any;
}

/* Looks whether the name stands for another file, where the system does not tell. */
static void poll_name(struct followed_names *names)
{
	const struct followed_file *last = TAILQ_LAST(&names->files, followed_files);
	char path[PATH_MAX];
	struct stat status;

	rotated_names_path(path, names->directory, names->base);
	if (stat(path, &status) == 0 &&
	    (!last || (followed_file_is_open(last) &&
			  (last->inode != status.st_ino || last->device != status.st_dev))))
		await_file(names);
}

/* --- files that wait to be opened --- */

/*
 * Is the file that `awaited` was opened as in the list already? Then that one gets the name of
 * `awaited`.
 */
static bool is_listed(
    struct followed_names *names, const struct followed_file *awaited, const struct stat *status)
{
	struct followed_file *file;

	TAILQ_FOREACH (file, &names->files, entry)
		if (file != awaited && followed_file_is_open(file) &&
		    file->inode == status->st_ino && file->device == status->st_dev) {
			followed_file_rename(file, awaited->name);
			if (followed_file_has_name(file, names->base))
				followed_names_make_newest(names, file);
			return true;
		}
	return false;
}

/* What the name stands for cannot be read: says so once. It may be being made: it is tried again.
 */
static void say_why(struct followed_names *names, const char *reason)
{
	if (!names->said_why)
		message("%s: %s; trying again", names->shown, reason);
	names->said_why = true;
}

enum opening {
	OPENING_DONE,
	OPENING_FAILED, /* errno says why; ENOENT: there is no such file (yet) */
	OPENING_GONE    /* the file has no name any more */
};

/* Opens a file by the name that it has by now, which may change at any moment. */
static enum opening open_by_name(
    struct followed_names *names, struct followed_file *awaited, int *fd)
{
	char path[PATH_MAX];
	struct pollfd told = {.fd = names->watch.names, .events = POLLIN};
	struct stat status;

	for (;;) {
		/* The second half of a rename is told right behind the first. */
		if (!awaited->name && awaited->cookie != 0 &&
		    poll(&told, 1, FOLLOWED_RECHECK_MS) == 1)
			apply_changes(names);
		if (!awaited->name)
			return OPENING_GONE;
		rotated_names_path(path, names->directory, awaited->name);
		*fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
		int error = errno;
		/* That the name is gone will be told at once, too. */
		if (*fd < 0 && error == ENOENT && fs_watch_tells_names(&names->watch))
			poll(&told, 1, FOLLOWED_RECHECK_MS);
		if (apply_changes(names)) {
			if (*fd >= 0)
				close(*fd);
			continue;
		}
		if (lstat(path, &status) == 0 && S_ISLNK(status.st_mode))
			names->polls_name = true;
		errno = error;
		return *fd < 0 ? OPENING_FAILED : OPENING_DONE;
	}
}

/* What cannot be opened is tried again, waited for by name, or missed. */
static void give_up_opening(
    struct followed_names *names, struct followed_file *awaited, enum opening opening)
{
	if (opening == OPENING_FAILED && errno != ENOENT) {
		say_why(names, strerror(errno));
		return;
	}
	if (opening == OPENING_GONE)
		message("%s: a file that had this name is gone, and was not read", names->shown);
	followed_names_drop(names, awaited);
}

/* Opens a file that was told of. */
static void open_awaited(struct followed_names *names, struct followed_file *awaited)
{
	struct stat status;
	int fd = -1;
	enum opening opening = open_by_name(names, awaited, &fd);

	if (opening != OPENING_DONE) {
		give_up_opening(names, awaited, opening);
	} else if (fstat(fd, &status) != 0 || !S_ISREG(status.st_mode)) {
		close(fd);
		say_why(names, "not a regular file");
	} else if (is_listed(names, awaited, &status)) {
		close(fd);
		followed_names_drop(names, awaited);
	} else {
		names->said_why = false;
		followed_names_attach(names, awaited, fd, &status);
		awaited->is_unrecorded = true;
	}
}

void followed_names_look(struct followed_names *names)
{
	struct followed_file *file, *next, *last;

	if (!names->base)
		return;
	apply_changes(names);
	if (!fs_watch_tells_names(&names->watch) || names->polls_name)
		poll_name(names);
	do {
		last = TAILQ_LAST(&names->files, followed_files);
		TAILQ_FOREACH_SAFE (file, &names->files, entry, next)
			if (!followed_file_is_open(file))
				open_awaited(names, file);
		/* While one was opened another may have been told of. */
		file = TAILQ_LAST(&names->files, followed_files);
	} while (file && file != last && !followed_file_is_open(file));
}

/* --- the beginning and the end --- */

int followed_names_copy_input(const struct followed_names *names, struct stat *status)
{
	int fd = fcntl(names->standard_input, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);

	if (fd < 0 || fstat(fd, status) != 0)
		err(1, "stdin");
	return fd;
}

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

void followed_names_open(struct followed_names *names, const char *name, int standard_input,
    char delimiter, size_t limit)
{
	const char *slash = strrchr(name, '/');
	char here[PATH_MAX];
	struct stat status;

	if (!getcwd(here, sizeof here))
		err(1, "--follow");
	*names = (struct followed_names){
	    .standard_input = standard_input, .delimiter = delimiter, .limit = limit};
	TAILQ_INIT(&names->files);
	if (path_is_stdin(name)) {
		escape_name(names->shown, "stdin");
		fs_watch_open(&names->watch, NULL);
		return;
	}
	escape_name(names->shown, name);
	names->base = slash ? slash + 1 : name;
	if (asprintf(&names->directory, "%s%s%.*s", *name == '/' ? "" : here,
		*name == '/' ? "" : "/", (int)(names->base - name), name) < 0)
		err(1, "--follow");
	if (stat(names->directory, &status) != 0 || *names->base == '\0')
		err(1, "%s", names->shown);
	names->polls_name = has_link(names->directory);
	fs_watch_open(&names->watch, names->directory);
}

void followed_names_close(struct followed_names *names)
{
	struct followed_file *file;

	while ((file = TAILQ_FIRST(&names->files)))
		followed_names_drop(names, file);
	fs_watch_close(&names->watch);
	free(names->directory);
}
