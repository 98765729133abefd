/*
 * store: bytes that are kept for later: in memory first, then in an unlinked file.
 *
 * What goes out of a store goes out in the order in which it came in. All stores share one reserve
 * of memory; beyond it they write to files without a name in $TMPDIR, so that nothing is left
 * behind, however pexec ends.
 */
#ifndef PEXEC_OUTPUT_SPOOL_H
#define PEXEC_OUTPUT_SPOOL_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/queue.h>
#include <sys/types.h>

#include "output/memory_budget.h"

/* Memory that a store may have outside of the reserve: as much as it takes to move on at all. */
enum { SPOOL_FIRST = 16384 };

/* A piece of memory; bytes are added at its end and taken from its beginning. */
struct chunk {
	TAILQ_ENTRY(chunk) next;
	size_t size;       /* of the whole, with this head */
	size_t begin, end; /* of what is in it, within `bytes` */
	char bytes[];
};

TAILQ_HEAD(chunk_list, chunk);

struct spool {
	struct memory_budget *budget; /* the memory that all stores share */
	struct chunk_list chunks;
	off_t kept;       /* bytes in memory */
	int file;         /* an unlinked file; -1: none */
	off_t begin, end; /* where in the file the bytes lie that follow those in memory */
};

/*
 * Where the bytes go: to a descriptor, by way of `write` unless that is NULL. It returns 0, or -1
 * with errno.
 */
struct spool_sink {
	int fd;
	int (*write)(void *context, const char *bytes, size_t length);
	void *context;
};

void spool_init(struct spool *spool, struct memory_budget *budget);

/*
 * Where the next bytes may be put, `*room` of them, in the store's own memory; NULL when they go to
 * the file.
 */
char *spool_room(struct spool *spool, size_t *room);

/*
 * Adds bytes. What was put where spool_room said is not copied. Returns how many of them were taken
 * in; fewer than `length` with errno when there is neither memory nor room in a file.
 */
size_t spool_add(struct spool *spool, const char *bytes, size_t length);

/* How many bytes are in the store. */
off_t spool_size(const struct spool *spool);

/*
 * Hands the first `length` bytes out and forgets them. Returns 0, or -1 with errno when the sink
 * failed, or the file could not be read: then nothing is in the store any more.
 */
int spool_hand_out(struct spool *spool, off_t length, const struct spool_sink *sink);

/* Forgets what is kept, closes the file, and keeps the first memory for the next use. */
void spool_clear(struct spool *spool);

/* Makes the memory no larger than what it holds, for a store that is kept for long. */
void spool_trim(struct spool *spool);

/* The memory that it takes outside of the budget. */
size_t spool_outside(const struct spool *spool);

/* Gives everything back. */
void spool_free(struct spool *spool);

#endif
