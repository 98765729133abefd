/*
 * blocks: random inputs, from files and through pipes, cut up in every way: the blocks put together
 * are the input, each ends where a record does, and none could have been larger.
 */
#undef NDEBUG
#include "queue/blocks.h"

#include <assert.h>
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Blocks of a few bytes are for inputs that are not much more. */
enum { SMALL = 3000 };

enum { RUNS = 1000, MOST_BYTES = 400000 };

/* How records are told apart. */
struct kind {
	char delimiter;
	const char *end, *start;
	const char *expression; /* finds the same ends; NULL: there is none */
	enum block_ends_place place;
};

static const struct kind kinds[] = {{'\n', NULL, NULL, NULL, 0}, {'\0', NULL, NULL, NULL, 0},
    {'\n', "\n\n", NULL, NULL, 0}, {'\n', NULL, ">", ">", ENDS_BEFORE_MATCH},
    {'\n', "\n", "@id", "(\n)(@id)", ENDS_BEHIND_FIRST_GROUP},
    {'\n', "xyz", NULL, "x(yz|nothing)", ENDS_BEHIND_MATCH}, {'\n', "abab", NULL, NULL, 0},
    {'\n', NULL, "aa", NULL, 0}};

static char input[MOST_BYTES];
static size_t input_bytes;

/* The same numbers each time: xorshift of Marsaglia. */
static uint64_t state;

static size_t random_to(size_t most)
{
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return state % (most + 1);
}

static void add(const char *bytes, size_t length)
{
	if (input_bytes + length > sizeof input)
		length = sizeof input - input_bytes;
	memcpy(input + input_bytes, bytes, length);
	input_bytes += length;
}

/* Records of many lengths, few of them long; some of what ends one stands within it in parts. */
static void make_input(const struct kind *kind)
{
	size_t count = random_to(300);

	input_bytes = 0;
	for (size_t i = 0; i < count; i++) {
		size_t length = random_to(20) == 0 ? random_to(9000) : random_to(40);
		if (random_to(400) == 0)
			length = 150000;
		if (kind->start)
			add(kind->start, strlen(kind->start));
		for (size_t k = 0; k < length; k++)
			add(&"abxyz>@"[random_to(6)], 1);
		if (i + 1 < count || random_to(1))
			add(kind->end ? kind->end : &kind->delimiter,
			    kind->end ? strlen(kind->end) : 1);
	}
}

/* Does a record end at this place that has begun at `begin`, or behind it? */
static bool is_end(const struct kind *kind, size_t begin, size_t at)
{
	size_t end = kind->end ? strlen(kind->end) : 0,
	       start = kind->start ? strlen(kind->start) : 0;

	if (at == 0 || at >= input_bytes)
		return at == input_bytes;
	if (!kind->end && !kind->start)
		return input[at - 1] == kind->delimiter;
	return at >= begin + end && input_bytes - at >= start &&
	       memcmp(input + at - end, kind->end ? kind->end : "", end) == 0 &&
	       memcmp(input + at, kind->start ? kind->start : "", start) == 0;
}

/* Where the block that begins at a place has to end; large ones of a file end before a page does.
 */
static size_t right_end(const struct kind *kind, const struct queue_options *options, size_t begin,
    bool is_file, bool has_header)
{
	size_t last = begin;
	unsigned long long count = 0;
	bool counts = options->block_records > 0;
	size_t most = options->block_bytes;

	if (most > 65536)
		most -= (is_file ? begin % 4096 : 0) + (has_header ? 4096 : 0);
	if (!counts && input_bytes - begin <= most)
		return input_bytes;
	for (size_t at = begin + 1; at <= input_bytes; at++) {
		if (!is_end(kind, counts ? last : begin, at))
			continue;
		if (counts && ++count == options->block_records)
			return at;
		if (!counts && at - begin > most)
			return last > begin ? last : at;
		last = at;
	}
	return input_bytes;
}

/* Writes the input to a pipe, in pieces. */
static void *write_input(void *pipe)
{
	int fd = *(int *)pipe;
	uint64_t own = 88172645463325252u + input_bytes;

	for (size_t at = 0; at < input_bytes;) {
		own = own * 6364136223846793005u + 1442695040888963407u;
		size_t part = (own >> 33) % 70000 + 1;
		part = part < input_bytes - at ? part : input_bytes - at;
		ssize_t written = write(fd, input + at, part);
		assert(written > 0);
		at += (size_t)written;
	}
	close(fd);
	return NULL;
}

/* Reads what a job would have through a pipe, as it is fed. */
static size_t read_fed(const struct block *block, char *bytes, size_t room)
{
	int ends[2], result = -1;
	size_t fed = 0, length = 0;

	if (pipe2(ends, O_CLOEXEC) != 0 || fcntl(ends[1], F_SETFL, O_NONBLOCK) != 0)
		err(1, "pipe");
	while (result != 0) {
		result = block_feed(block, &fed, ends[1]);
		assert(result == 0 || errno == EAGAIN);
		while (length < fed) {
			ssize_t got = read(ends[0], bytes + length, room - length);
			assert(got > 0);
			length += (size_t)got;
		}
	}
	close(ends[0]);
	close(ends[1]);
	return length;
}

