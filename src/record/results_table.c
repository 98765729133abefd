#include "record/results_table.h"

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/console.h"
#include "base/escape.h"
#include "base/message.h"
#include "base/path.h"
#include "base/reader.h"
#include "base/turn.h"
#include "record/append_file.h"
#include "record/table_format.h"

struct results_table {
	char shown[ESCAPED_NAME]; /* its name, for messages */
	const char *path;
	bool is_stdout; /* what has gone there cannot be taken back */
	bool continues; /* the table of an earlier run */
	size_t width;   /* columns of values that it has from there */

	struct turn
	    turn; /* of the slot that writes a record; where it goes to stdout, the console */
	struct append_file file;
	struct table_writer writer; /* its stream has the descriptor of `file` */
	bool has_content;           /* there is a record, or the line of names */
};

bool results_table_is_name(const char *name)
{
	return table_format_of(name) != NULL;
}

bool results_table_is_even(const char *name)
{
	const struct table_format *format = table_format_of(name);

	return format && format->names_first;
}

bool results_table_is_stdout(const char *name)
{
	return name[0] == '-' && name[1] == '.' && results_table_is_name(name);
}

/*
 * Opens the file to write at its end, wherever that is: also when half a record was taken off. Our
 * standard output is what the log makes of it: it may become another file while jobs run.
 */
static FILE *open_stream(const struct results_table *table)
{
	if (table->is_stdout)
		return stdout;
	int guard = path_guard(table->path);
	int fd = guard < 0
		     ? -1
		     : open(table->path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | guard, 0666);
	return fd < 0 ? NULL : fdopen(fd, "a");
}

/* Counts the columns of values by the line of names. The reader closes the file. */
static void count_columns(struct results_table *table, int fd)
{
	struct reader reader = {.fd = -1};
	struct record line;

	if (lseek(fd, 0, SEEK_SET) < 0)
		err(1, "reading --results %s", table->shown);
	reader_open(&reader, fd, -1, '\n', SIZE_MAX);
	if (reader_next(&reader, &line) != READER_RECORD)
		err(1, "reading --results %s", table->shown);
	table->width = table_format_width(table->writer.format, line.bytes, line.kept);
	reader_free(&reader);
}

