#include "queue/blocks.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/escape.h"
#include "base/interrupt.h"
#include "base/io.h"
#include "base/message.h"
#include "base/nameless_file.h"
#include "base/system_pipes.h"
#include "output/spool.h"
#include "queue/input_file.h"

/* What the pipe of the input holds, in bytes. */
enum { WIDE = 1024 * 1024 };

/* Says why a file cannot be read. */
static void complain(const struct blocks *blocks)
{
	const char *name = blocks->rules.options->files.at[blocks->next - 1];
	char shown[ESCAPED_NAME];

	if (errno == EIO && !blocks->piece.is_chunk)
		message("reading %s: it cannot be read, or has become shorter",
		    escape_name(shown, name));
	else
		input_file_complain("reading ", name);
}

/* --- what comes through a pipe --- */

/* Says why bytes of a pipe cannot be kept. */
static void say_no_place(bool is_spilled)
{
	char shown[ESCAPED_NAME];

	if (is_spilled)
		message_errno(
		    "keeping the input of jobs in %s", escape_name(shown, spool_folder()));
	else
		message_errno("keeping the input of jobs in memory");
}

/* Makes a chunk of the bytes of the piece from `from` on. NULL: that has been said. */
static struct block_file *make_chunk(const struct piece *piece, off_t from, bool is_spilled)
{
	int fd = block_make_file(is_spilled);
	struct block_file *file = fd >= 0 ? block_file_new(fd) : NULL;

	if (file &&
	    (from == piece->end || io_copy_file(piece->file->fd, &from, piece->end, fd) == 0))
		return file;
	say_no_place(is_spilled);
	if (file)
		block_file_drop(file);
	return NULL;
}

/* Goes on in a new chunk, with the bytes from `from` on. Returns the one before, which is the
 * caller's. NULL: there is no room; that has been said. */
static struct block_file *change_chunk(struct blocks *blocks, off_t from)
{
	struct piece *piece = &blocks->piece;
	bool is_spilled = piece->end - from > (off_t)blocks->rules.options->block_memory;
	struct block_file *old = piece->file, *file = make_chunk(piece, from, is_spilled);

	if (!file)
		return NULL;
	piece->file = file;
	piece_shift(piece, from);
	piece->is_shared = false;
	piece->is_spilled = is_spilled;
	return old;
}

/* Moves what the pipe has into the chunk. Returns as read(2). */
static ssize_t take_in(const struct blocks *blocks)
{
	size_t size = blocks->rules.options->block_bytes,
	       length = size > IO_BLOCK ? size : IO_BLOCK;
	int to = blocks->piece.file->fd;
	char bytes[IO_BLOCK];
	ssize_t got = system_pipe_to(to, blocks->input, length);

	if (got >= 0 || (errno != EINVAL && errno != ENOSYS))
		return got;
	got = read(blocks->input, bytes, length < IO_BLOCK ? length : IO_BLOCK);
	return got > 0 && io_write(to, bytes, (size_t)got) != 0 ? -1 : got;
}

/* Waits for more of the pipe, and takes it in. SOURCE_ITEM: there is more, or it has ended. */
static enum source_status read_on(struct blocks *blocks)
{
	struct piece *piece = &blocks->piece;
	bool is_large = piece->end - piece->at > (off_t)blocks->rules.options->block_memory;
	struct pollfd fds[] = {{.fd = blocks->input, .events = POLLIN},
	    {.fd = blocks->rules.interrupt_fd, .events = POLLIN}};

	/* What has been cut off does not change any more, and memory is for small blocks. */
	if (piece->is_shared || (is_large && !piece->is_spilled)) {
		struct block_file *old = change_chunk(blocks, piece->at);
		if (!old)
			return SOURCE_FAILED;
		block_file_drop(old);
	}
	io_await(fds, 2, -1);
	if (interrupt_take(blocks->rules.interrupt_fd) || !fds[0].revents)
		return SOURCE_INTERRUPTED;
	ssize_t got = take_in(blocks);
	if (got < 0 && (errno == ENOSPC || errno == ENOMEM))
		say_no_place(piece->is_spilled);
	else if (got < 0 && errno != EINTR && errno != EAGAIN)
		complain(blocks);
	if (got < 0 && errno != EINTR && errno != EAGAIN)
		return SOURCE_FAILED;
	piece->end += got > 0 ? got : 0;
	piece->is_complete = got == 0;
	return SOURCE_ITEM;
}

/* --- the inputs --- */

/* Can a file be cut up where it is? Not what the system makes up as it is read: its size is none.
 */
static bool has_places(const struct stat *status)
{
	return S_ISREG(status->st_mode) && status->st_blocks > 0 && status->st_size > 0;
}

/* Are the first lines of an input for each of its blocks? */
static bool has_header(const struct blocks *blocks)
{
	const struct block_header_rule *rule = &blocks->rules.options->block_header;

	return rule->expression || rule->lines > 0;
}

