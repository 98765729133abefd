/*
 * store: bytes that are kept for later: in memory first, then in an unlinked file.
 *
 * What goes out of a store goes out in the order in which it came in. All stores share one budget
 * of memory; beyond it they write to files without a name in $TMPDIR, so that nothing is left
 * behind, however pexec ends.
 */
#ifndef PEXEC_STORE_H
#define PEXEC_STORE_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/* Memory that a store may have outside of the budget: as much as it takes to move on at all. */
enum { STORE_FIRST = 16384 };

struct store {
	atomic_size_t *budget; /* bytes of memory that all stores together may still take */
	char *memory;
	size_t used, room;
	int file;         /* an unlinked file; -1: none */
	off_t begin, end; /* where in the file the bytes lie that follow those in memory */
};

/* What takes the bytes that go out. Returns 0, or -1 with errno. */
typedef int store_sink(void *context, const char *bytes, size_t length);

void store_init(struct store *store, atomic_size_t *budget);

/*
 * Where the next bytes may be put, `*room` of them: in the store's own memory, or else in `block`,
 * which has TRANSFER_BLOCK bytes.
 */
char *store_room(struct store *store, char *block, size_t *room);

/*
 * Adds bytes. What was put where store_room said is not copied. Returns how many of them were taken
 * in; fewer than `length` with errno when there is neither memory nor room in a file.
 */
size_t store_add(struct store *store, const char *bytes, size_t length);

/* How many bytes are in the store. */
off_t store_size(const struct store *store);

/*
 * Hands the first `length` bytes to `sink` and forgets them. Returns 0, or -1 with errno when the
 * sink failed, or the file could not be read: then nothing is in the store any more.
 */
int store_hand_out(struct store *store, off_t length, store_sink *sink, void *context);

/* Forgets what is kept, closes the file, and keeps the first memory for the next use. */
void store_clear(struct store *store);

/* Makes the memory no larger than what it holds, for a store that is kept for long. */
void store_trim(struct store *store);

/* Gives everything back. */
void store_free(struct store *store);

#endif
