/*
 * store: bytes that are kept for later: in memory first, then in an unlinked file.
 *
 * What goes out of a store goes out in the order in which it came in. All stores share one reserve
 * of memory; beyond it they write to files without a name in $TMPDIR, so that nothing is left
 * behind, however pexec ends.
 */
#ifndef PEXEC_STORE_H
#define PEXEC_STORE_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/queue.h>
#include <sys/types.h>

#include "reserve.h"

/* Memory that a store may have outside of the reserve: as much as it takes to move on at all. */
enum { STORE_FIRST = 16384 };

/* A piece of memory; bytes are added at its end and taken from its beginning. */
struct chunk {
	TAILQ_ENTRY(chunk) next;
	size_t size;       /* of the whole, with this head */
	size_t begin, end; /* of what is in it, within `bytes` */
	char bytes[];
};

TAILQ_HEAD(chunk_list, chunk);

struct store {
	struct reserve *reserve; /* the memory that all stores share */
	struct chunk_list chunks;
	off_t kept;       /* bytes in memory */
	int file;         /* an unlinked file; -1: none */
	off_t begin, end; /* where in the file the bytes lie that follow those in memory */
};

/*
 * Where the bytes go: to a descriptor, by way of `write` unless that is NULL. It returns 0, or -1
 * with errno.
 */
struct store_sink {
	int fd;
	int (*write)(void *context, const char *bytes, size_t length);
	void *context;
};

void store_init(struct store *store, struct reserve *reserve);

/*
 * Where the next bytes may be put, `*room` of them, in the store's own memory; NULL when they go to
 * the file.
 */
char *store_room(struct store *store, size_t *room);

/*
 * Adds bytes. What was put where store_room said is not copied. Returns how many of them were taken
 * in; fewer than `length` with errno when there is neither memory nor room in a file.
 */
size_t store_add(struct store *store, const char *bytes, size_t length);

/* How many bytes are in the store. */
off_t store_size(const struct store *store);

/*
 * Hands the first `length` bytes out and forgets them. Returns 0, or -1 with errno when the sink
 * failed, or the file could not be read: then nothing is in the store any more.
 */
int store_hand_out(struct store *store, off_t length, const struct store_sink *sink);

/* Forgets what is kept, closes the file, and keeps the first memory for the next use. */
void store_clear(struct store *store);

/* Makes the memory no larger than what it holds, for a store that is kept for long. */
void store_trim(struct store *store);

/* The memory that it takes outside of the reserve. */
size_t store_outside(const struct store *store);

/* Gives everything back. */
void store_free(struct store *store);

#endif
