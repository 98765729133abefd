/*
 * spool: keeps bytes for later, in memory first, then in a file; first in, first out.
 *
 * All spools share one memory budget. Beyond it they write to files without a name in $TMPDIR, so
 * that no file is left behind, however pexec ends.
 */
#ifndef PEXEC_OUTPUT_SPOOL_H
#define PEXEC_OUTPUT_SPOOL_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/queue.h>
#include <sys/types.h>

#include "output/memory_budget.h"

/* The size of a spool's first chunk, which is outside of the budget: so a spool can always grow. */
enum { SPOOL_FIRST = 16384 };

/* A piece of memory; bytes are added at its end and taken from its beginning. */
struct chunk {
	TAILQ_ENTRY(chunk) next;
	size_t size;       /* of the whole chunk, this struct included */
	size_t begin, end; /* of the bytes in it, as offsets in `bytes` */
	char bytes[];
};

TAILQ_HEAD(chunk_list, chunk);

struct spool {
	struct memory_budget *budget; /* shared by all spools */
	struct chunk_list chunks;     /* hold the first bytes; the file holds those behind them */
	off_t in_memory;              /* bytes in the chunks */
	int file;                     /* an unlinked file; -1: none */
	off_t file_begin, file_end;   /* of the bytes in the file */
	off_t taken;                  /* bytes of the job that were before those in it */
};

/* Where a spool writes its bytes: to a descriptor, or to a function. */
struct spool_sink {
	int fd; /* used when `write` is NULL */
	int (*write)(void *context, const char *bytes, size_t length); /* 0, or -1 with errno */
	void *context;
};

/* Makes an empty spool. */
void spool_init(struct spool *spool, struct memory_budget *budget);

/*
 * Returns where in its memory the spool would put the next bytes, and sets `room` to how many fit.
 * Returns NULL when the next bytes go to the file.
 */
char *spool_room(struct spool *spool, size_t *room);

/*
 * Adds bytes. Those that already lie where spool_room said are not copied. Returns how many were
 * added: fewer than `length`, with errno, when there is neither memory nor room in a file.
 */
size_t spool_add(struct spool *spool, const char *bytes, size_t length);

/* Where the files of spools are, for messages. */
const char *spool_folder(void);

/* How many bytes are in the spool. */
off_t spool_size(const struct spool *spool);

/*
 * Writes the first `length` bytes to the sink and removes them. Returns 0, or -1 with errno when
 * the sink failed or the file could not be read: the spool is empty then.
 */
int spool_hand_out(struct spool *spool, off_t length, const struct spool_sink *sink);

/*
 * Copies as many of the bytes from `begin` on as are in one piece and have room, and leaves them in
 * the spool. By listeners, with listeners_hold(). Returns how many, or -1 with errno.
 */
ssize_t spool_look(const struct spool *spool, off_t begin, char *bytes, size_t room);

/* Empties the spool and closes its file; keeps the first chunk for the next use. */
void spool_clear(struct spool *spool);

/* The same, for the output of another job. */
void spool_begin(struct spool *spool);

/* Shrinks the last chunk to what it holds, for a spool that is kept for long. */
void spool_trim(struct spool *spool);

/* How many bytes of memory the spool has outside of the budget. */
size_t spool_outside(const struct spool *spool);

/* Empties the spool and frees all its memory. */
void spool_free(struct spool *spool);

#endif
