/*
 * watch: tells when a file has another content: it was written, or another file has taken its name.
 *
 * By inotify(7) where there is that; otherwise by a look at its status now and then.
 */
#ifndef PEXEC_WATCH_H
#define PEXEC_WATCH_H

#include <sys/stat.h>

struct watch {
	const char *path; /* the file; it need not exist at all times */
	int fd;           /* becomes readable when there may be something to see; -1: look now and
			   * then */
	int file, folder; /* what inotify calls them; -1: not watched */
	struct stat seen; /* the file at the last look */
};

/* How often to look, in ms, where there is no descriptor to wait for. */
enum { WATCH_INTERVAL = 1000 };

/* Begins to watch a file; `path` has to last. */
void watch_open(struct watch *watch, const char *path);

enum watch_event {
	WATCH_NOTHING,
	WATCH_REPLACED, /* there is another file; perhaps somebody is about to write it */
	WATCH_WRITTEN   /* somebody has written it */
};

/* What has happened since the last call? Never waits. */
enum watch_event watch_look(struct watch *watch);

void watch_close(struct watch *watch);

#endif
