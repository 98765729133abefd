#include "output/spool.h"
#include "base/features.h"

#include <errno.h>
#include <fcntl.h>
#include <paths.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/escape.h"
#include "base/io.h"
#include "base/message.h"
#include "base/system_memory.h"

/*
 * The sizes of chunks, in bytes. A spool begins with one of SPOOL_FIRST, which most jobs never
 * exceed, and goes on with medium ones: what a pipe holds. With more than LARGE_FROM bytes it is
 * that of a job which prints much, and large chunks save time (see system_large_memory).
 */
enum { MEDIUM = 65536, LARGE_FROM = 2 * MEDIUM };

void spool_init(struct spool *spool, struct memory_budget *budget)
{
	*spool = (struct spool){.budget = budget, .file = -1};
	TAILQ_INIT(&spool->chunks);
}

/* The bytes that a chunk of `size` takes from the budget. */
static size_t budget_share(size_t size)
{
	return size > SPOOL_FIRST ? size : 0;
}

/* Allocates a chunk and takes it from the budget. Returns NULL when one of them has no room. */
static struct chunk *allocate(struct memory_budget *budget, size_t size)
{
	if (size == SYSTEM_LARGE)
		return budget_take_large(budget);
	if (!budget_take(budget, budget_share(size)))
		return NULL;
	struct chunk *chunk = malloc(size);
	if (!chunk)
		budget_give(budget, budget_share(size));
	return chunk;
}

/* Adds a chunk of `size`. Returns NULL when neither budget nor memory allow it. */
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
	budget_give(spool->budget, budget_share(size));
}

/* Adds a chunk of the size that comes next. Returns NULL when there is no memory for it. */
static struct chunk *grow(struct spool *spool)
{
	if (TAILQ_EMPTY(&spool->chunks))
		return add_chunk(spool, SPOOL_FIRST);
	struct chunk *chunk = NULL;
	if (spool->in_memory > LARGE_FROM)
		chunk = add_chunk(spool, SYSTEM_LARGE);
	return chunk ? chunk : add_chunk(spool, MEDIUM);
}

static size_t room_in(const struct chunk *chunk)
{
	return chunk->size - sizeof *chunk - chunk->end;
}

/* Returns the chunk that the next bytes go to; NULL: they go to the file. */
static struct chunk *open_chunk(struct spool *spool)
{
	struct chunk *last = TAILQ_LAST(&spool->chunks, chunk_list);

	if (spool->file_begin < spool->file_end)
		return NULL;
	return last && room_in(last) > 0 ? last : grow(spool);
}

char *spool_room(struct spool *spool, size_t *room)
{
	struct chunk *chunk = open_chunk(spool);

	*room = chunk ? room_in(chunk) : 0;
	return chunk ? chunk->bytes + chunk->end : NULL;
}

const char *spool_folder(void)
{
	const char *folder = getenv("TMPDIR");

	return folder && *folder ? folder : _PATH_TMP;
}

/* The file stays behind, with what jobs print: that is said, and seen in the status of the run. */
static void leave_file(struct spool *spool, const char *name)
{
	char shown[ESCAPED_NAME];

	message_errno(
	    "output of jobs stays behind in %s, which cannot be removed", escape_name(shown, name));
	atomic_store(&spool->budget->file_left, true);
}

/* Opens a file without a name in $TMPDIR. Returns -1 with errno. */
static int open_file(struct spool *spool)
{
	const char *folder = spool_folder();
	char *name = NULL;
	int fd;

#if HAVE_TMPFILE
	fd = open(folder, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
	if (fd >= 0)
		return fd;
#endif
	if (asprintf(&name, "%s/pexec.XXXXXX", folder) < 0)
		return -1;
	fd = mkostemp(name, O_CLOEXEC);
	if (fd >= 0 && unlink(name) != 0)
		leave_file(spool, name);
	free(name);
	return fd;
}

/* Adds as many bytes to the file as it has room for. Returns how many; sets errno when not all. */
static size_t add_to_file(struct spool *spool, const char *bytes, size_t length)
{
	size_t added = 0;

	if (spool->file < 0 && (spool->file = open_file(spool)) < 0)
		return 0;
	while (added < length) {
		ssize_t written =
		    pwrite(spool->file, bytes + added, length - added, spool->file_end);
		if (written < 0 && errno != EINTR)
			break;
		spool->file_end += written > 0 ? written : 0;
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
		/* The bytes may lie at spool_room, or overlap with it, behind bytes that were added
		 * before. */
		if (to != bytes + added)
			memmove(to, bytes + added, part);
		chunk->end += part;
		spool->in_memory += (off_t)part;
		added += part;
	}
	return added < length ? added + add_to_file(spool, bytes + added, length - added) : added;
}

off_t spool_size(const struct spool *spool)
{
	return spool->in_memory + spool->file_end - spool->file_begin;
}

static int write_to_sink(const struct spool_sink *sink, const char *bytes, size_t length)
{
	return sink->write ? sink->write(sink->context, bytes, length)
			   : io_write(sink->fd, bytes, length);
}

/* Writes `length` bytes in memory to the sink and removes them. Keeps the last chunk for more. */
static int hand_out_memory(struct spool *spool, off_t length, const struct spool_sink *sink)
{
	for (off_t left = length; left > 0;) {
		struct chunk *chunk = TAILQ_FIRST(&spool->chunks);
		/* The analyzer does not see that TAILQ_REMOVE has removed the chunk before. */
		/* NOLINTNEXTLINE(clang-analyzer-unix.Malloc) */
		size_t part = chunk->end - chunk->begin;
		if ((off_t)part > left)
			part = (size_t)left;
		if (write_to_sink(sink, chunk->bytes + chunk->begin, part) != 0)
			return -1;
		left -= (off_t)part;
		spool->in_memory -= (off_t)part;
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
 * Writes `length` bytes in the file to the sink, and truncates the file once it is read to its end.
 * Not inlined: its block on the stack is only for threads that read from a file.
 */
static __attribute__((noinline)) int hand_out_file(
    struct spool *spool, off_t length, const struct spool_sink *sink)
{
	char block[IO_BLOCK];
	off_t stop = spool->file_begin + length;

	if (!sink->write && io_copy_file(spool->file, &spool->file_begin, stop, sink->fd) != 0)
		return -1;
	while (spool->file_begin < stop) {
		off_t left = stop - spool->file_begin;
		size_t part = left < IO_BLOCK ? (size_t)left : IO_BLOCK;
		ssize_t got = io_read_at(spool->file, block, part, spool->file_begin);
		if (got < 0 || write_to_sink(sink, block, (size_t)got) != 0)
			return -1;
		spool->file_begin += got;
	}
	if (spool->file_begin < spool->file_end)
		return 0;
	spool->file_begin = spool->file_end = 0;
	return ftruncate(spool->file, 0);
}

int spool_hand_out(struct spool *spool, off_t length, const struct spool_sink *sink)
{
	off_t part = length < spool->in_memory ? length : spool->in_memory;

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
	spool->file_begin = spool->file_end = spool->in_memory = 0;
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
	if (used > 0 &&
	    (!small || !budget_take(spool->budget, budget_share(sizeof *small + used)))) {
		free(small); /* the last chunk stays as large as it is */
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
		bytes += chunk->size - budget_share(chunk->size);
	return bytes;
}

void spool_free(struct spool *spool)
{
	spool_clear(spool);
	if (!TAILQ_EMPTY(&spool->chunks))
		drop_chunk(spool, TAILQ_FIRST(&spool->chunks));
}