/* Reads the file that a job would have. */
static size_t read_block(const struct block *block, char *bytes, size_t room)
{
	int fd = block_open(block);
	size_t length = 0;
	ssize_t got;

	if (fd < 0 && errno == EMSGSIZE)
		return read_fed(block, bytes, room);
	if (fd < 0)
		err(1, "block_open");
	while ((got = read(fd, bytes + length, room - length)) > 0)
		length += (size_t)got;
	assert(got == 0);
	close(fd);
	return length;
}

/* How many bytes the lines have that each block begins with. */
static size_t header_bytes(const struct queue_options *options)
{
	size_t at = 0, all = input_bytes < BLOCK_HEADER_MOST ? input_bytes : BLOCK_HEADER_MOST;

	for (unsigned long long i = 0; i < options->block_header.lines; i++) {
		const char *newline = memchr(input + at, '\n', all - at);
		at = newline ? (size_t)(newline - input) + 1 : all;
	}
	return at;
}

/* What is looked for where records end, as the command line has it set. */
static struct block_ends ends_of(const struct kind *kind, char text[16])
{
	if (!kind->end && !kind->start)
		return (struct block_ends){.length = 0};
	snprintf(text, 16, "%s%s", kind->end ? kind->end : "", kind->start ? kind->start : "");
	return (struct block_ends){
	    .text = text, .length = strlen(text), .behind = kind->end ? strlen(kind->end) : 0};
}

/* Cuts the input up, and compares each block. */
static void check(const struct kind *kind, const struct queue_options *options, int standard_input)
{
	static char bytes[BLOCK_HEADER_MOST + MOST_BYTES + 1];
	struct blocks blocks;
	struct record record;
	struct block block;
	size_t header = header_bytes(options), at = header;

	blocks_open(&blocks, options, standard_input, -1);
	while (blocks_next(&blocks, &record) == SOURCE_ITEM) {
		blocks_take(&blocks, &block);
		size_t end = right_end(kind, options, at, standard_input<0, header> 0);
		/* A second attempt has the same. */
		for (int i = 0; i < 2; i++) {
			size_t length = read_block(&block, bytes, sizeof bytes);
			if (length != header + end - at || end - at != block.length)
				errx(1,
				    "%d %s %s at %zu of %zu: %zu bytes (%zu), not %zu; size %zu, "
				    "%llu records",
				    standard_input, kind->end ? kind->end : "-",
				    kind->start ? kind->start : "-", at, input_bytes, length,
				    block.length, end - at, options->block_bytes,
				    options->block_records);
			assert(memcmp(bytes, input, header) == 0);
			assert(memcmp(bytes + header, input + at, end - at) == 0);
		}
		assert((size_t)block.offset == at);
		block_drop(&block);
		at = end;
	}
	assert(at == input_bytes);
	assert(!blocks_more(&blocks));
	blocks_close(&blocks);
}

int main(void)
{
	char name[] = "/tmp/blocks.XXXXXX", *file = name, *dash = (char[]){"-"};
	int fd = mkstemp(name), ends[2];
	regex_t expressions[sizeof kinds / sizeof *kinds];
	pthread_t writer;
	char text[16];

	assert(fd >= 0);
	for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
		assert(!kinds[i].expression || regcomp(&expressions[i], kinds[i].expression,
						   REG_EXTENDED | REG_NEWLINE) == 0);
	for (int i = 0; i < RUNS; i++) {
		state = 88172645463325252u + (uint64_t)i * 7919;
		const struct kind *kind = &kinds[random_to(sizeof kinds / sizeof *kinds - 1)];
		make_input(kind);
		bool is_small = random_to(3) == 0;
		if (is_small && input_bytes > SMALL)
			input_bytes = SMALL;
		struct queue_options options = {.pipe = true,
		    .delimiter = kind->delimiter,
		    .record_ends = ends_of(kind, text),
		    .block_header.lines = random_to(2) == 0 ? 1 + random_to(2) : 0,
		    .block_bytes = is_small ? 1 + random_to(30) : 1 + random_to(100000),
		    .block_records = random_to(2) == 0 ? 1 + random_to(is_small ? 3 : 500) : 0,
		    .moves_blocks = random_to(1),
		    .block_memory = random_to(1) ? 20000 : 1000000,
		    .files = {.at = &file, .count = 1}};
		if (kind->expression && random_to(1) == 0)
			options.record_ends = (struct block_ends){
			    .expression = &expressions[kind - kinds], .place = kind->place};
		/* A longer one is refused. */
		if (header_bytes(&options) == BLOCK_HEADER_MOST)
			options.block_header.lines = 0;
		assert(ftruncate(fd, 0) == 0);
		assert(pwrite(fd, input, input_bytes, 0) == (ssize_t)input_bytes);
		check(kind, &options, -1);
		assert(pipe2(ends, O_CLOEXEC) == 0);
		assert(pthread_create(&writer, NULL, write_input, &ends[1]) == 0);
		options.files.at = &dash;
		check(kind, &options, ends[0]);
		pthread_join(writer, NULL);
		close(ends[0]);
	}
	for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
		if (kinds[i].expression)
			regfree(&expressions[i]);
	unlink(name);
	return 0;
}
