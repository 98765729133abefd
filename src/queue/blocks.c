#include "queue/blocks.h"

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/io.h"
#include "base/system_pipes.h"
#include "queue/input_file.h"

/* The size of a page, and of blocks that are cut at the end of one. */
enum { PAGE_BYTES = 4096, PAGES_FROM = 65536 };

/* What the pipe of the input holds, in bytes. */
enum { WIDE = 1024 * 1024 };

/* Records are looked for in so many bytes at a time. */
enum { WINDOW = IO_BLOCK };

/* --- where a block ends --- */

/* Reads a part of a piece. Returns how many bytes, or -1 with errno. */
static ssize_t look(const struct piece *piece, char window[WINDOW], off_t from, off_t to)
{
	size_t length = to - from < WINDOW ? (size_t)(to - from) : WINDOW;

	for (size_t done = 0; done < length;) {
		ssize_t got =
		    io_read_at(piece->file, window + done, length - done, from + (off_t)done);
		if (got < 0)
			return -1;
		done += (size_t)got;
	}
	return (ssize_t)length;
}

/*
 * The last place from piece->at up to `to` where a record ends; piece->at: there is none. Looks at
 * one window after the other, backwards. -1 with errno.
 */
static off_t last_end(const struct blocks *blocks, off_t to)
{
	const struct piece *piece = &blocks->piece;
	off_t overlap = (off_t)block_ends_overlap(&blocks->ends);
	char window[WINDOW];

	for (off_t from = to; from > piece->at; to = from + overlap) {
		from = to - piece->at < WINDOW ? piece->at : to - WINDOW;
		ssize_t got = look(piece, window, from, to);
		if (got < 0)
			return -1;
		size_t end = block_ends_last(&blocks->ends, window, (size_t)got);
		if (end != BLOCK_ENDS_NONE && from + (off_t)end > piece->at)
			return from + (off_t)end;
	}
	return piece->at;
}

/* Where the text is looked for that ends a record which begins at `at`: one does not begin with its
 * own end. */
static off_t first_place(const struct blocks *blocks, off_t at)
{
	return blocks->ends.behind > 0 ? at : at + 1;
}

/*
 * The place where `count` records end, by texts that begin at `from` or behind it; piece->at: so
 * many do not end there. -1 with errno.
 */
static off_t end_of_records(const struct blocks *blocks, off_t from, unsigned long long count)
{
	const struct piece *piece = &blocks->piece;
	off_t overlap = (off_t)block_ends_overlap(&blocks->ends);
	char window[WINDOW];

	while (piece->end - from > overlap) {
		ssize_t got = look(piece, window, from, piece->end);
		if (got < 0)
			return -1;
		size_t at = 0, end;
		while ((end = block_ends_next(&blocks->ends, window, (size_t)got, at)) !=
		       BLOCK_ENDS_NONE) {
			if (--count == 0)
				return from + (off_t)end;
			at = (size_t)first_place(blocks, (off_t)end);
		}
		off_t next = from + (off_t)got - overlap;
		from += (off_t)at;
		from = from > next ? from : next;
	}
	return piece->at;
}

/* Where texts begin that end a record behind the first `size` bytes of the piece. */
static off_t first_behind(const struct blocks *blocks, off_t size)
{
	off_t first = first_place(blocks, blocks->piece.at);
	off_t from = blocks->piece.at + size + 1 - (off_t)blocks->ends.behind;

	return from > first ? from : first;
}

/* Where the next block ends; piece->at: that is not known yet. -1 with errno. */
static off_t end_of_block(const struct blocks *blocks)
{
	const struct piece *piece = &blocks->piece;
	const struct queue_options *options = blocks->options;
	off_t size = (off_t)options->block_bytes;

	if (options->block_records > 0) {
		off_t end =
		    end_of_records(blocks, first_place(blocks, piece->at), options->block_records);
		return end == piece->at && piece->is_complete ? piece->end : end;
	}
	/* Pages of a file that fit into a pipe are moved, not copied: it takes so many of them. */
	if (!piece->is_chunk && size > PAGES_FROM)
		size -= piece->at % PAGE_BYTES;
	/* Where the next record begins shows only there. */
	off_t to = piece->at + size + (off_t)(blocks->ends.length - blocks->ends.behind);
	if (piece->is_complete && piece->end - piece->at <= size)
		return piece->end;
	if (!piece->is_complete && piece->end <= to)
		return piece->at;
	off_t end = last_end(blocks, to < piece->end ? to : piece->end);
	/* A record that is larger than a block makes the block larger. */
	if (end == piece->at)
		end = end_of_records(blocks, first_behind(blocks, size), 1);
	return end == piece->at && piece->is_complete ? piece->end : end;
}

