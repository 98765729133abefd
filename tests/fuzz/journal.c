/*
 * The reader of journals with any bytes, against a plain parser of the same lines: which line is
 * damaged, or else what is known of each job. It ends the program at a damaged line: it is included
 * here, with functions in the place of those that do.
 *
 * Input: the way to resume, then the journal, in which a byte over 127 stands for a piece of one.
 */
#include "record/journal.h"

#include <assert.h>
#include <ctype.h>
#include <err.h>
#include <fcntl.h>
#include <inttypes.h>
#include <regex.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/escape.h"
#include "base/io.h"
#include "base/message.h"
#include "base/reader.h"
#include "feed.h"

enum { MOST_BYTES = 100000, MOST_LINES = 20000 };

static jmp_buf ended;
static char said[4096];
static void *allocated[MOST_LINES + 1];
static size_t allocations;

static void remember_message(const char *format, va_list arguments)
{
	assert((size_t)vsnprintf(said, sizeof said, format, arguments) < sizeof said);
	for (const char *at = said; *at; at++)
		assert(isprint((unsigned char)*at));
}

/* What would have ended with the program ends here. */
static _Noreturn void fuzz_exit(int status)
{
	while (allocations > 0)
		free(allocated[--allocations]);
	longjmp(ended, status);
}

static void fuzz_say(const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	remember_message(format, arguments);
	va_end(arguments);
}

static _Noreturn void fuzz_errx(int status, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	remember_message(format, arguments);
	va_end(arguments);
	fuzz_exit(status);
}

/* No journal is made safe here. */
static void fuzz_timer_set(struct timer *timer, int64_t due_ms)
{
	(void)timer, (void)due_ms;
	abort();
}

static void *fuzz_calloc(size_t count, size_t size)
{
	void *memory = calloc(count, size);

	assert(memory && allocations < sizeof allocated / sizeof *allocated);
	allocated[allocations++] = memory;
	return memory;
}

#define message       fuzz_say
#define message_errno fuzz_say
#define errx          fuzz_errx
#define err           fuzz_errx
#define exit          fuzz_exit
#define timer_set     fuzz_timer_set
#define calloc        fuzz_calloc
#include "../../src/record/append_file.c"
#include "../../src/record/journal.c"
#include "../../src/record/journal_index.c"
#include "../../src/record/journal_line.c"
#include "../../src/record/journal_parts.c"
#include "../../src/record/journal_reader.c"
#undef calloc

/* The line of names, and what --joblog-usage adds to it. */
static const char header[] =
    "Seq\tHost\tStarttime\tJobRuntime\tSend\tReceive\tExitval\tSignal\tCommand";
static const char usage_header[] = "\tUserTime\tSystemTime\tMaxRSS";

/* A line as the plain parser has it. */
struct entry {
	unsigned long long seq;
	bool failed;
	const char *command;
	size_t length;
};

static struct entry entries[MOST_LINES];
static size_t entry_count;

/* A number without blanks, in a field that ends at `end`. */
static bool plain_number(const char *field, const char *end, long long *number)
{
	char copy[17], *rest;
	size_t length = (size_t)(end - field);

	if (length == 0 || length > 15 || isspace((unsigned char)*field) || *field == '+')
		return false;
	memcpy(copy, field, length);
	copy[length] = '\0';
	*number = strtoll(copy, &rest, 10);
	return rest == copy + length;
}

/* Does a field match an extended regular expression? */
static bool plain_field(const char *field, const char *end, const char *pattern)
{
	char copy[MOST_BYTES];
	regex_t expression;
	size_t length = (size_t)(end - field);

	memcpy(copy, field, length);
	copy[length] = '\0';
	if (strlen(copy) != length)
		return false;
	assert(regcomp(&expression, pattern, REG_EXTENDED | REG_NOSUB) == 0);
	bool matches = regexec(&expression, copy, 0, NULL, 0) == 0;
	regfree(&expression);
	return matches;
}

