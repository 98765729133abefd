/*
 * generation: one of the files that a followed name has stood for.
 *
 * It is read as far as it goes, and may go further later. What it is called by now does not matter
 * for that: it is known by its inode, and by its first bytes.
 */
#ifndef PEXEC_GENERATION_H
#define PEXEC_GENERATION_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/queue.h>
#include <sys/stat.h>
#include <sys/types.h>

#include "position.h"
#include "reader.h"

/* So many bytes at the beginning tell a file from another one. */
enum { GENERATION_HEAD = 128 };

struct generation {
	TAILQ_ENTRY(generation) entry;
	struct reader reader; /* its descriptor is -1 until the file is opened */
	dev_t device;
	ino_t inode;
	off_t offset; /* of the record that comes next */
	char head[GENERATION_HEAD];
	size_t head_length;
	size_t known; /* so many of them the rows of the position have */
	enum {
		GENERATION_GROWS,
		GENERATION_CUT, /* truncated: what was left of it is handed out, then it begins anew
				 */
		GENERATION_LEAVES /* the same, then it is closed */
	} state;
	int watch;       /* of watch_file */
	int64_t fed;     /* when it gave something last, or was renamed, in ms of now() */
	char *name;      /* in the directory, by what was told; NULL: it has none there */
	uint32_t cookie; /* of the rename that it is in the midst of; 0: none */
};

TAILQ_HEAD(generations, generation);

/* A file that is not opened yet. Takes a copy of `name`, which may be NULL. NULL without memory. */
struct generation *generation_new(const char *name);

void generation_free(struct generation *generation);

/* Gives it another name; NULL: none. */
void generation_rename(struct generation *generation, const char *name);

/* Gives it its descriptor, from which it is read from `offset` on. */
void generation_attach(struct generation *generation, int fd, const struct stat *status,
    off_t offset, char delimiter, size_t limit);

bool generation_is_open(const struct generation *generation);

/* Goes to `offset`; what was read and not handed out is forgotten. Returns 0, or -1 with errno. */
int generation_seek(struct generation *generation, off_t offset);

/* Has the file become shorter than what was read of it, or is its beginning another one now? */
bool generation_is_cut(struct generation *generation);

/* No more is read of it: what is left becomes a record. */
void generation_finish(struct generation *generation, int state);

/* It begins anew, at the start. Returns 0, or -1 with errno. */
int generation_restart(struct generation *generation);

/* It was to be closed, and goes on behind what was handed out. Returns 0, or -1 with errno. */
int generation_stay(struct generation *generation);

/* Reads until a record is at hand, or there is no more: as reader_read, but READER_RECORD is a
 * whole one. */
enum reader_status generation_read(struct generation *generation);

/* Have the rows of the position all the first bytes that they can have by now? */
bool generation_is_known(const struct generation *generation);

/* Fills in what the file is known by. */
void generation_identify(struct generation *generation, struct position_row *row);

/* Is this file the one of the row, as it was then? */
bool generation_matches(const struct generation *generation, const struct position_row *row);

#endif