/* --- what comes through a pipe --- */

/* Makes a chunk of the bytes of the piece from `from` on. Returns a descriptor, or -1 with errno.
 */
static int copy_rest(const struct piece *piece, off_t from, bool is_spilled)
{
	int file = block_make_file(is_spilled);

	if (file < 0 || from == piece->end ||
	    io_copy_file(piece->file, &from, piece->end, file) == 0)
		return file;
	int reason = errno;
	close(file);
	errno = reason;
	return -1;
}

/* Goes on in a new chunk, with the bytes from `from` on. `*old` is the one before, the caller's. */
static bool change_chunk(struct blocks *blocks, off_t from, int *old)
{
	struct piece *piece = &blocks->piece;
	bool is_spilled = piece->end - from > (off_t)blocks->options->block_memory;
	int file = copy_rest(piece, from, is_spilled);

	if (file < 0)
		return false;
	*old = piece->file;
	piece->file = file;
	piece->before += from;
	piece->end -= from;
	piece->at = 0;
	piece->is_shared = false;
	piece->is_spilled = is_spilled;
	return true;
}

/* Moves what the pipe has into the chunk. Returns as read(2). */
static ssize_t take_in(const struct blocks *blocks)
{
	size_t length = blocks->options->block_bytes;
	char bytes[WINDOW];
	ssize_t got = system_pipe_to(blocks->piece.file, blocks->input, length);

	if (got >= 0 || (errno != EINVAL && errno != ENOSYS))
		return got;
	got = read(blocks->input, bytes, length < WINDOW ? length : WINDOW);
	return got > 0 && io_write(blocks->piece.file, bytes, (size_t)got) != 0 ? -1 : got;
}

/* Waits for more of the pipe, and takes it in. SOURCE_ITEM: there is more, or it has ended. */
static enum source_status read_on(struct blocks *blocks)
{
	struct piece *piece = &blocks->piece;
	bool is_large = piece->end - piece->at > (off_t)blocks->options->block_memory;
	struct pollfd fds[] = {{.fd = blocks->input, .events = POLLIN},
	    {.fd = blocks->interrupt_fd, .events = POLLIN}};
	int old;
	char byte;

	/* What has been cut off does not change any more, and memory is for small blocks. */
	if (piece->is_shared || (is_large && !piece->is_spilled)) {
		if (!change_chunk(blocks, piece->at, &old))
			return SOURCE_FAILED;
		close(old);
	}
	io_await(fds, 2, -1);
	if (fds[1].revents && read(blocks->interrupt_fd, &byte, 1) >= 0)
		return SOURCE_INTERRUPTED;
	ssize_t got = take_in(blocks);
	if (got < 0 && errno != EINTR && errno != EAGAIN)
		return SOURCE_FAILED;
	piece->end += got > 0 ? got : 0;
	piece->is_complete = got == 0;
	return SOURCE_ITEM;
}

/* --- the inputs --- */

/* Opens the next file. SOURCE_END: there is none; SOURCE_FAILED with errno. */
static enum source_status open_next(struct blocks *blocks)
{
	const struct strings *files = &blocks->options->files;
	struct stat status;

	if (blocks->next == files->count)
		return SOURCE_END;
	int fd = input_file_open(files->at[blocks->next++], blocks->standard_input);
	if (fd < 0)
		return SOURCE_FAILED;
	if (fstat(fd, &status) != 0) {
		close(fd);
		return SOURCE_FAILED;
	}
	if (S_ISREG(status.st_mode)) {
		/* Somebody may have read a part of it. */
		off_t at = lseek(fd, 0, SEEK_CUR);
		blocks->piece = (struct piece){
		    .file = fd, .at = at, .end = status.st_size, .is_complete = true};
		return at >= 0 ? SOURCE_ITEM : SOURCE_FAILED;
	}
	blocks->input = fd;
	/* The producer is woken less often. */
	system_widen_pipe(fd, WIDE);
	blocks->piece = (struct piece){.file = block_make_file(false), .is_chunk = true};
	return blocks->piece.file >= 0 ? SOURCE_ITEM : SOURCE_FAILED;
}

/* The piece has no bytes any more. Who reads the same descriptor next finds nothing, either. */
static void close_piece(struct blocks *blocks)
{
	struct piece *piece = &blocks->piece;

	if (piece->file >= 0 && !piece->is_chunk)
		lseek(piece->file, piece->at, SEEK_SET);
	if (piece->file >= 0)
		close(piece->file);
	if (blocks->input >= 0)
		close(blocks->input);
	blocks->input = -1;
	piece->file = -1;
}

