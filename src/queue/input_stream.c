#include "queue/input_stream.h"

#include <err.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/escape.h"
#include "base/message.h"
#include "base/path.h"
#include "base/system_pipes.h"
#include "follow/follow.h"
#include "queue/input_file.h"
#include "queue/split.h"
#include "queue/value.h"

/* Closes the file. What is behind the last item that was taken is left to whoever reads it next. */
static void leave_file(struct input_stream *stream)
{
	reader_leave_rest(&stream->reader, quoted_items_pending(&stream->quoted));
	reader_close(&stream->reader);
	stream->quoted.at = stream->quoted.end;
}

/* Opens the next file; SOURCE_END behind the last. */
static enum source_status open_next(struct input_stream *stream)
{
	const struct strings *files = &stream->options->files;

	reader_close(&stream->reader);
	if (stream->last_seen)
		stream->file = files->count;
	if (stream->file == files->count)
		return SOURCE_END;
	const char *name = files->at[stream->file++];
	int fd = stream->options->follow ? system_open_fifo(name, stream->standard_input)
					 : input_file_open(name, stream->standard_input);
	if (fd < 0)
		return SOURCE_FAILED;
	value_open(stream->options, &stream->reader, fd, stream->interrupt_fd, stream->limit);
	stream->header_due = stream->options->header;
	return SOURCE_ITEM;
}

/* Takes the header line off a file. `names` gets its columns where it has none yet; NULL: none do.
 */
static enum source_status skip_header(struct input_stream *stream, struct strlist *names)
{
	struct record record;
	struct strlist line = {0};
	enum source_status status =
	    value_read(stream->options, &stream->reader, &record, &stream->last_seen);

	if (status == SOURCE_ITEM && names && names->count == 0) {
		strlist_add(&line, record.bytes, record.kept);
		if (!strlist_failed(&line))
			split_header(stream->options, strlist_at(&line, 0), record.kept, names);
	}
	strlist_free(&line);
	stream->header_due = status == SOURCE_INTERRUPTED;
	return status;
}

/* The next value of a file that is followed. */
static enum source_status follow_on(struct input_stream *stream, struct record *record)
{
	enum value_kind kind = VALUE_LEFT_OUT;

	while (kind == VALUE_LEFT_OUT) {
		enum source_status status = value_status(follow_next(stream->follow, record));
		if (status != SOURCE_ITEM)
			return status;
		kind = value_judge(stream->options, record);
	}
	return kind == VALUE_LAST ? SOURCE_END : SOURCE_ITEM;
}

/* The next value of the file that is open, or of the one that is opened now. */
static enum source_status read_file(struct input_stream *stream, struct record *record)
{
	enum source_status status = stream->reader.fd < 0 ? open_next(stream) : SOURCE_ITEM;

	if (status == SOURCE_ITEM && stream->header_due)
		status = skip_header(stream, NULL);
	if (status != SOURCE_ITEM)
		return status;
	if (stream->options->separation != SEPARATE_DELIMITER)
		return quoted_items_next(&stream->quoted, &stream->reader, record);
	return value_read(stream->options, &stream->reader, record, &stream->last_seen);
}

enum source_status input_stream_next(struct input_stream *stream, struct record *record)
{
	enum source_status status;

	if (stream->follow)
		return follow_on(stream, record);
	for (;;) {
		status = read_file(stream, record);
		if (status != SOURCE_END || stream->reader.fd < 0)
			break;
		leave_file(stream);
	}
	if (status == SOURCE_FAILED && !stream->quoted.is_broken)
		input_file_complain("reading ", stream->options->files.at[stream->file - 1]);
	return status;
}

bool input_stream_can_begin_again(const struct input_stream *stream)
{
	const struct strings *files = &stream->options->files;
	struct stat status;

	for (size_t i = 0; i < files->count; i++) {
		const char *name = files->at[i];
		if (path_is_stdin(name) ? stream->first_byte < 0
					: stat(name, &status) != 0 || !S_ISREG(status.st_mode))
			return false;
	}
	return !stream->follow;
}

bool input_stream_begin_again(struct input_stream *stream)
{
	leave_file(stream);
	stream->file = 0;
	stream->last_seen = false;
	quoted_items_close(&stream->quoted);
	quoted_items_open(&stream->quoted, stream->options, stream->limit);
	return stream->first_byte < 0 ||
	       lseek(stream->standard_input, stream->first_byte, SEEK_SET) == stream->first_byte;
}

