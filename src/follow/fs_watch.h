/*
 * fs_watch: tells when files grow, and when names come and go in a directory.
 *
 * By inotify(7) where that works. Elsewhere (PORTABLE, a network file system, no watch left) the
 * caller has to look itself, and calls fs_watch_wait with WATCH_INTERVAL.
 */
#ifndef PEXEC_FOLLOW_FS_WATCH_H
#define PEXEC_FOLLOW_FS_WATCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* How often, in ms, the caller looks at files or names of which it is told nothing. */
enum { WATCH_INTERVAL = 250 };

struct fs_watch {
	int names;                     /* an inotify descriptor for the directory; -1: none */
	int growth;                    /* an inotify descriptor for files; -1: none */
	bool all_growth;               /* no fs_watch_file has failed: each tells when it grows */
	_Alignas(8) char buffer[4096]; /* events of `names` that were read */
	size_t begin, end;             /* the events in `buffer` that are left */
};

/* One change of a name in the directory. */
struct change {
	enum change_kind {
		NAME_CREATED,
		NAME_LEFT,    /* a rename from this name */
		NAME_ARRIVED, /* a rename to this name; NAME_LEFT has the same cookie */
		NAME_DELETED,
		NAMES_LOST /* changes were lost, as there were more than the kernel keeps */
	} kind;
	uint32_t cookie;
	const char *name; /* without the directory; valid until the next call */
};

/*
 * Begins to watch the names in a directory; NULL: only files. Never fails: what cannot be watched
 * is not told (fs_watch_tells_names, all_growth).
 */
void fs_watch_open(struct fs_watch *watch, const char *directory);

/* Ends all watches. */
void fs_watch_close(struct fs_watch *watch);

/* Are changes of names told? No longer when the directory itself was moved or removed. */
bool fs_watch_tells_names(const struct fs_watch *watch);

/*
 * Watches an open file for growth, and with `writers` also for a writer that closes it. May be
 * called again to change `writers`. Returns a number for fs_watch_forget, or -1 when the file
 * cannot be watched.
 */
int fs_watch_file(struct fs_watch *watch, int fd, bool writers);

/* Ends the watch of a file; `file` is what fs_watch_file returned. */
void fs_watch_forget(struct fs_watch *watch, int file);

/* Takes the next change of a name. Returns false when there is none for now. */
bool fs_watch_next_change(struct fs_watch *watch, struct change *change);

enum fs_event {
	WATCH_CHANGED, /* a file or a name may have changed */
	WATCH_TIMEOUT, /* or sooner, where the system cannot wait: look again */
	WATCH_INTERRUPTED
};

/*
 * Waits until a file or a name changes, for `timeout_ms` at most (-1: without an end), or until
 * `interrupt_fd` is readable, and then takes one byte from it.
 */
enum fs_event fs_watch_wait(struct fs_watch *watch, int interrupt_fd, int timeout_ms);

/* Returns 1 when a process has the file open for writing, 0 when none has, -1 when the system does
 * not tell. */
int fs_watch_has_writers(int fd);

#endif
