/*
 * watch: tells when files grow, and when names come and go in a directory.
 *
 * On Linux by inotify(7). Elsewhere, and where the system cannot tell (a file system of another
 * machine, no watch left), somebody has to look every so often: fs_watch_wait then returns by
 * itself.
 */
#ifndef PEXEC_FOLLOW_FS_WATCH_H
#define PEXEC_FOLLOW_FS_WATCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* How often, in ms, is looked at what the system does not tell. */
enum { WATCH_INTERVAL = 250 };

struct fs_watch {
	int names;                     /* what happens in the directory; -1: that is not told */
	int growth;                    /* what happens to files; -1: that is not told */
	bool all_growth;               /* every file is watched */
	_Alignas(8) char buffer[4096]; /* changes of names that were read */
	size_t begin, end;
};

/* One change of a name. */
struct change {
	enum change_kind {
		NAME_CREATED,
		NAME_LEFT,    /* the first half of a rename */
		NAME_ARRIVED, /* the second half; the cookie is the same */
		NAME_DELETED,
		NAMES_LOST /* there were more changes than the system keeps */
	} kind;
	uint32_t cookie;
	const char *name; /* in the directory; valid until the next call */
};

/* Begins to watch the names in a directory; NULL: there are none to watch. Never fails. */
void fs_watch_open(struct fs_watch *watch, const char *directory);

void fs_watch_close(struct fs_watch *watch);

/* Are changes of names told? They are no more once the directory itself has gone. */
bool fs_watch_tells_names(const struct fs_watch *watch);

/*
 * Watches a file that is open: for growth, and with `writers` for the end of a writer. May be
 * called again to change that. Returns what fs_watch_forget wants, -1 when the system cannot tell.
 */
int fs_watch_file(struct fs_watch *watch, int fd, bool writers);
void fs_watch_forget(struct fs_watch *watch, int file);

/* The next change of a name. Returns false when there is none for now. */
bool fs_watch_next_change(struct fs_watch *watch, struct change *change);

enum fs_event {
	WATCH_CHANGED, /* a file or a name, perhaps */
	WATCH_TIMEOUT,
	WATCH_INTERRUPTED,
	WATCH_FAILED /* errno says why */
};

/* Waits for a change, or for `interrupt_fd`, from which a byte is then taken; `timeout` ms at most,
 * -1: for ever. */
enum fs_event fs_watch_wait(struct fs_watch *watch, int interrupt_fd, int timeout);

/* Has anybody opened this file for writing? -1: that cannot be told. */
int fs_watch_has_writers(int fd);

#endif
