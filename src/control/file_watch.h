/*
 * file_watch: tells when a file has another content: it was written, or another file has taken its
 * name.
 *
 * By inotify(7) where there is that (HAVE_INOTIFY, and a watch to be had); otherwise the caller
 * looks every FILE_LOOK_INTERVAL ms, and a change is seen by the file's number, size and time.
 */
#ifndef PEXEC_CONTROL_FILE_WATCH_H
#define PEXEC_CONTROL_FILE_WATCH_H

#include <stdbool.h>
#include <sys/stat.h>

struct file_watch {
	const char *path; /* the file; it need not exist at all times */
	int fd;           /* becomes readable when there may be news; -1: look now and then */
	int file, folder; /* what inotify calls them; -1: not watched */
	struct stat seen; /* the file at the last look */
	bool emptied;     /* without inotify: it was found empty, and that was not told yet */
};

/* How often to look, in ms, where there is no descriptor to wait for. */
enum { FILE_LOOK_INTERVAL = 1000 };

/* Begins to watch a file; `path` has to last. */
void file_watch_open(struct file_watch *watch, const char *path);

enum file_event {
	FILE_SAME,
	FILE_REPLACED, /* there is another file; perhaps somebody is about to write it */
	FILE_WRITTEN   /* somebody has written it */
};

/* What has happened since the last call? Never waits. */
enum file_event file_watch_look(struct file_watch *watch);

void file_watch_close(struct file_watch *watch);

#endif
