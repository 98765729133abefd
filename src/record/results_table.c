#include "record/results_table.h"

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/escape.h"
#include "base/io.h"
#include "base/message.h"

enum kind { CSV, TSV, JSON };

static const char *const endings[] = {[CSV] = ".csv", [TSV] = ".tsv", [JSON] = ".json"};

struct results_table {
	const char *name;
	FILE *file;
	enum kind kind;
	pthread_mutex_t lock; /* held while a record is written */
	bool begun;           /* there is a record, or the names of the columns */
	off_t size;           /* up to the end of the last record that is whole */
	char pending[4];      /* JSON: the beginning of a character of several bytes */
	size_t pending_count;
};

/* The kind of table that a name stands for; -1: none. */
static int kind_of(const char *name)
{
	const char *ending = strrchr(name, '.');

	for (size_t i = 0; ending && i < sizeof endings / sizeof *endings; i++)
		if (strcmp(ending, endings[i]) == 0)
			return (int)i;
	return -1;
}

bool results_table_is_name(const char *name)
{
	return kind_of(name) >= 0;
}

/*
 * The end of the last record that is whole. In CSV a newline between quotes ends none; a quote that
 * is doubled is two of them, with nothing in between.
 */
static off_t whole_records(const struct results_table *table, int fd)
{
	char block[IO_BLOCK];
	off_t whole = 0;
	bool quoted = false;

	for (off_t at = 0; at < table->size;) {
		ssize_t got = io_read_at(fd, block, sizeof block, at);
		if (got < 0)
			err(1, "reading --results");
		for (ssize_t i = 0; i < got; i++) {
			quoted ^= table->kind == CSV && block[i] == '"';
			if (block[i] == '\n' && !quoted)
				whole = at + i + 1;
		}
		at += got;
	}
	return whole;
}

/* Is this how a record, or the line of names, begins? A crash may have left less of it. */
static bool begins_record(const struct results_table *table, const char *bytes, size_t length)
{
	const char *begin = table->kind == JSON ? "{ \"Seq\": " : "Seq";
	size_t compared = strlen(begin) < length ? strlen(begin) : length;

	/* A power cut leaves zeros. */
	return memcmp(bytes, begin, compared) == 0 || *bytes == '\0' ||
	       (table->kind != JSON && *bytes >= '0' && *bytes <= '9');
}