static bool parse_entry(const char *line, const char *end, struct entry *entry)
{
	static const char count[] = "^[0-9]+$", seconds[] = "^ *-?[0-9]+([.][0-9]+)?$";
	static const char *const patterns[] = {count, "^[^[:cntrl:] ]+$", seconds, seconds, count,
	    count, "^-?[0-9]+$", "^-?[0-9]+$", NULL, seconds, seconds, count};
	const char *fields[14] = {line};
	long long numbers[12];
	int found = 1;

	for (const char *at = line; at < end && found < 13; at++)
		if (*at == '\t')
			fields[found++] = at + 1;
	if (found != 9 && found != 12)
		return false;
	fields[found] = end + 1;
	for (int i = 0; i < found; i++) {
		const char *behind = fields[i + 1] - 1;
		bool number = patterns[i] && patterns[i] != seconds && i != 1;
		if ((patterns[i] && !plain_field(fields[i], behind, patterns[i])) ||
		    (number && !plain_number(fields[i], behind, &numbers[i])))
			return false;
	}
	*entry = (struct entry){.seq = (unsigned long long)numbers[0],
	    .failed = numbers[6] || numbers[7],
	    .command = fields[8],
	    .length = (size_t)(fields[9] - 1 - fields[8])};
	return numbers[0] >= 1;
}

/* Reads all whole lines. Returns the number of the first that is damaged; 0: none is. */
static size_t parse(const char *bytes, const char *end)
{
	const char *newline;

	entry_count = 0;
	for (size_t count = 1; (newline = memchr(bytes, '\n', (size_t)(end - bytes))); count++) {
		const char *rest = bytes + strlen(header);
		bool names =
		    count == 1 && newline >= rest && memcmp(bytes, header, strlen(header)) == 0 &&
		    (newline == rest || (newline == rest + strlen(usage_header) &&
					    memcmp(rest, usage_header, strlen(usage_header)) == 0));
		if (!names && !parse_entry(bytes, newline, &entries[entry_count++]))
			return count;
		/* What was added from outside is not in the queue. */
		if (!names && entries[entry_count - 1].seq > 10000000000)
			entry_count--;
		bytes = newline + 1;
	}
	return 0;
}

/* The last line of a job. */
static const struct entry *find(unsigned long long seq)
{
	for (size_t i = entry_count; i > 0; i--)
		if (entries[i - 1].seq == seq)
			return &entries[i - 1];
	return NULL;
}

/* `last` is the highest number of all. */
static void check_job(struct journal *journal, unsigned long long seq, unsigned long long last)
{
	const struct entry *entry = find(seq);
	struct strlist command = {0};

	if (!entry) {
		assert(journal_ask(journal, seq) == (journal->resume == RESUME_FAILED_ONLY
							    ? JOURNAL_SKIP
							: seq < last ? JOURNAL_HOLD
								     : JOURNAL_RUN));
		return;
	}
	assert(journal_ask(journal, seq) == JOURNAL_COMPARE);
	strlist_add(&command, entry->command, entry->length);
	assert(journal_compare(journal, seq, &command) ==
	       (entry->failed && journal->resume != RESUME_NEW ? JOURNAL_RUN : JOURNAL_SKIP));
	strlist_clear(&command);
	strlist_append(&command, entry->command, entry->length);
	strlist_add(&command, "x", 1);
	said[0] = '\0';
	/* 14 bits cannot tell all commands apart. */
	if (journal_compare(journal, seq, &command) == JOURNAL_OTHER)
		assert(strstr(said, "the queue or the command is another one"));
	else
		assert(hash_command(strlist_at(&command, 0), strlist_length(&command, 0)) ==
		       hash_command(entry->command, entry->length));
	strlist_free(&command);
}

static void check_all(struct journal *journal)
{
	unsigned long long last = 0;

	for (size_t i = 0; i < entry_count; i++)
		if (entries[i].seq > last)
			last = entries[i].seq;
	for (size_t i = 0; i < entry_count; i++) {
		unsigned long long seq = entries[i].seq;
		check_job(journal, seq, last);
		check_job(journal, seq + 1, last);
		if (seq > 1)
			check_job(journal, seq - 1, last);
	}
	assert(journal_end_of_queue(journal, last));
	assert(last == 0 || !journal_end_of_queue(journal, last - 1));
}

