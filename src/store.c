#include "store.h"

#include <errno.h>
#include <fcntl.h>
#include <paths.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "system.h"
#include "transfer.h"

/*
 * A store begins with a small chunk, which most jobs never exceed, and goes on with medium ones:
 * what a pipe holds. From then on it is a job that prints much, and large ones save time (see
 * system_large_memory).
 */
enum { CHUNK_MEDIUM = 65536, MEDIUM_UP_TO = 2 * CHUNK_MEDIUM };

void store_init(struct store *store, struct reserve *reserve)
{
	*store = (struct store){.reserve = reserve, .file = -1};
	TAILQ_INIT(&store->chunks);
}

/* What a chunk of this size takes from the reserve. */
static size_t charge(size_t size)
{
	return size > STORE_FIRST ? size : 0;
}

static struct chunk *allocate(struct reserve *reserve, size_t size)
{
	if (size == SYSTEM_LARGE)
		return reserve_take_large(reserve);
	if (!reserve_take(reserve, charge(size)))
		return NULL;
	struct chunk *chunk = malloc(size);
	if (!chunk)
		reserve_give(reserve, charge(size));
	return chunk;
}

/* A chunk of this size at the end of the memory, if the reserve allows. */
static struct chunk *add_chunk(struct store *store, size_t size)
{
	struct chunk *chunk = allocate(store->reserve, size);

	if (!chunk)
		return NULL;
	chunk->size = size;
	chunk->begin = chunk->end = 0;
	TAILQ_INSERT_TAIL(&store->chunks, chunk, next);
	return chunk;
}

static void drop_chunk(struct store *store, struct chunk *chunk)
{
	size_t size = chunk->size;

	TAILQ_REMOVE(&store->chunks, chunk, next);
	if (size == SYSTEM_LARGE) {
		reserve_give_large(store->reserve, chunk);
		return;
	}
	free(chunk);
	reserve_give(store->reserve, charge(size));
}

/* Adds memory; NULL when there is none to be had. */
static struct chunk *grow(struct store *store)
{
	if (TAILQ_EMPTY(&store->chunks))
		return add_chunk(store, STORE_FIRST);
	struct chunk *chunk = NULL;
	if (store->kept > MEDIUM_UP_TO)
		chunk = add_chunk(store, SYSTEM_LARGE);
	return chunk ? chunk : add_chunk(store, CHUNK_MEDIUM);
}

static size_t room_in(const struct chunk *chunk)
{
	return chunk->size - sizeof *chunk - chunk->end;
}

/* The chunk that the next bytes go to; NULL when they go to the file. */
static struct chunk *open_chunk(struct store *store)
{
	struct chunk *last = TAILQ_LAST(&store->chunks, chunk_list);

	if (store->begin < store->end)
		return NULL;
	return last && room_in(last) > 0 ? last : grow(store);
}

char *store_room(struct store *store, size_t *room)
{
	struct chunk *chunk = open_chunk(store);

	*room = chunk ? room_in(chunk) : 0;
	return chunk ? chunk->bytes + chunk->end : NULL;
}

