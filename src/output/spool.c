#include "output/spool.h"

#include <errno.h>
#include <paths.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/escape.h"
#include "base/io.h"
#include "base/message.h"
#include "base/nameless_file.h"
#include "base/system_memory.h"
#include "output/listener.h"

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

static void append_chunk(struct spool *spool, struct chunk *chunk)
{
	listeners_hold();
	TAILQ_INSERT_TAIL(&spool->chunks, chunk, next);
	listeners_release();
}

/* Adds a chunk of `size`. Returns NULL when neither budget nor memory allow it. */
static struct chunk *add_chunk(struct spool *spool, size_t size)
{
	struct chunk *chunk = allocate(spool->budget, size);

	if (!chunk)
		return NULL;
	chunk->size = size;
	chunk->begin = chunk->end = 0;
	append_chunk(spool, chunk);
	return chunk;
}

static void drop_chunk(struct spool *spool, struct chunk *chunk)
{
	size_t size = chunk->size;

	listeners_hold();
	TAILQ_REMOVE(&spool->chunks, chunk, next);
	listeners_release();
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
	char *left;
	int fd = nameless_file(spool_folder(), &left);
	int reason = errno;

	if (left)
		leave_file(spool, left);
	free(left);
	errno = reason;
	return fd;
}

/* Adds as many bytes to the file as it has room for. Returns how many; sets errno when not all. */
static size_t add_to_file(struct spool *spool, const char *bytes, size_t length)
{
	size_t added = 0;
	int file = spool->file >= 0 ? spool->file : open_file(spool);

	listeners_hold();
	spool->file = file;
	listeners_release();
	if (file < 0)
		return 0;
	while (added < length) {
		ssize_t written = pwrite(file, bytes + added, length - added, spool->file_end);
		if (written < 0 && errno != EINTR)
			break;
		listeners_hold();
		spool->file_end += written > 0 ? written : 0;
		listeners_release();
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
		listeners_hold();
		chunk->end += part;
		spool->in_memory += (off_t)part;
		listeners_release();
		added += part;
	}
	if (added < length)
		added += add_to_file(spool, bytes + added, length - added);
	int reason = errno;
	listeners_hear(spool);
	errno = reason;
	return added;
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

/* So many bytes of the first chunk have gone out. Returns whether it has none any more. */
static bool advance(struct spool *spool, struct chunk *chunk, size_t length)
{
	listeners_hold();
	spool->in_memory -= (off_t)length;
	spool->taken += (off_t)length;
	chunk->begin += length;
	bool is_empty = chunk->begin == chunk->end;
	if (is_empty && !TAILQ_NEXT(chunk, next))
		chunk->begin = chunk->end = 0;
	listeners_release();
	return is_empty;
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
		if (!advance(spool, chunk, part))
			break;
		if (TAILQ_NEXT(chunk, next))
			drop_chunk(spool, chunk);
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
	off_t at = spool->file_begin, stop = at + length;

	if (!sink->write && io_copy_file(spool->file, &at, stop, sink->fd) != 0)
		return -1;
	while (at < stop) {
		size_t part = stop - at < IO_BLOCK ? (size_t)(stop - at) : IO_BLOCK;
		ssize_t got = io_read_at(spool->file, block, part, at);
		if (got < 0 || write_to_sink(sink, block, (size_t)got) != 0)
			return -1;
		at += got;
	}
	bool is_empty = stop == spool->file_end;
	listeners_hold();
	spool->taken += length;
	spool->file_begin = is_empty ? 0 : stop;
	if (is_empty)
		spool->file_end = 0;
	listeners_release();
	return is_empty ? ftruncate(spool->file, 0) : 0;
}

int spool_hand_out(struct spool *spool, off_t length, const struct spool_sink *sink)
{
	off_t part = length < spool->in_memory ? length : spool->in_memory;

	listeners_save(spool, length);
	if (hand_out_memory(spool, part, sink) == 0 &&
	    (part == length || hand_out_file(spool, length - part, sink) == 0))
		return 0;
	int error = errno;
	spool_clear(spool);
	errno = error;
	return -1;
}

ssize_t spool_look(const struct spool *spool, off_t begin, char *bytes, size_t room)
{
	const struct chunk *chunk = TAILQ_FIRST(&spool->chunks);

	if (begin >= spool->in_memory)
		return io_read_at(
		    spool->file, bytes, room, spool->file_begin + begin - spool->in_memory);
	while (begin >= (off_t)(chunk->end - chunk->begin)) {
		begin -= (off_t)(chunk->end - chunk->begin);
		chunk = TAILQ_NEXT(chunk, next);
	}
	size_t at = chunk->begin + (size_t)begin;
	size_t part = chunk->end - at < room ? chunk->end - at : room;
	memcpy(bytes, chunk->bytes + at, part);
	return (ssize_t)part;
}

void spool_clear(struct spool *spool)
{
	struct chunk *chunk;
	int file = spool->file;

	listeners_save(spool, spool_size(spool));
	listeners_hold();
	spool->taken += spool_size(spool);
	spool->file = -1;
	spool->file_begin = spool->file_end = spool->in_memory = 0;
	listeners_release();
	if (file >= 0)
		close(file);
	while ((chunk = TAILQ_FIRST(&spool->chunks)) &&
	       (TAILQ_NEXT(chunk, next) || chunk->size != SPOOL_FIRST))
		drop_chunk(spool, chunk);
	if (chunk)
		chunk->begin = chunk->end = 0;
}

void spool_begin(struct spool *spool)
{
	spool_clear(spool);
	listeners_leave(spool);
	spool->taken = 0;
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
		append_chunk(spool, small);
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
	spool_begin(spool);
	if (!TAILQ_EMPTY(&spool->chunks))
		drop_chunk(spool, TAILQ_FIRST(&spool->chunks));
}
