#include "base/reader.h"

#include <ctype.h>
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/io.h"

/* The bytes of one read: what a pipe holds. */
enum { BLOCK = 65536 };

/* The first bytes of a record beyond the limit, which are kept to name it in a message. */
enum { KEEP = 64 };

void reader_open(struct reader *reader, int fd, int interrupt_fd, char delimiter, size_t limit)
{
	struct stat status;

	reader->fd = fd;
	reader->interrupt_fd = interrupt_fd;
	reader->delimiter = delimiter;
	reader->separator = 0;
	reader->ends = (struct record_ends){.before_length = 0};
	reader->csv = CSV_FIELD_BEGINS;
	reader->limit = limit;
	reader->waits = fstat(fd, &status) != 0 || !S_ISREG(status.st_mode);
	reader->open_ended = reader->mark_due = false;
	reader->eof = false;
	reader->error = 0;
	reader->begin = reader->end = reader->scanned = reader->dropped = 0;
}

void reader_leave_rest(struct reader *reader, size_t more)
{
	size_t rest = reader->end - reader->begin + more;

	if (reader->fd >= 0 && !reader->waits && rest > 0)
		lseek(reader->fd, -(off_t)rest, SEEK_CUR);
	reader->begin = reader->end;
}

void reader_close(struct reader *reader)
{
	if (reader->fd >= 0)
		close(reader->fd);
	reader->fd = -1;
}

void reader_free(struct reader *reader)
{
	reader_close(reader);
	free(reader->buffer);
	reader->buffer = NULL;
	reader->room = 0;
}

/*
 * Makes room for a block behind `end`: cuts the middle out of a record beyond the limit, moves the
 * rest to the front of the buffer, or grows the buffer. Returns false with errno without memory.
 */
static bool make_room(struct reader *reader)
{
	size_t have = reader->end - reader->begin;

	if (have > reader->limit && have > KEEP) {
		reader->dropped += have - KEEP;
		reader->scanned = have = KEEP;
		reader->end = reader->begin + KEEP;
	}
	if (reader->begin > 0) {
		memmove(reader->buffer, reader->buffer + reader->begin, have);
		reader->begin = 0;
		reader->end = have;
	}
	if (reader->room - have < BLOCK) {
		size_t room = reader->room + (reader->room > BLOCK ? reader->room : BLOCK);
		char *buffer = realloc(reader->buffer, room);
		if (!buffer)
			return false;
		reader->buffer = buffer;
		reader->room = room;
	}
	return true;
}

/* Waits until the input or interrupt_fd is readable. READER_RECORD: the input is. */
static enum reader_status await(struct reader *reader)
{
	struct pollfd fds[] = {
	    {.fd = reader->fd, .events = POLLIN},
	    {.fd = reader->interrupt_fd, .events = POLLIN},
	};
	char byte;

	io_await(fds, 2, -1);
	if (fds[1].revents && read(reader->interrupt_fd, &byte, 1) >= 0)
		return READER_INTERRUPTED;
	return fds[0].revents ? READER_RECORD : READER_INTERRUPTED;
}

/* Reads one block. READER_RECORD: it was read, or it is empty and sets eof. */
static enum reader_status fill(struct reader *reader)
{
	if (reader->error) {
		errno = reader->error;
		reader->error = 0; /* reported once: the next call reads again */
		return READER_FAILED;
	}
	if (!make_room(reader))
		return READER_FAILED;
	ssize_t got = read(reader->fd, reader->buffer + reader->end, BLOCK);
	if (got < 0)
		return errno == EINTR || errno == EAGAIN ? READER_INTERRUPTED : READER_FAILED;
	if (got == 0)
		reader->eof = true;
	reader->end += (size_t)got;
	return READER_RECORD;
}

void reader_set_ends(struct reader *reader, const struct record_ends *ends)
{
	reader->ends = *ends;
}

void reader_read_csv(struct reader *reader, char separator)
{
	reader->separator = separator;
}

void reader_drop_mark(struct reader *reader)
{
	reader->mark_due = true;
}

/* Takes the byte-order mark off, if it is there. False while too little was read to tell. */
static bool take_mark(struct reader *reader)
{
	static const char mark[] = "\xef\xbb\xbf";
	size_t have = reader->end - reader->begin, length = strlen(mark);
	bool begins =
	    memcmp(reader->buffer + reader->begin, mark, have < length ? have : length) == 0;

	if (begins && have < length && !reader->eof)
		return false;
	if (begins && have >= length)
		reader->begin += length;
	reader->mark_due = false;
	return true;
}

/* Finds the delimiter that ends the record in bytes that were not scanned yet. */
static const char *find_end(struct reader *reader, const char *from, size_t length)
{
	if (reader->separator)
		return csv_find_end(&reader->csv, from, length, reader->separator);
	return memchr(from, reader->delimiter, length);
}

/* Takes a byte out of the buffer: the record that it would have ended goes on. */
static void take_out(struct reader *reader, size_t offset)
{
	char *at = reader->buffer + reader->begin + offset;

	memmove(at, at + 1, (size_t)(reader->buffer + reader->end - at) - 1);
	reader->end--;
}