/* Takes off what a crash has left of a record. `shown` is the name for messages. */
static void mend_last_record(struct results_table *table, const char *shown)
{
	char begin[16];
	int fd = open(table->name, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		err(1, "reading --results %s", shown);
	off_t whole = whole_records(table, fd);
	bool torn = whole < table->size;
	ssize_t got = torn ? io_read_at(fd, begin, sizeof begin, whole) : 0;
	close(fd);
	if (got < 0)
		err(1, "reading --results %s", shown);
	if (torn && !begins_record(table, begin, (size_t)got))
		errx(1, "--results %s: what it ends with is no record of a table: nothing is added",
		    shown);
	if (torn && ftruncate(fileno(table->file), whole) != 0)
		err(1, "--results %s", shown);
	if (torn)
		message(
		    "--results %s: its last record was torn by a crash and is taken off", shown);
	table->size = whole;
}

/* Does the name stand for our standard output? */
static bool is_stdout(const char *name)
{
	return name[0] == '-' && name[1] == '.';
}

/* At its end, wherever that is: also when half a record has been taken off. */
static FILE *open_file(const char *name)
{
	if (!is_stdout(name))
		return fopen(name, "ae");
	int fd = fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
	return fd < 0 ? NULL : fdopen(fd, "a");
}

struct results_table *results_table_open(const char *name, bool goes_on)
{
	struct results_table *table = calloc(1, sizeof *table);
	char shown[ESCAPED_NAME];
	struct stat status;

	if (!table)
		err(1, "--results");
	escape_name(shown, name);
	table->file = open_file(name);
	if (!table->file || fstat(fileno(table->file), &status) != 0)
		err(1, "--results %s", shown);
	table->name = name;
	table->kind = (enum kind)kind_of(name);
	/* What is in the file of our standard output already is none of ours. */
	table->size = is_stdout(name) ? 0 : status.st_size;
	pthread_mutex_init(&table->lock, NULL);
	if (goes_on && table->size > 0)
		mend_last_record(table, shown);
	table->begun = goes_on && table->size > 0;
	return table;
}

void results_table_begin(struct results_table *table)
{
	char shown[ESCAPED_NAME];

	if (table->begun || table->size == 0)
		return;
	if (ftruncate(fileno(table->file), 0) != 0)
		err(1, "--results %s", escape_name(shown, table->name));
	table->size = 0;
}

static void put_csv(struct results_table *table, char byte)
{
	if (byte == '"')
		putc_unlocked('"', table->file);
	putc_unlocked(byte, table->file);
}

static void put_tsv(struct results_table *table, char byte)
{
	switch (byte) {
	case '\t':
		fputs("\\t", table->file);
		break;
	case '\n':
		fputs("\\n", table->file);
		break;
	case '\r':
		fputs("\\r", table->file);
		break;
	case '\\':
		fputs("\\\\", table->file);
		break;
	default:
		putc_unlocked(byte, table->file);
	}
}

/* The bytes of a UTF-8 character that begins like this (RFC 3629); 0 when none does. */
static size_t utf8_length(unsigned char first)
{
	if (first < 0xc2 || first > 0xf4)
		return 0;
	return first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
}

/* Can this byte be number `at` of a character that begins like that? (RFC 3629, section 4) */
static bool utf8_follows(unsigned char first, size_t at, unsigned char byte)
{
	unsigned char least = 0x80, most = 0xbf;

	if (at == 1 && (first == 0xe0 || first == 0xf0))
		least = first == 0xe0 ? 0xa0 : 0x90;
	if (at == 1 && (first == 0xed || first == 0xf4))
		most = first == 0xed ? 0x9f : 0x8f;
	return byte >= least && byte <= most;
}

/* What looked like the beginning of a character is none. */
static void give_up_pending(struct results_table *table)
{
	for (size_t i = 0; i < table->pending_count; i++)
		fprintf(table->file, "\\udc%02x", (unsigned char)table->pending[i]);
	table->pending_count = 0;
}

static void put_json(struct results_table *table, char byte)
{
	unsigned char value = (unsigned char)byte, first = (unsigned char)table->pending[0];
	size_t count = table->pending_count;

	if (count > 0 && !utf8_follows(first, count, value))
		give_up_pending(table);
	if (value == '"' || value == '\\') {
		fprintf(table->file, "\\%c", value);
	} else if (value == '\n') {
		fputs("\\n", table->file);
	} else if (value < 0x20 || value == 0x7f) {
		fprintf(table->file, "\\u%04x", value);
	} else if (value < 0x80) {
		putc_unlocked(value, table->file);
	} else if (table->pending_count > 0 || utf8_length(value) > 0) {
		table->pending[table->pending_count++] = byte;
		if (table->pending_count == utf8_length((unsigned char)table->pending[0])) {
			fwrite(table->pending, 1, table->pending_count, table->file);
			table->pending_count = 0;
		}
	} else {
		fprintf(table->file, "\\udc%02x", value);
	}
}

/* Writes a part of a field. */
static int put(void *context, const char *bytes, size_t length)
{
	static void (*const ways[])(struct results_table *, char) = {put_csv, put_tsv, put_json};
	struct results_table *table = context;

	for (size_t i = 0; i < length; i++)
		ways[table->kind](table, bytes[i]);
	return ferror(table->file) ? -1 : 0;
}

/* What stands before and behind a text. */
static void put_quote(struct results_table *table)
{
	give_up_pending(table);
	if (table->kind != TSV)
		putc_unlocked('"', table->file);
}

/* Goes on to the next column of a record. */
static void begin_field(struct results_table *table, const char *name)
{
	if (table->kind == JSON)
		fprintf(table->file, ", \"%s\": ", name);
	else
		putc_unlocked(table->kind == CSV ? ',' : '\t', table->file);
}

static void put_text(
    struct results_table *table, const char *name, const char *bytes, size_t length)
{
	begin_field(table, name);
	put_quote(table);
	put(table, bytes, length);
	put_quote(table);
}

static void put_number(
    struct results_table *table, const char *name, const char *format, double number)
{
	begin_field(table, name);
	fprintf(table->file, format, number);
}

/* The item's values: V1, V2..., in JSON a list. */
static void put_values(struct results_table *table, const struct strlist *values)
{
	if (table->kind == JSON)
		fputs(", \"V\": [", table->file);
	for (size_t i = 0; i < values->count; i++) {
		if (table->kind == JSON) {
			fputs(i > 0 ? ", " : "", table->file);
			put_quote(table);
			put(table, strlist_at(values, i), strlist_length(values, i));
			put_quote(table);
		} else {
			put_text(table, "", strlist_at(values, i), strlist_length(values, i));
		}
	}
	if (table->kind == JSON)
		putc_unlocked(']', table->file);
}

static int put_stream(struct results_table *table, const char *name, struct stream *stream)
{
	const struct spool_sink sink = {.write = put, .context = table};

	begin_field(table, name);
	put_quote(table);
	int result = spool_hand_out(&stream->spool, spool_size(&stream->spool), &sink);
	put_quote(table);
	return result;
}

/* The names of the columns, GNU parallel's, before the first record. */
static void put_names(struct results_table *table, size_t values)
{
	static const char *const names[] = {
	    "Host", "Starttime", "JobRuntime", "Send", "Receive", "Exitval", "Signal", "Command"};

	fputs("Seq", table->file);
	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		begin_field(table, "");
		fputs(names[i], table->file);
	}
	for (size_t i = 1; i <= values; i++) {
		begin_field(table, "");
		fprintf(table->file, "V%zu", i);
	}
	begin_field(table, "");
	fputs("Stdout", table->file);
	begin_field(table, "");
	fputs("Stderr\n", table->file);
}