bool input_stream_more(struct input_stream *stream)
{
	if (stream->follow || stream->file < stream->options->files.count)
		return true;
	if (stream->reader.fd < 0)
		return false;
	return stream->options->separation == SEPARATE_DELIMITER
		   ? reader_more(&stream->reader)
		   : quoted_items_more(&stream->quoted, &stream->reader);
}

bool input_stream_ready(struct input_stream *stream)
{
	return stream->follow ? follow_ready(stream->follow) : reader_ready(&stream->reader);
}

uint64_t input_stream_go_on(struct input_stream *stream, const struct journal *journal)
{
	return stream->follow ? follow_begin(stream->follow, journal) : 0;
}

bool input_stream_mark(struct input_stream *stream)
{
	return !stream->follow || follow_mark(stream->follow);
}

void input_stream_report_rest(struct input_stream *stream, const struct value *first, size_t count)
{
	char name[ESCAPED_NAME], item[ESCAPED];
	struct record record = {0};

	if (!stream->options->follow || stream->follow || stream->reader.fd < 0)
		return;
	size_t rest = count + reader_rest(&stream->reader, &record);
	struct value shown =
	    count > 0 ? *first : (struct value){.bytes = record.bytes, .length = record.kept};
	if (rest > 0)
		message("%s: read and not run, when the run ended: %zu, from '%s' on",
		    escape_name(name, stream->options->files.at[0]), rest,
		    escape(item, sizeof item, shown.bytes, shown.length));
}

/* --follow: a FIFO that is kept open has no end by itself; a regular file needs more care. */
static void open_followed(struct input_stream *stream, int interrupt_fd)
{
	const struct queue_options *options = stream->options;
	const char *name = options->files.at[0];
	bool is_stdin = path_is_stdin(name);
	struct stat status = {.st_mode = S_IFREG};

	if (is_stdin ? fstat(STDIN_FILENO, &status) : stat(name, &status))
		status.st_mode = S_IFREG; /* it will be one */
	if (S_ISREG(status.st_mode)) {
		stream->follow = follow_open(
		    &options->growth, stream->standard_input, stream->limit, interrupt_fd);
		return;
	}
	if (!S_ISFIFO(status.st_mode) || (is_stdin && system_is_unnamed_pipe(STDIN_FILENO)))
		errx(1,
		    "--follow: %s is neither a regular file nor a FIFO with a name: its end is "
		    "the end",
		    is_stdin ? "stdin" : "what -a names");
	if (options->growth.resumes)
		errx(1, "--follow: a FIFO does not keep what was read from it, so that a run of it "
			"cannot be resumed");
	/* At once: a writer that waits for a reader shall not find it gone again. */
	if (open_next(stream) == SOURCE_FAILED)
		input_file_fail("--follow needs the right to write to ", name);
}

/* Reads the header now: the command line needs the names. A signal now simply ends pexec. */
static void open_header(struct input_stream *stream, struct strlist *names)
{
	enum source_status status;

	/* A file without a line names nothing: then the next one does. */
	while (names->count == 0 && (status = open_next(stream)) != SOURCE_END) {
		while (status != SOURCE_FAILED && stream->header_due)
			status = skip_header(stream, names);
		if (status == SOURCE_FAILED)
			input_file_fail("reading ", stream->options->files.at[stream->file - 1]);
	}
}

void input_stream_open(struct input_stream *stream, const struct queue_options *options,
    size_t limit, int interrupt_fd, struct strlist *names)
{
	*stream = (struct input_stream){
	    .options = options, .limit = limit, .interrupt_fd = -1, .reader = {.fd = -1}};
	stream->standard_input = fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
	if (stream->standard_input < 0)
		err(1, "stdin");
	stream->first_byte = lseek(stream->standard_input, 0, SEEK_CUR);
	for (size_t i = 0; i < options->files.count; i++)
		input_file_check(options->files.at[i], options->follow);
	quoted_items_open(&stream->quoted, options, limit);
	if (options->follow)
		open_followed(stream, interrupt_fd);
	if (options->header && options->files.count > 0)
		open_header(stream, names);
}

void input_stream_begin(struct input_stream *stream, int interrupt_fd)
{
	stream->interrupt_fd = stream->reader.interrupt_fd = interrupt_fd;
}

void input_stream_close(struct input_stream *stream)
{
	if (stream->follow)
		follow_close(stream->follow);
	leave_file(stream);
	quoted_items_close(&stream->quoted);
	reader_free(&stream->reader);
	close(stream->standard_input);
}
