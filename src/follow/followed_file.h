/*
 * followed_file: one of the files that a followed name has stood for.
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
enum { FOLLOWED_FILE_HEAD_BYTES = 128 };

enum followed_file_state {
	FOLLOWED_FILE_GROWS,
	FOLLOWED_FILE_TRUNCATED, /* what was left of it is handed out, then it is read anew */
	FOLLOWED_FILE_ENDS       /* what was left of it is handed out, then it is closed */
};

struct followed_file {
	TAILQ_ENTRY(followed_file) entry;
	struct reader reader; /* its descriptor is -1 until the file is opened */
	dev_t device;
	ino_t inode;
	off_t offset;                        /* of the record that comes next, in bytes */
	char head[FOLLOWED_FILE_HEAD_BYTES]; /* the first bytes, as far as they are records */
	size_t head_bytes;                   /* how many of them are known */
	size_t head_bytes_kept;              /* how many of them a row of the state has */
	enum followed_file_state state;
	bool is_unrecorded; /* it was found while jobs run, and no row of the state has it yet */
	int watch;          /* what fs_watch_file returned; -1: it is not watched */
	int64_t active_ms;  /* when it last gave bytes, or became an old one, of clock_ms() */
	char *name;         /* in the directory, as far as is told; NULL: it has none there */
	uint32_t cookie;    /* of the rename that it is in the midst of; 0: none */
};

TAILQ_HEAD(followed_files, followed_file);

/* A file that is not opened yet. Copies `name`, which may be NULL. Returns NULL without memory. */
struct followed_file *followed_file_new(const char *name);

/* Closes and frees the file. */
void followed_file_free(struct followed_file *file);

/* Gives it another name; NULL: none. A rename that it was in the midst of is over. */
void followed_file_rename(struct followed_file *file, const char *name);

/* Is it called so in the directory, as far as is told? */
bool followed_file_has_name(const struct followed_file *file, const char *name);

/*
 * Gives it its descriptor, from which it is read from `offset` on; records end with `delimiter`,
 * and `limit` bytes of one are kept.
 */
void followed_file_attach(struct followed_file *file, int fd, const struct stat *status,
    off_t offset, char delimiter, size_t limit);

bool followed_file_is_open(const struct followed_file *file);

/*
 * Goes to `offset`, and forgets what was read and not handed out. Returns 0, or -1 with errno.
 */
int followed_file_seek(struct followed_file *file, off_t offset);

/* Has the file become shorter than what was read of it, or does it begin with other bytes now? */
bool followed_file_is_truncated(struct followed_file *file);

/* No more is read of it: what is left becomes a record. Its state is the given one from now on. */
void followed_file_finish(struct followed_file *file, enum followed_file_state state);

/* It was truncated, and is read anew, from its start. Returns 0, or -1 with errno. */
int followed_file_restart(struct followed_file *file);

/* It was to be closed, and is read on behind what was handed out. Returns 0, or -1 with errno. */
int followed_file_stay(struct followed_file *file);

/*
 * Reads until a record is at hand, or there is no more. Returns READER_RECORD when a whole record
 * is at hand, READER_END when there is none now, READER_FAILED with errno.
 */
enum reader_status followed_file_read(struct followed_file *file);

/* Do the rows of the state have all the first bytes that they can have by now? */
bool followed_file_is_known(const struct followed_file *file);

/* Fills in what the file is known by: its inode and its first bytes. */
void followed_file_identify(struct followed_file *file, struct follow_row *row);

/* Is this file, which is open, the one of the row, as it was then? */
bool followed_file_matches(const struct followed_file *file, const struct follow_row *row);

#endif