/* A file without a name: nothing is left behind, however pexec ends. */
static int open_file(void)
{
	const char *folder = getenv("TMPDIR");
	char *name = NULL;
	int fd;

	if (!folder || !*folder)
		folder = _PATH_TMP;
#ifdef O_TMPFILE
	fd = open(folder, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
	if (fd >= 0)
		return fd;
#endif
	if (asprintf(&name, "%s/pexec.XXXXXX", folder) < 0)
		return -1;
	fd = mkostemp(name, O_CLOEXEC);
	if (fd >= 0)
		unlink(name);
	free(name);
	return fd;
}

/* Adds to the file as much as there is room for. */
static size_t add_to_file(struct store *store, const char *bytes, size_t length)
{
	size_t added = 0;

	if (store->file < 0 && (store->file = open_file()) < 0)
		return 0;
	while (added < length) {
		ssize_t written = pwrite(store->file, bytes + added, length - added, store->end);
		if (written < 0 && errno != EINTR)
			break;
		store->end += written > 0 ? written : 0;
		added += written > 0 ? (size_t)written : 0;
	}
	return added;
}

size_t store_add(struct store *store, const char *bytes, size_t length)
{
	size_t added = 0;

	for (struct chunk *chunk; added < length && (chunk = open_chunk(store));) {
		size_t part = length - added < room_in(chunk) ? length - added : room_in(chunk);
		char *to = chunk->bytes + chunk->end;
		if (to != bytes + added)
			memcpy(to, bytes + added, part);
		chunk->end += part;
		store->kept += (off_t)part;
		added += part;
	}
	return added < length ? added + add_to_file(store, bytes + added, length - added) : added;
}

off_t store_size(const struct store *store)
{
	return store->kept + store->end - store->begin;
}

static int sink_bytes(const struct store_sink *sink, const char *bytes, size_t length)
{
	return sink->write ? sink->write(sink->context, bytes, length)
			   : transfer_write(sink->fd, bytes, length);
}

/* Hands out from memory. The last chunk stays, for what follows. */
static int hand_out_memory(struct store *store, off_t length, const struct store_sink *sink)
{
	for (off_t left = length; left > 0;) {
		struct chunk *chunk = TAILQ_FIRST(&store->chunks);
		/* The analyzer does not see that TAILQ_REMOVE has taken the last one off the list.
		 */
		/* NOLINTNEXTLINE(clang-analyzer-unix.Malloc) */
		size_t part = chunk->end - chunk->begin;
		if ((off_t)part > left)
			part = (size_t)left;
		if (sink_bytes(sink, chunk->bytes + chunk->begin, part) != 0)
			return -1;
		left -= (off_t)part;
		store->kept -= (off_t)part;
		chunk->begin += part;
		if (chunk->begin < chunk->end)
			break;
		if (TAILQ_NEXT(chunk, next))
			drop_chunk(store, chunk);
		else
			chunk->begin = chunk->end = 0;
	}
	return 0;
}

/*
 * Hands out from the file; one that is through is begun anew. Apart, as a block takes memory also
 * where it is not used.
 */
static __attribute__((noinline)) int hand_out_file(
    struct store *store, off_t length, const struct store_sink *sink)
{
	char block[TRANSFER_BLOCK];
	off_t stop = store->begin + length;

	if (!sink->write && transfer_file(store->file, &store->begin, stop, sink->fd) != 0)
		return -1;
	while (store->begin < stop) {
		off_t left = stop - store->begin;
		size_t part = left < TRANSFER_BLOCK ? (size_t)left : TRANSFER_BLOCK;
		ssize_t got = transfer_read(store->file, block, part, store->begin);
		if (got < 0 || sink_bytes(sink, block, (size_t)got) != 0)
			return -1;
		store->begin += got;
	}
	if (store->begin < store->end)
		return 0;
	store->begin = store->end = 0;
	return ftruncate(store->file, 0);
}

int store_hand_out(struct store *store, off_t length, const struct store_sink *sink)
{
	off_t part = length < store->kept ? length : store->kept;

	if (hand_out_memory(store, part, sink) == 0 &&
	    (part == length || hand_out_file(store, length - part, sink) == 0))
		return 0;
	int error = errno;
	store_clear(store);
	errno = error;
	return -1;
}

void store_clear(struct store *store)
{
	struct chunk *chunk;

	if (store->file >= 0)
		close(store->file);
	store->file = -1;
	store->begin = store->end = store->kept = 0;
	while ((chunk = TAILQ_FIRST(&store->chunks)) &&
	       (TAILQ_NEXT(chunk, next) || chunk->size != STORE_FIRST))
		drop_chunk(store, chunk);
	if (chunk)
		chunk->begin = chunk->end = 0;
}

void store_trim(struct store *store)
{
	struct chunk *last = TAILQ_LAST(&store->chunks, chunk_list);
	size_t used = last ? last->end - last->begin : 0;

	if (!last || sizeof *last + used > last->size / 2)
		return;
	struct chunk *small = used > 0 ? malloc(sizeof *small + used) : NULL;
	if (used > 0 && (!small || !reserve_take(store->reserve, charge(sizeof *small + used)))) {
		free(small); /* it stays as it is */
		return;
	}
	if (small) {
		memcpy(small->bytes, last->bytes + last->begin, used);
		small->size = sizeof *small + used;
		small->begin = 0;
		small->end = used;
		TAILQ_INSERT_TAIL(&store->chunks, small, next);
	}
	drop_chunk(store, last);
}

size_t store_outside(const struct store *store)
{
	size_t bytes = 0;

	for (const struct chunk *chunk = TAILQ_FIRST(&store->chunks); chunk;
	     chunk = TAILQ_NEXT(chunk, next))
		bytes += chunk->size - charge(chunk->size);
	return bytes;
}

void store_free(struct store *store)
{
	store_clear(store);
	if (!TAILQ_EMPTY(&store->chunks))
		drop_chunk(store, TAILQ_FIRST(&store->chunks));
}