/* Can a line have begun like this, or the line of names, which is the first? */
static bool plain_begin(const char *bytes, size_t length, bool is_first)
{
	static const char digits[] = "^-?[0-9]+$", seconds[] = "^ *-?[0-9]+([.][0-9]+)?$";
	static const char *const patterns[] = {"^[0-9]{1,15}$", "^[^[:cntrl:] ]+$", seconds,
	    seconds, "^[0-9]{1,15}$", "^[0-9]{1,15}$", digits, digits};
	size_t at = 0;

	length = length < 128 ? length : 128;
	while (!is_first && at < length && isdigit((unsigned char)bytes[at]))
		at++;
	while (at < length && bytes[at] == '\0')
		at++;
	if (at == length ||
	    strncmp(bytes, header, length < strlen(header) ? length : strlen(header)) == 0)
		return true;
	if (is_first)
		return false;
	size_t end = strnlen(bytes, length), begin = 0, column = 0;
	for (at = 0; at < end && column < 8; at++) {
		if (bytes[at] != '\t')
			continue;
		if (!plain_field(bytes + begin, bytes + at, patterns[column]) ||
		    (patterns[column] == digits && at - begin > 15))
			return false;
		begin = at + 1;
		column++;
	}
	return column > 0;
}

static size_t make_content(struct feed *feed, char *bytes)
{
	static const char line[] = "\t:\t1700000000.000\t     0.001\t0\t0\t";
	const char *const pieces[] = {header, usage_header, line, "0\t0\t", "\n", "\t", "1", "-1",
	    "4294967295", "\t0.001", "10000000000"};
	size_t length = 0;

	while (feed->at < feed->end) {
		uint8_t byte = feed_byte(feed);
		const char *piece = pieces[(byte & 0x7f) % (sizeof pieces / sizeof *pieces)];
		size_t size = byte < 0x80 ? 1 : strlen(piece);
		if (size > MOST_BYTES - length)
			break;
		memcpy(bytes + length, byte < 0x80 ? (const char *)&byte : piece, size);
		length += size;
	}
	return length;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static char bytes[MOST_BYTES];
	struct feed feed = {data, data + size};
	struct journal_options options = {
	    .path = "log", .resume = RESUME_NEW + feed_byte(&feed) % 3};
	size_t length = make_content(&feed, bytes);
	const char *last = memrchr(bytes, '\n', length);
	size_t whole = last ? (size_t)(last + 1 - bytes) : 0;
	size_t damaged = parse(bytes, bytes + length);
	int fd = memfd_create("journal", MFD_CLOEXEC);
	char told[64];

	assert(fcntl(fd, F_SETFL, O_APPEND) == 0 && io_write(fd, bytes, length) == 0);
	said[0] = '\0';
	allocations = 0;
	if (setjmp(ended) == 0) {
		struct journal *journal = journal_read(&options, fd);
		assert(damaged == 0 && !*said && lseek(fd, 0, SEEK_END) == (off_t)length);
		journal_begin(journal);
		assert((whole < length) == (strstr(said, "torn by a crash") != NULL));
		assert(whole == length || plain_begin(bytes + whole, length - whole, whole == 0));
		check_all(journal);
		size_t names = strlen(journal_line_names(journal->usage));
		assert(lseek(fd, 0, SEEK_END) == (off_t)(whole > 0 ? whole : names));
		journal_close(journal);
		return 0;
	}
	close(fd);
	if (whole < length && !plain_begin(bytes + whole, length - whole, whole == 0)) {
		assert(strstr(said, "is no journal"));
		return 0;
	}
	snprintf(told, sizeof told, "line %zu is damaged", damaged);
	assert(damaged > 0 && strstr(said, told));
	return 0;
}
