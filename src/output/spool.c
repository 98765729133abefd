#include "output/spool.h"
#include "base/features.h"

#include <errno.h>
#include <fcntl.h>
#include <paths.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/io.h"
#include "base/system_memory.h"

/*
 * A store begins with a small chunk, which most jobs never exceed, and goes on with medium ones:
 * what a pipe holds. From then on it is a job that prints much, and large ones save time (see
 * system_large_memory).
 */
enum { CHUNK_MEDIUM = 65536, MEDIUM_UP_TO = 2 * CHUNK_MEDIUM };

void spool_init(struct spool *spool, struct memory_budget *budget)
{
	*spool = (struct spool){.budget = budget, .file = -1};
	TAILQ_INIT(&spool->chunks);
}

/* What a chunk of this size takes from the budget. */
static size_t charge(size_t size)
{
	return size > SPOOL_FIRST ? size : 0;
}

static struct chunk *allocate(struct memory_budget *budget, size_t size)
{
	if (size == SYSTEM_LARGE)
		return budget_take_large(budget);
	if (!budget_take(budget, charge(size)))
		return NULL;
	struct chunk *chunk = malloc(size);
	if (!chunk)
		budget_give(budget, charge(size));
	return chunk;
}

/* A chunk of this size at the end of the memory, if the reserve allows. */
static struct chunk *add_chunk(struct spool *spool, size_t size)
{
	struct chunk *chunk = allocate(spool->budget, size);

	if (!chunk)
		return NULL;
	chunk->size = size;
	chunk->begin = chunk->end = 0;
	TAILQ_INSERT_TAIL(&spool->chunks, chunk, next);
	return chunk;
}

static void drop_chunk(struct spool *spool, struct chunk *chunk)
{
	size_t size = chunk->size;

	TAILQ_REMOVE(&spool->chunks, chunk, next);
	if (size == SYSTEM_LARGE) {
		budget_give_large(spool->budget, chunk);
		return;
	}
	free(chunk);
	budget_give(spool->budget, charge(size));
}

/* Adds memory; NULL when there is none to be had. */
static struct chunk *grow(struct spool *spool)
{
	if (TAILQ_EMPTY(&spool->chunks))
		return add_chunk(spool, SPOOL_FIRST);
	struct chunk *chunk = NULL;
	if (spool->kept > MEDIUM_UP_TO)
		chunk = add_chunk(spool, SYSTEM_LARGE);
	return chunk ? chunk : add_chunk(spool, CHUNK_MEDIUM);
}

static size_t room_in(const struct chunk *chunk)
{
	return chunk->size - sizeof *chunk - chunk->end;
}

/* The chunk that the next bytes go to; NULL when they go to the file. */
static struct chunk *open_chunk(struct spool *spool)
{
	struct chunk *last = TAILQ_LAST(&spool->chunks, chunk_list);

	if (spool->begin < spool->end)
		return NULL;
	return last && room_in(last) > 0 ? last : grow(spool);
}