/* Finds a delimiter that ends the record. `*offset` is where to look from; it is where the
 * delimiter is then, or the end of what there is. */
static bool find_delimiter(struct reader *reader, size_t *offset)
{
	const struct record_ends *ends = &reader->ends;
	const char *from = reader->buffer + reader->begin, *at;
	size_t have = reader->end - reader->begin;

	for (; (at = find_end(reader, from + *offset, have - *offset));
	     have = reader->end - reader->begin) {
		*offset = (size_t)(at - from);
		bool goes_on = ends->blank_goes_on && *offset > 0 && isspace((unsigned char)at[-1]);
		bool is_whole =
		    ends->before_length == 0 ||
		    (*offset >= ends->before_length &&
			memcmp(at - ends->before_length, ends->before, ends->before_length) == 0);
		if (is_whole && !goes_on)
			return true;
		if (goes_on)
			take_out(reader, *offset);
		else
			++*offset;
	}
	*offset = have;
	return false;
}

/* Is a complete record in the buffer? Sets its length. */
static bool complete(struct reader *reader, size_t *length)
{
	*length = 0;
	if (reader->mark_due && (reader->end == reader->begin || !take_mark(reader)))
		return false;
	size_t have = reader->end - reader->begin;
	if (have > reader->scanned && find_delimiter(reader, &reader->scanned)) {
		*length = reader->scanned - reader->ends.before_length;
		return true;
	}
	*length = reader->end - reader->begin;
	return reader->eof && *length > 0;
}

/* Reads one block, waits for it if need be. Where nothing can interrupt it, it has not come yet. */
static enum reader_status await_and_fill(struct reader *reader)
{
	enum reader_status status;

	do {
		status = reader->waits ? await(reader) : READER_RECORD;
		if (status == READER_RECORD)
			status = fill(reader);
	} while (status == READER_INTERRUPTED && reader->interrupt_fd < 0);
	return status;
}

enum reader_status reader_next(struct reader *reader, struct record *record)
{
	size_t length;

	while (!complete(reader, &length)) {
		if (reader->eof || reader->open_ended)
			return READER_END;
		enum reader_status status = await_and_fill(reader);
		if (status != READER_RECORD)
			return status;
	}
	record->line_goes_on = false;
	record->bytes = reader->buffer + reader->begin;
	record->length = length + reader->dropped;
	record->kept = length;
	reader->begin += length;
	record->ended = reader->begin < reader->end;
	if (record->ended)
		reader->begin += 1 + reader->ends.before_length; /* the delimiter */
	reader->scanned = reader->dropped = 0;
	reader->csv = CSV_FIELD_BEGINS;
	return READER_RECORD;
}

enum reader_status reader_block(struct reader *reader, struct record *block)
{
	while (reader->begin == reader->end) {
		if (reader->eof)
			return READER_END;
		enum reader_status status = await_and_fill(reader);
		if (status != READER_RECORD)
			return status;
	}
	size_t length = reader->end - reader->begin;
	*block = (struct record){
	    .bytes = reader->buffer + reader->begin, .length = length, .kept = length};
	reader->begin = reader->end;
	reader->scanned = 0;
	return READER_RECORD;
}

enum reader_status reader_read(struct reader *reader)
{
	enum reader_status status = fill(reader);

	if (status == READER_RECORD && reader->eof) {
		reader->eof = false;
		return READER_END;
	}
	return status;
}

void reader_finish(struct reader *reader)
{
	reader->open_ended = false;
	reader->eof = true;
}

size_t reader_pending(const struct reader *reader)
{
	return reader->end - reader->begin + reader->dropped;
}

size_t reader_rest(const struct reader *reader, struct record *first)
{
	const char *end = reader->buffer + reader->end, *at = reader->buffer + reader->begin;
	size_t count = 0;

	while (at < end) {
		size_t left = (size_t)(end - at);
		const char *delimiter = memchr(at, reader->delimiter, left);
		size_t length = delimiter ? (size_t)(delimiter - at) : left;
		if (count++ == 0)
			*first = (struct record){.bytes = at, .length = length, .kept = length};
		at += length < left ? length + 1 : length;
	}
	return count;
}

/* Reads what can be read without waiting. A failure is kept for reader_next, as the kernel reports
 * some errors only once. */
static void fill_if_any(struct reader *reader)
{
	struct pollfd fd = {.fd = reader->fd, .events = POLLIN};

	if (!reader->eof && !reader->error && poll(&fd, 1, 0) == 1 && fill(reader) == READER_FAILED)
		reader->error = errno;
}

bool reader_ready(struct reader *reader)
{
	size_t length;

	if (!complete(reader, &length) && !reader->open_ended)
		fill_if_any(reader);
	return complete(reader, &length);
}

bool reader_more(struct reader *reader)
{
	if (reader->begin == reader->end)
		fill_if_any(reader);
	return reader->begin < reader->end || !reader->eof;
}