/* Begins to cut up a file where it is, from where somebody may have read it up to. */
static bool begin_file(struct blocks *blocks, int fd, off_t size)
{
	off_t at = lseek(fd, 0, SEEK_CUR);
	struct block_file *file = at >= 0 ? block_file_new(fd) : NULL;

	if (at < 0)
		close(fd);
	blocks->piece = (struct piece){.file = file,
	    .at = at,
	    .end = size,
	    .before = blocks->passed - at,
	    .has_header = has_header(blocks),
	    .is_complete = true};
	piece_begin_search(&blocks->piece);
	return file != NULL;
}

/* Begins to take in what comes through a pipe. */
static bool begin_pipe(struct blocks *blocks, int fd)
{
	struct piece *piece = &blocks->piece;

	blocks->input = fd;
	/* The producer is woken less often. */
	system_widen_pipe(fd, WIDE);
	*piece = (struct piece){
	    .before = blocks->passed, .has_header = has_header(blocks), .is_chunk = true};
	piece->file = make_chunk(piece, 0, false);
	return piece->file != NULL;
}

/* Opens the next file. SOURCE_END: there is none; SOURCE_FAILED: that has been said. */
static enum source_status open_next(struct blocks *blocks)
{
	const struct strings *files = &blocks->rules.options->files;
	struct stat status;

	if (blocks->next == files->count)
		return SOURCE_END;
	int fd = input_file_open(files->at[blocks->next++], blocks->standard_input);
	bool is_there = fd >= 0 && fstat(fd, &status) == 0;
	bool is_file = is_there && has_places(&status);
	bool begun =
	    is_file ? begin_file(blocks, fd, status.st_size) : is_there && begin_pipe(blocks, fd);
	if (is_file ? !begun : !is_there)
		complain(blocks);
	return begun ? SOURCE_ITEM : SOURCE_FAILED;
}

/* The piece has no bytes any more. Who reads the same descriptor next finds nothing, either. */
static void close_piece(struct blocks *blocks)
{
	struct piece *piece = &blocks->piece;

	if (!piece->file)
		return;
	if (!piece->is_chunk)
		lseek(piece->file->fd, piece->at, SEEK_SET);
	blocks->passed = piece->before + piece->at;
	block_file_drop(piece->file);
	piece->file = NULL;
	if (blocks->input >= 0)
		close(blocks->input);
	blocks->input = -1;
}

/* --- the blocks --- */

/* Makes the block that ends at `end` of the piece. False: there is no room; that has been said. */
static bool cut(struct blocks *blocks, off_t end)
{
	struct piece *piece = &blocks->piece;
	struct block *block = &blocks->block;
	off_t length = end - piece->at;

	*block = (struct block){.begin = piece->at,
	    .length = (size_t)length,
	    .offset = piece->before + piece->at,
	    .header = piece->header,
	    .is_moved = blocks->rules.options->moves_blocks};
	/* What is left behind it is little: it is copied, and the chunk is the block. */
	block->is_whole = piece->is_chunk && piece->at == 0 && piece->end - end < length;
	if (!block->is_whole) {
		block->file = block_file_keep(piece->file);
		piece->is_shared = true;
		piece->at = end;
		piece_begin_search(piece);
		return true;
	}
	block->file = change_chunk(blocks, end);
	if (!block->file)
		return false;
	piece_begin_search(piece);
	if (ftruncate(block->file->fd, end) != 0) {
		say_no_place(length > (off_t)blocks->rules.options->block_memory);
		return false;
	}
	nameless_file_seal(block->file->fd);
	return true;
}

/* What the block is called. */
static void name_place(const struct queue_options *options, const struct block *block, char *place)
{
	int length = snprintf(place, BLOCK_PLACE, "%lld+", (long long)block->offset);

	/* What a job gets behind its first block is not known yet. */
	if (!options->spreads)
		snprintf(place + length, BLOCK_PLACE - (size_t)length, "%zu", block->length);
}

/* Names the block. A journal has its bytes in the name, too, so that another one is another job. */
static bool name_block(struct blocks *blocks, struct record *record)
{
	const char *file = blocks->rules.options->block_file;
	struct block *block = &blocks->block;
	char place[BLOCK_PLACE];
	uint64_t hash = 0;

	name_place(blocks->rules.options, block, place);
	if (blocks->rules.options->hashes_blocks && !block_hash(block, &hash)) {
		complain(blocks);
		return false;
	}
	if (blocks->rules.options->hashes_blocks)
		snprintf(block->name, sizeof block->name, "%s %016" PRIx64, place, hash);
	else if (!blocks->rules.options->hides_blocks)
		strlcpy(block->name, place, sizeof block->name);
	strlist_clear(&blocks->place);
	if (file)
		strlist_append(&blocks->place, file, strlen(file));
	if (file || !blocks->rules.options->hides_blocks)
		strlist_append(&blocks->place, place, strlen(place));
	const char *name = blocks->place.used > 0 ? blocks->place.bytes : "";
	*record = (struct record){.bytes = strlist_failed(&blocks->place) ? NULL : name,
	    .length = blocks->place.used,
	    .kept = blocks->place.used,
	    .ended = true};
	return true;
}

