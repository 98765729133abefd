#include "queue/block.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/escape.h"
#include "base/hash.h"
#include "base/io.h"
#include "base/message.h"
#include "base/nameless_file.h"
#include "base/system_pipes.h"
#include "output/spool.h"

/* What a pipe holds at most, for users who are not root (/proc/sys/fs/pipe-max-size). */
enum { PIPE_MOST = 1024 * 1024 };

/* What a pipe holds as it is made, less a page for bytes that begin within one. */
enum { PIPE_LEAST = 60 * 1024 };

void block_init(struct block *block)
{
	*block = (struct block){.file = NULL};
}

const char *block_name(const struct block *block)
{
	return block->file ? block->name : NULL;
}

struct block_file *block_file_new(int fd)
{
	struct block_file *file = malloc(sizeof *file);

	if (!file) {
		close(fd);
		return NULL;
	}
	file->fd = fd;
	atomic_init(&file->users, 1);
	return file;
}

struct block_file *block_file_keep(struct block_file *file)
{
	atomic_fetch_add(&file->users, 1);
	return file;
}

void block_file_drop(struct block_file *file)
{
	if (atomic_fetch_sub(&file->users, 1) > 1)
		return;
	close(file->fd);
	free(file);
}

int block_make_file(bool is_spilled)
{
	char shown[ESCAPED_NAME], *left;
	int fd = is_spilled ? -1 : nameless_file_in_memory();

	bool is_short = errno == EMFILE || errno == ENFILE || errno == ENOMEM;
	if (fd >= 0 || (!is_spilled && is_short))
		return fd;
	fd = nameless_file(spool_folder(), &left);
	if (fd >= 0 && left)
		message_errno("input of jobs stays behind in %s, which cannot be removed",
		    escape_name(shown, left));
	free(left);
	return fd;
}

/*
 * Moves the bytes into a pipe that holds all of them: they are pages of the file, and are not
 * copied. Returns its end to read from, or -1 where there is no such pipe.
 */
static int fill_pipe(const struct block *block)
{
	off_t at = block->begin, end = block->begin + (off_t)block->length;
	int ends[2];

	if (!block->is_moved || block->length > PIPE_MOST || pipe2(ends, O_CLOEXEC) != 0)
		return -1;
	if (block->length > PIPE_LEAST)
		system_widen_pipe(ends[1], PIPE_MOST);
	ssize_t moved = 1;
	while (at < end && moved > 0)
		if ((moved = system_file_into_pipe(
			 ends[1], block->file->fd, at, (size_t)(end - at))) > 0)
			at += moved;
	close(ends[1]);
	if (at == end)
		return ends[0];
	close(ends[0]);
	return -1;
}

int block_open(const struct block *block)
{
	off_t at = block->begin, end = block->begin + (off_t)block->length;

	if (block->is_whole)
		return nameless_file_again(block->file->fd);
	int pipe = fill_pipe(block);
	if (pipe >= 0)
		return pipe;
	int copy = block_make_file(block->is_spilled);
	if (copy < 0)
		return -1;
	int fd =
	    io_copy_file(block->file->fd, &at, end, copy) == 0 ? nameless_file_again(copy) : -1;
	int reason = errno;
	close(copy);
	errno = reason;
	return fd;
}

bool block_hash(const struct block *block, uint64_t *hash)
{
	char bytes[IO_BLOCK];
	off_t at = block->begin, end = block->begin + (off_t)block->length;

	*hash = HASH_BEGIN;
	while (at < end) {
		size_t part = end - at < IO_BLOCK ? (size_t)(end - at) : IO_BLOCK;
		ssize_t got = io_read_at(block->file->fd, bytes, part, at);
		if (got < 0)
			return false;
		*hash = hash_add(*hash, bytes, (size_t)got);
		at += got;
	}
	return true;
}

void block_drop(struct block *block)
{
	if (block->file)
		block_file_drop(block->file);
	block_init(block);
}