char *spool_room(struct spool *spool, size_t *room)
{
	struct chunk *chunk = open_chunk(spool);

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
#if HAVE_TMPFILE
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
static size_t add_to_file(struct spool *spool, const char *bytes, size_t length)
{
	size_t added = 0;

	if (spool->file < 0 && (spool->file = open_file()) < 0)
		return 0;
	while (added < length) {
		ssize_t written = pwrite(spool->file, bytes + added, length - added, spool->end);
		if (written < 0 && errno != EINTR)
			break;
		spool->end += written > 0 ? written : 0;
		added += written > 0 ? (size_t)written : 0;
	}
	return added;
}

size_t spool_add(struct spool *spool, const char *bytes, size_t length)
{
	size_t added = 0;

	for (struct chunk *chunk; added < length && (chunk = open_chunk(spool));) {
		size_t part = length - added < room_in(chunk) ? length - added : room_in(chunk);
		char *to = chunk->bytes + chunk->end;
		/* What is taken in piece by piece may lie where it was read to, further on. */
		if (to != bytes + added)
			memmove(to, bytes + added, part);
		chunk->end += part;
		spool->kept += (off_t)part;
		added += part;
	}
	return added < length ? added + add_to_file(spool, bytes + added, length - added) : added;
}

off_t spool_size(const struct spool *spool)
{
	return spool->kept + spool->end - spool->begin;
}

static int sink_bytes(const struct spool_sink *sink, const char *bytes, size_t length)
{
	return sink->write ? sink->write(sink->context, bytes, length)
			   : io_write(sink->fd, bytes, length);
}

/* Hands out from memory. The last chunk stays, for what follows. */
static int hand_out_memory(struct spool *spool, off_t length, const struct spool_sink *sink)
{
	for (off_t left = length; left > 0;) {
		struct chunk *chunk = TAILQ_FIRST(&spool->chunks);
		/* The analyzer does not see that TAILQ_REMOVE has taken the last one off the list.
		 */
		/* NOLINTNEXTLINE(clang-analyzer-unix.Malloc) */
		size_t part = chunk->end - chunk->begin;
		if ((off_t)part > left)
			part = (size_t)left;
		if (sink_bytes(sink, chunk->bytes + chunk->begin, part) != 0)
			return -1;
		left -= (off_t)part;
		spool->kept -= (off_t)part;
		chunk->begin += part;
		if (chunk->begin < chunk->end)
			break;
		if (TAILQ_NEXT(chunk, next))
			drop_chunk(spool, chunk);
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
    struct spool *spool, off_t length, const struct spool_sink *sink)
{
	char block[IO_BLOCK];
	off_t stop = spool->begin + length;

	if (!sink->write && io_copy_file(spool->file, &spool->begin, stop, sink->fd) != 0)
		return -1;
	while (spool->begin < stop) {
		off_t left = stop - spool->begin;
		size_t part = left < IO_BLOCK ? (size_t)left : IO_BLOCK;
		ssize_t got = io_read_at(spool->file, block, part, spool->begin);
		if (got < 0 || sink_bytes(sink, block, (size_t)got) != 0)
			return -1;
		spool->begin += got;
	}
	if (spool->begin < spool->end)
		return 0;
	spool->begin = spool->end = 0;
	return ftruncate(spool->file, 0);
}

int spool_hand_out(struct spool *spool, off_t length, const struct spool_sink *sink)
{
	off_t part = length < spool->kept ? length : spool->kept;

	if (hand_out_memory(spool, part, sink) == 0 &&
	    (part == length || hand_out_file(spool, length - part, sink) == 0))
		return 0;
	int error = errno;
	spool_clear(spool);
	errno = error;
	return -1;
}

void spool_clear(struct spool *spool)
{
	struct chunk *chunk;

	if (spool->file >= 0)
		close(spool->file);
	spool->file = -1;
	spool->begin = spool->end = spool->kept = 0;
	while ((chunk = TAILQ_FIRST(&spool->chunks)) &&
	       (TAILQ_NEXT(chunk, next) || chunk->size != SPOOL_FIRST))
		drop_chunk(spool, chunk);
	if (chunk)
		chunk->begin = chunk->end = 0;
}

void spool_trim(struct spool *spool)
{
	struct chunk *last = TAILQ_LAST(&spool->chunks, chunk_list);
	size_t used = last ? last->end - last->begin : 0;

	if (!last || sizeof *last + used > last->size / 2)
		return;
	struct chunk *small = used > 0 ? malloc(sizeof *small + used) : NULL;
	if (used > 0 && (!small || !budget_take(spool->budget, charge(sizeof *small + used)))) {
		free(small); /* it stays as it is */
		return;
	}
	if (small) {
		memcpy(small->bytes, last->bytes + last->begin, used);
		small->size = sizeof *small + used;
		small->begin = 0;
		small->end = used;
		TAILQ_INSERT_TAIL(&spool->chunks, small, next);
	}
	drop_chunk(spool, last);
}

size_t spool_outside(const struct spool *spool)
{
	size_t bytes = 0;

	for (const struct chunk *chunk = TAILQ_FIRST(&spool->chunks); chunk;
	     chunk = TAILQ_NEXT(chunk, next))
		bytes += chunk->size - charge(chunk->size);
	return bytes;
}

void spool_free(struct spool *spool)
{
	spool_clear(spool);
	if (!TAILQ_EMPTY(&spool->chunks))
		drop_chunk(spool, TAILQ_FIRST(&spool->chunks));
}
