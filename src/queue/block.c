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
#include "queue/block_header.h"

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
	return block->file && *block->name ? block->name : NULL;
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

size_t block_header_bytes(const struct block *block)
{
	return block->header ? block->header->length : 0;
}

/* Writes some bytes of the block, from `done` on. Returns how many, or -1 with errno. Not inlined,
 * as its bytes on the stack are only for what cannot be moved. */
static __attribute__((noinline)) ssize_t copy_some(const struct block *block, size_t done, int pipe)
{
	char bytes[IO_BLOCK];
	size_t left = block->length - done;
	ssize_t got = io_read_at(
	    block->file->fd, bytes, left < IO_BLOCK ? left : IO_BLOCK, block->begin + (off_t)done);

	return got < 0 ? -1 : write(pipe, bytes, (size_t)got);
}

/* The same: they are pages of the file, and are not copied where that can be. */
static ssize_t move_some(const struct block *block, size_t done, int pipe)
{
	ssize_t moved = system_file_into_pipe(
	    pipe, block->file->fd, block->begin + (off_t)done, block->length - done);

	if (moved < 0 && (errno == EINVAL || errno == ENOSYS))
		moved = copy_some(block, done, pipe);
	if (moved == 0)
		errno = EIO;
	return moved;
}

int block_feed(const struct block *block, size_t *fed, int pipe)
{
	size_t header = block_header_bytes(block);

	while (*fed < header + block->length) {
		ssize_t moved = *fed < header
				    ? write(pipe, block->header->bytes + *fed, header - *fed)
				    : move_some(block, *fed - header, pipe);
		if (moved <= 0)
			return -1;
		*fed += (size_t)moved;
	}
	return 0;
}

/* Opens a pipe that has all of the block. */
static int fill_pipe(const struct block *block)
{
	size_t fed = 0;
	int ends[2];

	if (pipe2(ends, O_CLOEXEC) != 0)
		return -1;
	if (block->length + block_header_bytes(block) > PIPE_LEAST)
		system_widen_pipe(ends[1], PIPE_MOST);
	fcntl(ends[1], F_SETFL, O_NONBLOCK);
	int result = block_feed(block, &fed, ends[1]);
	int reason = errno == EAGAIN ? EMSGSIZE : errno;
	close(ends[1]);
	if (result == 0)
		return ends[0];
	close(ends[0]);
	errno = reason;
	return -1;
}

int block_open(const struct block *block)
{
	if (block->is_whole && !block->header)
		return nameless_file_again(block->file->fd);
	if (block->length + block_header_bytes(block) <= (block->is_moved ? PIPE_MOST : PIPE_LEAST))
		return fill_pipe(block);
	errno = EMSGSIZE;
	return -1;
}

bool block_hash(const struct block *block, uint64_t *hash)
{
	char bytes[IO_BLOCK];
	off_t at = block->begin, end = block->begin + (off_t)block->length;

	*hash = HASH_BEGIN;
	if (block->header)
		*hash = hash_add(*hash, block->header->bytes, block->header->length);
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
