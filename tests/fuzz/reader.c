/*
 * The item reader against a plain split of the same bytes. The system calls below it are replaced:
 * reads return as much as the input says, fail, and are interrupted.
 *
 * Input: delimiter, limit, flags, length of the schedule, the schedule (a byte for every call), and
 * the content, in which a byte over 0xef begins a run of the byte behind it.
 */
#include "feed.h"

#include <assert.h>
#include <errno.h>
#include <poll.h>
#include <stdbool.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/io.h"
#include "base/reader.h"

enum { FD = 1000, INTERRUPT_FD = 1001, MOST_CONTENT = 300000 };

/* What a byte of the schedule makes go wrong. */
enum way { CUT_SHORT, NOTHING_YET, INTERRUPT, READ_EAGAIN, READ_EIO, NO_MEMORY };

static struct {
	struct feed schedule;
	char content[MOST_CONTENT];
	size_t length;
	size_t given;  /* bytes that the reader has read */
	size_t handed; /* where the next record begins */
	size_t clean;  /* up to here no delimiter is in what follows it */
	char delimiter;
	bool ended; /* the reader has been told of the end */
	bool interrupted;
	unsigned closed;
} world;

/* Shall this call go wrong in this way? */
static bool fails(enum way way)
{
	if (world.schedule.at == world.schedule.end || *world.schedule.at != way)
		return false;
	world.schedule.at++;
	return true;
}

static int fuzz_poll(struct pollfd *fds, nfds_t count, int timeout)
{
	assert(fds[0].fd == FD && count == 1 && timeout == 0);
	if (fails(CUT_SHORT))
		return errno = EINTR, -1;
	if (fails(NOTHING_YET))
		return 0;
	fds[0].revents = POLLIN;
	return 1;
}

static void fuzz_await(struct pollfd *fds, nfds_t count, int timeout)
{
	assert(fds[0].fd == FD && count == 2 && timeout == -1);
	fds[0].revents = fds[1].revents = 0;
	if (fails(CUT_SHORT))
		return;
	world.interrupted = fails(INTERRUPT);
	fds[world.interrupted ? 1 : 0].revents = POLLIN;
}

static ssize_t fuzz_read(int fd, char *buffer, size_t size)
{
	static const size_t sizes[] = {1, 2, 63, 64, 65, 4096, 65535, 65536};
	size_t length = world.length - world.given;

	if (fd == INTERRUPT_FD) {
		assert(world.interrupted);
		world.interrupted = false;
		return 1;
	}
	/* Nothing is read while a complete record is at hand, nor behind the end. */
	assert(fd == FD && !world.ended);
	size_t from = world.clean > world.handed ? world.clean : world.handed;
	assert(!memchr(world.content + from, world.delimiter, world.given - from));
	world.clean = world.given;
	if (fails(READ_EAGAIN))
		return errno = EAGAIN, -1;
	if (fails(READ_EIO))
		return errno = EIO, -1;
	if (length > size)
		length = size;
	if (world.schedule.at < world.schedule.end) {
		uint8_t byte = *world.schedule.at++;
		size_t most = byte < 0x80 ? byte + 1u : sizes[byte % 8];
		if (length > most)
			length = most;
	}
	memcpy(buffer, world.content + world.given, length);
	world.given += length;
	world.ended = length == 0;
	return (ssize_t)length;
}

static int fuzz_close(int fd)
{
	assert(fd == FD);
	world.closed++;
	return 0;
}

static void *fuzz_realloc(void *memory, size_t size)
{
	if (fails(NO_MEMORY))
		return errno = ENOMEM, NULL;
	return realloc(memory, size);
}

#define io_await fuzz_await
#define poll     fuzz_poll
#define read     fuzz_read
#define close    fuzz_close
#define realloc  fuzz_realloc
#include "../../src/base/reader.c"
#undef realloc

static void make_content(struct feed *feed)
{
	world.length = 0;
	while (feed->at < feed->end) {
		uint8_t byte = feed_byte(feed);
		size_t count = 1;
		if (byte >= 0xf0) {
			count = ((size_t)1 << (byte & 15)) + feed_byte(feed);
			byte = feed_byte(feed);
		}
		if (count > sizeof world.content - world.length)
			return;
		memset(world.content + world.length, byte, count);
		world.length += count;
	}
}

/* Does the reader say what is true about what follows? */
static void check_more(struct reader *reader)
{
	bool more = reader_more(reader);

	if (world.handed < world.length)
		assert(more);
	else if (world.ended)
		assert(!more);
}

/* Compares a record with the one that the content has there. */
static void check_record(const struct reader *reader, const struct record *record)
{
	const char *expected = world.content + world.handed;
	size_t rest = world.length - world.handed;
	const char *end = memchr(expected, world.delimiter, rest);
	size_t length = end ? (size_t)(end - expected) : rest;
	size_t held = reader->limit > KEEP ? reader->limit : KEEP;

	assert(rest > 0);
	assert(record->length == length);
	assert(record->kept <= length);
	if (record->kept < length) {
		assert(length > reader->limit && record->kept >= KEEP);
		assert(memcmp(record->bytes, expected, KEEP) == 0);
		assert(held > SIZE_MAX - BLOCK || record->kept <= held + BLOCK);
	} else {
		assert(memcmp(record->bytes, expected, length) == 0);
	}
	world.handed += length + (end != NULL);
}

/* Reads all records, or so many times; `ask` has a bit for each before which more is asked for. */
static void read_records(struct reader *reader, uint8_t ask, unsigned times)
{
	struct record record;

	for (unsigned calls = 0; times == 0 || calls < times; calls++) {
		if (ask >> calls % 8 & 1)
			check_more(reader);
		switch (reader_next(reader, &record)) {
		case READER_RECORD:
			check_record(reader, &record);
			break;
		case READER_END:
			assert(world.ended && world.handed == world.length);
			check_more(reader);
			return;
		case READER_INTERRUPTED:
			assert(!world.interrupted);
			break;
		case READER_FAILED:
			assert(errno == EIO || errno == ENOMEM);
			break;
		}
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const size_t limits[] = {0, 1, 63, 64, 65, 1000, 65536, 100000, SIZE_MAX};
	struct feed feed = {data, data + size};
	struct reader reader = {.fd = -1};
	char delimiter = (char)feed_byte(&feed);
	size_t limit = limits[feed_byte(&feed) % 9];
	uint8_t flags = feed_byte(&feed), ask = feed_byte(&feed);
	size_t scheduled = feed_byte(&feed);

	if (scheduled > (size_t)(feed.end - feed.at))
		scheduled = (size_t)(feed.end - feed.at);
	world.schedule = (struct feed){feed.at, feed.at + scheduled};
	feed.at += scheduled;
	make_content(&feed);
	world.delimiter = delimiter;
	world.closed = 0;
	/* The second time with the buffer of the first, which may have been left half read. */
	for (unsigned round = 1; round <= 2; round++) {
		world.given = world.handed = world.clean = 0;
		world.ended = world.interrupted = false;
		reader_open(&reader, FD, INTERRUPT_FD, delimiter, limit);
		assert(reader.waits);
		reader.waits = flags & 1;
		read_records(&reader, ask, round == 1 ? flags >> 1 : 0);
		reader_close(&reader);
		assert(world.closed == round && reader.fd == -1);
	}
	reader_free(&reader);
	assert(world.closed == 2);
	return 0;
}
