#include "control/file_watch.h"
#include "base/features.h"

#include <unistd.h>
#if HAVE_INOTIFY
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/inotify.h>
#endif

/* Looks at the file. Returns whether it exists and differs, by `same`, from the last look. */
static bool differs(
    struct file_watch *watch, bool (*same)(const struct stat *a, const struct stat *b))
{
	struct stat status = {0};

	if (stat(watch->path, &status) != 0)
		status = (struct stat){0}; /* there is no file: the next one differs from that */
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
 * Compares the file with the last look. An emptied file counts as written only when it is still
 * empty at the next look, as a shell empties a file before it writes to it.
 */
static enum file_event compare(struct file_watch *watch)
{
	bool changed = differs(watch, same_content);
	bool empty = watch->seen.st_nlink > 0 && watch->seen.st_size == 0;
	bool stays_empty = empty && watch->found_empty && !changed;

	watch->found_empty = empty && changed;
	return stays_empty || (changed && !empty) ? FILE_WRITTEN : FILE_SAME;
}

#if HAVE_INOTIFY

/* Watches the file that has the name now; follows symbolic links. */
static void watch_file(struct file_watch *watch)
{
	int old_wd = watch->file_wd;

	watch->file_wd = inotify_add_watch(watch->fd, watch->path, IN_CLOSE_WRITE);
	if (old_wd >= 0 && old_wd != watch->file_wd)
		inotify_rm_watch(watch->fd, old_wd);
}

/* Watches the file's folder, where another file may take the name. */
static void watch_folder(struct file_watch *watch)
{
	char folder[PATH_MAX];
	const char *slash = strrchr(watch->path, '/');

	snprintf(folder, sizeof folder, "%.*s",
	    slash && slash > watch->path ? (int)(slash - watch->path) : 1,
	    slash ? watch->path : ".");
	watch->folder_wd =
	    inotify_add_watch(watch->fd, folder, IN_MOVED_TO | IN_CREATE | IN_ONLYDIR);
}

static void begin_inotify(struct file_watch *watch)
{
	watch->fd = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
	if (watch->fd < 0)
		return;
	watch_folder(watch);
	watch_file(watch);
	if (watch->folder_wd < 0)
		file_watch_close(watch);
}

/* Reads the events. Returns whether the file was written, or events were lost. */
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
			if (event->wd == watch->file_wd && (event->mask & IN_CLOSE_WRITE))
				written = true;
			if (event->wd == watch->file_wd && (event->mask & IN_IGNORED))
				watch->file_wd = -1;
			at += sizeof *event + event->len;
		}
	return written;
}

enum file_event file_watch_look(struct file_watch *watch)
{
	if (watch->fd < 0)
		return compare(watch);
	bool written = take_events(watch);
	bool replaced =
	    differs(watch, same_file) || (watch->file_wd < 0 && watch->seen.st_nlink > 0);
	/* Before the caller reads the new file, so that no later write is missed. */
	if (replaced)
		watch_file(watch);
	return written ? FILE_WRITTEN : replaced ? FILE_REPLACED : FILE_SAME;
}

#else

static void begin_inotify(struct file_watch *watch)
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
	*watch = (struct file_watch){.path = path, .fd = -1, .file_wd = -1, .folder_wd = -1};
	begin_inotify(watch);
	differs(watch, same_file);
}

void file_watch_close(struct file_watch *watch)
{
	if (watch->fd >= 0)
		close(watch->fd);
	watch->fd = watch->file_wd = watch->folder_wd = -1;
}