/* Writes the record of a job. */
static int put_record(struct results_table *table, struct job *job)
{
	const struct strlist *command = &job->command;
	int result = 0;

	if (table->kind != JSON && !table->begun)
		put_names(table, job->columns->count);
	fprintf(table->file, table->kind == JSON ? "{ \"Seq\": %" PRIu64 : "%" PRIu64, job->seq);
	put_text(table, "Host", ":", 1);
	put_number(table, "Starttime", "%.3f", job->started);
	put_number(table, "JobRuntime", "%.3f", job->runtime);
	put_number(table, "Send", "%.0f", 0);
	put_number(table, "Receive", "%.0f", (double)job->output.streams[0].received);
	put_number(table, "Exitval", "%.0f", job->exit_value);
	put_number(table, "Signal", "%.0f", job->signal);
	put_text(table, "Command", strlist_at(command, 0), strlist_length(command, 0));
	put_values(table, job->columns);
	if (put_stream(table, "Stdout", &job->output.streams[0]) != 0 ||
	    put_stream(table, "Stderr", &job->output.streams[1]) != 0)
		result = -1;
	fputs(table->kind == JSON ? " }\n" : "\n", table->file);
	if (fflush(table->file) != 0 || ferror(table->file))
		result = -1;
	return result;
}

/* Takes off what has been written of a record: the next one must not be added to it. */
static void take_back(struct results_table *table)
{
	struct stat status;
	char shown[ESCAPED_NAME];
	int fd = fileno(table->file);

	fpurge(table->file);
	clearerr(table->file);
	table->pending_count = 0;
	if (is_stdout(table->name))
		return;
	if (fstat(fd, &status) == 0 && status.st_size > table->size &&
	    ftruncate(fd, table->size) != 0)
		message_errno(
		    "--results %s: taking off half a record", escape_name(shown, table->name));
}

int results_table_add(struct results_table *table, struct job *job)
{
	struct stat status;

	pthread_mutex_lock(&table->lock);
	int result = put_record(table, job), error = errno;
	if (result != 0) {
		take_back(table);
	} else {
		table->begun = true;
		if (fstat(fileno(table->file), &status) == 0)
			table->size = status.st_size;
	}
	pthread_mutex_unlock(&table->lock);
	errno = error;
	return result;
}

void results_table_close(struct results_table *table)
{
	fclose(table->file);
	pthread_mutex_destroy(&table->lock);
	free(table);
}