/* --- the blocks --- */

/* Makes the block that ends at `end` of the piece. False with errno. */
static bool cut(struct blocks *blocks, off_t end)
{
	struct piece *piece = &blocks->piece;
	struct block *block = &blocks->block;
	off_t length = end - piece->at;

	*block = (struct block){.begin = piece->at,
	    .length = (size_t)length,
	    .offset = piece->before + piece->at,
	    .is_spilled = length > (off_t)blocks->options->block_memory};
	/* What is left behind it is little: it is copied, and the chunk is the block. */
	block->is_whole = piece->is_chunk && piece->at == 0 && piece->end - end < length;
	if (block->is_whole)
		return change_chunk(blocks, end, &block->file) && ftruncate(block->file, end) == 0;
	block->file = fcntl(piece->file, F_DUPFD_CLOEXEC, 0);
	piece->is_shared = true;
	piece->at = end;
	return block->file >= 0;
}

/* Names the block. With a journal its bytes are in the name, so that another one is another job. */
static bool name_block(struct blocks *blocks, struct record *record)
{
	const struct block *block = &blocks->block;
	uint64_t hash = 0;
	int length = snprintf(
	    blocks->name, sizeof blocks->name, "%lld+%zu", (long long)block->offset, block->length);

	if (blocks->options->hashes_blocks) {
		if (!block_hash(block, &hash))
			return false;
		length += snprintf(blocks->name + length, sizeof blocks->name - (size_t)length,
		    " %016" PRIx64, hash);
	}
	*record = (struct record){
	    .bytes = blocks->name, .length = (size_t)length, .kept = (size_t)length, .ended = true};
	return true;
}

/* Cuts the next block of the piece. SOURCE_END: it has none; SOURCE_FAILED with errno. */
static enum source_status next_of_piece(struct blocks *blocks, struct record *record)
{
	struct piece *piece = &blocks->piece;
	enum source_status status = SOURCE_ITEM;

	while (status == SOURCE_ITEM) {
		off_t end = end_of_block(blocks);
		if (end < 0)
			return SOURCE_FAILED;
		if (end > piece->at)
			return cut(blocks, end) && name_block(blocks, record) ? SOURCE_ITEM
									      : SOURCE_FAILED;
		if (piece->is_complete)
			return SOURCE_END;
		status = read_on(blocks);
	}
	return status;
}

enum source_status blocks_next(struct blocks *blocks, struct record *record)
{
	enum source_status status = SOURCE_END;

	block_drop(&blocks->block);
	while (status == SOURCE_END) {
		if (blocks->piece.file < 0 && (status = open_next(blocks)) != SOURCE_ITEM)
			break;
		status = next_of_piece(blocks, record);
		if (status == SOURCE_END)
			close_piece(blocks);
	}
	if (status == SOURCE_FAILED)
		input_file_complain("reading ", blocks->options->files.at[blocks->next - 1]);
	return status;
}

void blocks_take(struct blocks *blocks, struct block *block)
{
	*block = blocks->block;
	block_init(&blocks->block);
}

bool blocks_more(const struct blocks *blocks)
{
	const struct piece *piece = &blocks->piece;

	return blocks->next < blocks->options->files.count ||
	       (piece->file >= 0 && (!piece->is_complete || piece->at < piece->end));
}

/* What is looked for: the end of a record, the beginning of the next one, or both side by side. */
static void set_ends(struct blocks *blocks)
{
	const struct queue_options *options = blocks->options;
	const char *end = options->record_end, *start = options->record_start;

	if (!end && !start) {
		blocks->needle = strndup(&options->delimiter, 1);
		blocks->ends = (struct block_ends){.length = 1, .behind = 1};
	} else if (asprintf(&blocks->needle, "%s%s", end ? end : "", start ? start : "") >= 0) {
		blocks->ends.length = strlen(blocks->needle);
		blocks->ends.behind = end ? strlen(end) : 0;
	}
	if (!blocks->needle)
		err(1, "opening the queue");
	blocks->ends.text = blocks->needle;
}

void blocks_open(struct blocks *blocks, const struct queue_options *options, int standard_input,
    int interrupt_fd)
{
	*blocks = (struct blocks){.options = options,
	    .standard_input = standard_input,
	    .interrupt_fd = interrupt_fd,
	    .input = -1,
	    .piece = {.file = -1}};
	block_init(&blocks->block);
	set_ends(blocks);
}

void blocks_close(struct blocks *blocks)
{
	block_drop(&blocks->block);
	close_piece(blocks);
	free(blocks->needle);
}
