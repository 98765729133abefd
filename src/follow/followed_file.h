/*
 * generation: one of the files that a followed name has stood for.
 *
 * It is read as far as it goes, and may go further later. What it is called by now does not matter
 * for that: it is known by its inode, and by its first bytes.
 */
#ifndef PEXEC_FOLLOW_FOLLOWED_FILE_H
#define PEXEC_FOLLOW_FOLLOWED_FILE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/queue.h>
#include <sys/stat.h>
#include <sys/types.h>

#include "base/reader.h"
#include "follow/follow_state.h"

/* So many bytes at the beginning tell a file from another one. */
enum { FOLLOWED_FILE_HEAD = 128 };

struct followed_file {
	TAILQ_ENTRY(followed_file) entry;
	struct reader reader; /* its descriptor is -1 until the file is opened */
	dev_t device;
	ino_t inode;
	off_t offset; /* of the record that comes next */
	char head[FOLLOWED_FILE_HEAD];
	size_t head_length;
	size_t known; /* so many of them the rows of the position have */
	enum {
		FOLLOWED_FILE_GROWS,
		FOLLOWED_FILE_CUT,   /* truncated: what was left of it is handed out, then it begins
				      * anew
				      */
		FOLLOWED_FILE_LEAVES /* the same, then it is closed */
	} state;
	int watch;       /* of fs_watch_file */
	int64_t fed;     /* when it gave something last, or was renamed, in ms of clock_ms() */
	char *name;      /* in the directory, by what was told; NULL: it has none there */
	uint32_t cookie; /* of the rename that it is in the midst of; 0: none */
};

TAILQ_HEAD(followed_files, followed_file);

/* A file that is not opened yet. Takes a copy of `name`, which may be NULL. NULL without memory. */
struct followed_file *followed_file_new(const char *name);

void followed_file_free(struct followed_file *generation);

/* Gives it another name; NULL: none. */
void followed_file_rename(struct followed_file *generation, const char *name);

/* Gives it its descriptor, from which it is read from `offset` on. */
void followed_file_attach(struct followed_file *generation, int fd, const struct stat *status,
    off_t offset, char delimiter, size_t limit);

bool followed_file_is_open(const struct followed_file *generation);

/* Goes to `offset`; what was read and not handed out is forgotten. Returns 0, or -1 with errno. */
int followed_file_seek(struct followed_file *generation, off_t offset);

/* Has the file become shorter than what was read of it, or is its beginning another one now? */
bool followed_file_is_cut(struct followed_file *generation);

/* No more is read of it: what is left becomes a record. */
void followed_file_finish(struct followed_file *generation, int state);

/* It begins anew, at the start. Returns 0, or -1 with errno. */
int followed_file_restart(struct followed_file *generation);

/* It was to be closed, and goes on behind what was handed out. Returns 0, or -1 with errno. */
int followed_file_stay(struct followed_file *generation);

/* Reads until a record is at hand, or there is no more: as reader_read, but READER_RECORD is a
 * whole one. */
enum reader_status followed_file_read(struct followed_file *generation);

/* Have the rows of the position all the first bytes that they can have by now? */
bool followed_file_is_known(const struct followed_file *generation);

/* Fills in what the file is known by. */
void followed_file_identify(struct followed_file *generation, struct follow_row *row);

/* Is this file the one of the row, as it was then? */
bool followed_file_matches(const struct followed_file *generation, const struct follow_row *row);

#endif