/* Keeps the header that is so long; one that is the same as the one before is kept once. */
static bool keep_header(struct blocks *blocks, const char *bytes, size_t length)
{
	struct block_header *last = blocks->headers, *header = last;

	if (!last || last->length != length || memcmp(last->bytes, bytes, length) != 0)
		header = malloc(sizeof *header + length);
	if (!header) {
		say_no_place(false);
		return false;
	}
	if (header != last) {
		header->next = last;
		header->length = length;
		memcpy(header->bytes, bytes, length);
		blocks->headers = header;
	}
	blocks->piece.header = header;
	return true;
}

/* Says of the header of an input what is wrong with it. */
static void say_of_header(const struct blocks *blocks, const char *what)
{
	char shown[ESCAPED_NAME];

	message("--header: %s: %s",
	    escape_name(shown, blocks->rules.options->files.at[blocks->next - 1]), what);
}

/* Looks for the header; waits until it is there. */
static enum source_status find_header(struct blocks *blocks, char *bytes, size_t *length)
{
	struct piece *piece = &blocks->piece;
	enum source_status status = SOURCE_ITEM;

	while (status == SOURCE_ITEM) {
		ssize_t got = piece_look(piece, bytes, piece->at, piece->end);
		if (got < 0)
			complain(blocks);
		if (got < 0)
			return SOURCE_FAILED;
		bool is_all = piece->is_complete && piece->at + got == piece->end;
		enum block_header_state state = block_header_find(
		    &blocks->rules.options->block_header, bytes, (size_t)got, is_all, length);
		if (state == BLOCK_HEADER_NONE && got > 0)
			say_of_header(blocks, "it begins with nothing that matches: no header");
		if (state != BLOCK_HEADER_GOES_ON)
			return SOURCE_ITEM;
		if (got == BLOCK_HEADER_MOST) {
			say_of_header(blocks, "it is more than 64 KiB");
			return SOURCE_FAILED;
		}
		status = read_on(blocks);
	}
	return status;
}

/* Takes the header off the piece. */
static enum source_status take_header(struct blocks *blocks)
{
	struct piece *piece = &blocks->piece;
	char bytes[BLOCK_HEADER_MOST + 1];
	size_t length = 0;
	enum source_status status = find_header(blocks, bytes, &length);

	if (status != SOURCE_ITEM)
		return status;
	piece->has_header = false;
	piece->at += (off_t)length;
	piece_begin_search(piece);
	return length == 0 || keep_header(blocks, bytes, length) ? SOURCE_ITEM : SOURCE_FAILED;
}

/* Cuts the next block of the piece. SOURCE_END: it has none; SOURCE_FAILED: that has been said. */
static enum source_status next_of_piece(struct blocks *blocks, struct record *record)
{
	struct piece *piece = &blocks->piece;
	enum source_status status = piece->has_header ? take_header(blocks) : SOURCE_ITEM;

	while (status == SOURCE_ITEM) {
		off_t end = piece_end_of_block(piece, &blocks->rules);
		if (end < 0 && errno == EINTR)
			return SOURCE_INTERRUPTED;
		if (end < 0)
			complain(blocks);
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
		if (!blocks->piece.file && (status = open_next(blocks)) != SOURCE_ITEM)
			break;
		status = next_of_piece(blocks, record);
		if (status == SOURCE_END)
			close_piece(blocks);
	}
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

	return blocks->next < blocks->rules.options->files.count ||
	       (piece->file && (!piece->is_complete || piece->at < piece->end));
}

void blocks_open(struct blocks *blocks, const struct queue_options *options, int standard_input,
    int interrupt_fd)
{
	struct block_ends *ends = &blocks->rules.ends;

	*blocks = (struct blocks){.rules = {.options = options,
				      .ends = options->record_ends,
				      .interrupt_fd = interrupt_fd},
	    .standard_input = standard_input,
	    .input = -1};
	block_init(&blocks->block);
	if (!ends->text && !ends->expression && !ends->is_each_byte)
		*ends = (struct block_ends){.text = &options->delimiter, .length = 1, .behind = 1};
}

void blocks_begin_again(struct blocks *blocks)
{
	const struct queue_options *options = blocks->rules.options;
	int standard_input = blocks->standard_input, interrupt_fd = blocks->rules.interrupt_fd;

	blocks_close(blocks);
	blocks_open(blocks, options, standard_input, interrupt_fd);
}

void blocks_close(struct blocks *blocks)
{
	block_drop(&blocks->block);
	close_piece(blocks);
	strlist_free(&blocks->place);
	while (blocks->headers) {
		struct block_header *next = blocks->headers->next;
		free(blocks->headers);
		blocks->headers = next;
	}
}