/* Looks at what an earlier run has left. The stream cannot be read. */
static void look(struct results_table *table)
{
	int fd = open(table->path, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		err(1, "reading --results %s", table->shown);
	append_file_look(&table->file, fd);
	if (table->file.size > 0 && table->writer.format->names_first)
		count_columns(table, fd);
	else
		close(fd);
}

struct results_table *results_table_open(const char *name, bool as_parallel, bool continues)
{
	struct results_table *table = calloc(1, sizeof *table);
	struct stat status;

	if (!table)
		err(1, "--results");
	escape_name(table->shown, name);
	table->path = name;
	table->is_stdout = results_table_is_stdout(name);
	table->continues = continues;
	table->writer.format = as_parallel ? table_format_of_parallel(name) : table_format_of(name);
	table->writer.stream = open_stream(table);
	if (!table->writer.stream || fstat(fileno(table->writer.stream), &status) != 0)
		err(1, "--results %s", table->shown);
	/* What is in the file of our standard output already is not part of the table. */
	table->file = (struct append_file){.kind = &table->writer.format->file,
	    .name = table->shown,
	    .fd = fileno(table->writer.stream),
	    .size = table->is_stdout ? 0 : status.st_size};
	turn_init(&table->turn);
	if (continues && table->file.size > 0)
		look(table);
	table->has_content = continues && table->file.size > 0;
	return table;
}

size_t results_table_width(const struct results_table *table)
{
	return table->width;
}

void results_table_begin(struct results_table *table)
{
	if (table->continues)
		append_file_mend(&table->file);
	else if (table->file.size > 0)
		append_file_empty(&table->file);
}

/* The line of names, before the first record. */
static void put_names(struct table_writer *writer, size_t values)
{
	fputs(writer->format->file.begins_with, writer->stream);
	for (size_t i = 1; i <= values; i++) {
		table_begin_field(writer, "");
		fprintf(writer->stream, "V%zu", i);
	}
	table_begin_field(writer, "");
	fputs("Stdout", writer->stream);
	table_begin_field(writer, "");
	fputs("Stderr\n", writer->stream);
}

static void put_seconds(struct table_writer *writer, const char *name, double seconds)
{
	table_begin_field(writer, name);
	fprintf(writer->stream, "%.3f", seconds);
}

static void put_number(struct table_writer *writer, const char *name, intmax_t number)
{
	table_begin_field(writer, name);
	fprintf(writer->stream, "%jd", number);
}

/* Takes a part of an output, for spool_hand_out. */
static int put_output_part(void *context, const char *bytes, size_t length)
{
	struct table_writer *writer = context;

	table_put_part(writer, bytes, length);
	return ferror(writer->stream) ? -1 : 0;
}

/* Writes what a job has printed, and forgets it. Returns 0, or -1 with errno. */
static int put_output(struct table_writer *writer, const char *name, struct spool *spool)
{
	const struct spool_sink sink = {.write = put_output_part, .context = writer};

	table_begin_field(writer, name);
	if (spool_size(spool) == 0) {
		table_put_nothing(writer);
		return 0;
	}
	table_begin_text(writer);
	int result = spool_hand_out(spool, spool_size(spool), &sink);
	table_end_text(writer);
	return result;
}

/* Writes the record of a job. Returns 0, or -1 with errno. */
static int put_record(
    struct table_writer *writer, const struct job_record *record, struct job_output *output)
{
	const struct table_format *format = writer->format;
	const struct strlist *command = &record->command;
	int result = 0;

	fprintf(writer->stream, "%s%" PRIu64, format->record_begin, record->seq);
	table_begin_field(writer, "Host");
	table_put_text(writer, ":", 1);
	put_seconds(writer, "Starttime", record->started_s);
	put_seconds(writer, "JobRuntime", record->runtime_s);
	put_number(writer, "Send", 0);
	put_number(writer, "Receive", record->stdout_bytes);
	put_number(writer, "Exitval", record->exit_value);
	put_number(writer, "Signal", record->signal);
	table_begin_field(writer, "Command");
	/* Without memory for its command a job fails, and has none. */
	table_put_text(writer, command->count > 0 ? strlist_at(command, 0) : "",
	    command->count > 0 ? strlist_length(command, 0) : 0);
	table_put_values(writer, record->columns, record->width);
	if (put_output(writer, "Stdout", &output->streams[0].spool) != 0 ||
	    put_output(writer, "Stderr", &output->streams[1].spool) != 0)
		result = -1;
	fputs(format->record_end, writer->stream);
	if (fflush(writer->stream) != 0 || ferror(writer->stream))
		result = -1;
	return result;
}

/* Gives up what was written of a record: the next one must not be added to it. Returns 0, or the
 * errno of what failed. */
static int take_back(struct results_table *table)
{
	table_writer_reset(&table->writer);
	return table->is_stdout ? 0 : append_file_take_back(&table->file);
}

/* A record is written as one piece: no other slot writes meanwhile, nor is a message written. */
static void begin_writing(struct results_table *table)
{
	if (!table->is_stdout) {
		turn_take(&table->turn);
		return;
	}
	console_take();
	console_make_way(STDOUT_FILENO);
}

static void end_writing(struct results_table *table)
{
	if (table->is_stdout)
		console_release();
	else
		turn_give(&table->turn);
}

int results_table_add(
    struct results_table *table, const struct job_record *record, struct job_output *output)
{
	int tail_error = 0;

	begin_writing(table);
	if (table->writer.format->names_first && !table->has_content)
		put_names(&table->writer, record->width);
	int result = put_record(&table->writer, record, output), error = errno;
	if (result == 0) {
		table->has_content = true;
		append_file_accept(&table->file);
	} else {
		tail_error = take_back(table);
	}
	end_writing(table);
	append_file_say_tail(&table->file, tail_error);
	errno = error;
	return result;
}

int results_table_end(struct results_table *table)
{
	FILE *stream = table->writer.stream;

	table->writer.stream = NULL;
	if (table->is_stdout || fclose(stream) == 0)
		return 0;
	message_errno("--results %s: closing it", table->shown);
	return -1;
}

void results_table_close(struct results_table *table)
{
	if (table->writer.stream)
		results_table_end(table);
	turn_destroy(&table->turn);
	free(table);
}
