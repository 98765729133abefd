/*
 * file_watch: tells when a file has new content: it was written, or another file took its name.
 *
 * By inotify(7) where that works (HAVE_INOTIFY). Otherwise the caller looks every
 * FILE_LOOK_INTERVAL ms, and file_watch_look compares the file's inode, size and time.
 */
#ifndef PEXEC_CONTROL_FILE_WATCH_H
#define PEXEC_CONTROL_FILE_WATCH_H

#include <stdbool.h>
#include <sys/stat.h>

struct file_watch {
	const char *path; /* the file; it need not exist at all times */
	int fd;           /* readable when it is time to look; -1: no inotify, look regularly */
	int file_wd, folder_wd; /* watch descriptors of inotify(7); -1: not watched */
	struct stat seen;       /* the file at the last look; all zero: there was none */
	bool found_empty;       /* without inotify: the last look found the file emptied */
};

/* How often to look, in ms, where there is no descriptor to wait for. */
enum { FILE_LOOK_INTERVAL = 1000 };

/* Begins to watch a file; `path` must live as long as the watch. */
void file_watch_open(struct file_watch *watch, const char *path);

enum file_event {
	FILE_SAME,
	FILE_REPLACED, /* another file has the name, and may not be written yet */
	FILE_WRITTEN   /* the file was written */
};

/* Returns what has happened since the last call. Never waits. */
enum file_event file_watch_look(struct file_watch *watch);

/* Ends the watch. */
void file_watch_close(struct file_watch *watch);

#endif
