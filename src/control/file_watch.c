#include "control/file_watch.h"
#include "base/features.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#if HAVE_INOTIFY
#include <limits.h>
#include <sys/inotify.h>
#endif

/* Looks at the file. Is it another one than at the last look, in whatever respect `same` judges? */
static bool differs(
    struct file_watch *watch, bool (*same)(const struct stat *a, const struct stat *b))
{
	struct stat status = {0};

	if (stat(watch->path, &status) != 0)
		status = (struct stat){0}; /* it is gone, and what comes next differs */
	bool other = !same(&status, &watch->seen);
	watch->seen = status;
	return other && status.st_nlink > 0;
}

static bool same_file(const struct stat *a, const struct stat *b)
{
	return a->st_dev == b->st_dev && a->st_ino == b->st_ino;
}

static bool same_content(const struct stat *a, const struct stat *b)
{
	return same_file(a, b) && a->st_size == b->st_size &&
	       a->st_mtim.tv_sec == b->st_mtim.tv_sec && a->st_mtim.tv_nsec == b->st_mtim.tv_nsec;
}

/*
 * Compares the file with the last look. One that has become empty is told of when it still is at
 * the next look: a shell that writes to a file empties it first.
 */
static enum file_event compare(struct file_watch *watch)
{
	bool changed = differs(watch, same_content);
	bool empty = watch->seen.st_nlink > 0 && watch->seen.st_size == 0;
	bool stays_empty = empty && watch->emptied && !changed;

	watch->emptied = empty && changed;
	return stays_empty || (changed && !empty) ? FILE_WRITTEN : FILE_SAME;
}

#if HAVE_INOTIFY

/* Watches what has the name now, behind links too. */
static void watch_the_file(struct file_watch *watch)
{
	int before = watch->file;

	watch->file = inotify_add_watch(watch->fd, watch->path, IN_CLOSE_WRITE);
	if (before >= 0 && before != watch->file)
		inotify_rm_watch(watch->fd, before);
}

/* Others can only take the name by what happens to its folder. */
static void watch_folder(struct file_watch *watch)
{
	char folder[PATH_MAX];
	const char *slash = strrchr(watch->path, '/');

	snprintf(folder, sizeof folder, "%.*s",
	    slash && slash > watch->path ? (int)(slash - watch->path) : 1,
	    slash ? watch->path : ".");
	watch->folder = inotify_add_watch(watch->fd, folder, IN_MOVED_TO | IN_CREATE | IN_ONLYDIR);
}

static void begin(struct file_watch *watch)
{
	watch->fd = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
	if (watch->fd < 0)
		return;
	watch_folder(watch);
	watch_the_file(watch);
	if (watch->folder < 0)
		file_watch_close(watch);
}

/* Takes in what the kernel tells. Was the file written? */
static bool take_events(struct file_watch *watch)
{
	_Alignas(struct inotify_event) char events[4096];
	bool written = false;
	ssize_t length;

	while ((length = read(watch->fd, events, sizeof events)) > 0)
		for (char *at = events; at < events + length;) {
			const struct inotify_event *event = (const struct inotify_event *)at;
			if (event->mask & IN_Q_OVERFLOW)
				written = true;
			if (event->wd == watch->file && (event->mask & IN_CLOSE_WRITE))
				written = true;
			if (event->wd == watch->file && (event->mask & IN_IGNORED))
				watch->file = -1;
			at += sizeof *event + event->len;
		}
	return written;
}

enum file_event file_watch_look(struct file_watch *watch)
{
	if (watch->fd < 0)
		return compare(watch);
	bool written = take_events(watch);
	bool replaced = differs(watch, same_file) || (watch->file < 0 && watch->seen.st_nlink > 0);
	/* Before the new one is read: what is written to it from now on is seen. */
	if (replaced)
		watch_the_file(watch);
	return written ? FILE_WRITTEN : replaced ? FILE_REPLACED : FILE_SAME;
}

#else

static void begin(struct file_watch *watch)
{
	(void)watch;
}

enum file_event file_watch_look(struct file_watch *watch)
{
	return compare(watch);
}

#endif

void file_watch_open(struct file_watch *watch, const char *path)
{
	*watch = (struct file_watch){.path = path, .fd = -1, .file = -1, .folder = -1};
	begin(watch);
	differs(watch, same_file);
}

void file_watch_close(struct file_watch *watch)
{
	if (watch->fd >= 0)
		close(watch->fd);
	watch->fd = watch->file = watch->folder = -1;
}
