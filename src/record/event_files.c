#include "record/event_files.h"

#include <assert.h>
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/console.h"
#include "base/escape.h"
#include "base/io.h"
#include "base/message.h"
#include "base/path.h"
#include "base/thread.h"
#include "record/append_file.h"
#include "record/event_line.h"
#include "record/event_trace.h"

struct event_file {
	struct events *events;
	struct event_trace trace; /* the sink, and where it is a trace, what that remembers */
	struct append_file file;
	char *shown;     /* its name, for messages */
	bool is_console; /* it is our stdout or stderr: others write there, too */
	bool is_regular; /* what was written can be taken back */
	bool empties;    /* what an earlier run has left is dropped */
	bool is_lost;    /* events are missing in it; where its reader has gone, none are missed */
	pthread_t thread;
};

/* How long the reader of a FIFO is waited for at the start, and how often it is looked, in ms. */
enum { READER_WAIT_MS = 5000, READER_INTERVAL_MS = 20 };

/* Can a line of events begin like this? */
static bool begins_line(const char *bytes, size_t length, bool is_first)
{
	/* The first line of a file is the beginning of a run. */
	static const char *const begins[] = {EVENT_FILE_BEGINS, EVENT_LINE_BEGINS};
	size_t count = is_first ? 1 : sizeof begins / sizeof *begins;
	bool any = *bytes == '\0'; /* a power cut may leave zeros where bytes were written */

	for (size_t i = 0; i < count; i++) {
		size_t compared = length < strlen(begins[i]) ? length : strlen(begins[i]);
		any |= memcmp(bytes, begins[i], compared) == 0;
	}
	return any;
}

static const struct append_file_kind lines_kind = {
    .option = "--events ",
    .record = "line",
    .begins_with = EVENT_FILE_BEGINS,
    .foreign = ": it does not begin as events do: nothing is added",
    .begins_record = begins_line,
    .foreign_end = ": what it ends with is no event: nothing is added",
    .torn = "",
};

static const struct append_file_kind report_kind = {.option = "--report ", .record = "report"};

/* The kinds of reports, by the ending of their names. */
static const struct report_format {
	const char *ending;
	void (*put)(struct event_sink *sink, FILE *to, const struct event *event);
} reports[] = {{".json", event_trace_put}};

static const struct report_format *format_of(const char *name)
{
	const char *ending = strrchr(name, '.');

	for (size_t i = 0; ending && i < sizeof reports / sizeof *reports; i++)
		if (strcmp(ending, reports[i].ending) == 0)
			return &reports[i];
	return NULL;
}

bool event_files_have_report(const char *name)
{
	return format_of(name) != NULL;
}

/* --- opening --- */

bool event_files_is_descriptor(const char *name)
{
	return strcmp(name, "-") == 0 || *name == '&';
}

/* Exits with the reason that errno has. */
static _Noreturn void fail(const struct event_file *file)
{
	err(1, "%s%s", file->file.kind->option, file->shown);
}

/* The descriptor that a name stands for. Jobs do not get one that is for the events alone. */
static int take_descriptor(const struct event_file *file, const char *name)
{
	const char *reason = NULL;
	int fd = *name == '-' ? STDOUT_FILENO : (int)strtonum(name + 1, 1, 65535, &reason);

	if (reason)
		errx(1, "%s%s: a descriptor is & and a number from 1 on", file->file.kind->option,
		    file->shown);
	int flags = fcntl(fd, F_GETFL);
	if (flags < 0)
		fail(file);
	if ((flags & O_ACCMODE) == O_RDONLY)
		errx(1, "%s%s: it is open to be read", file->file.kind->option, file->shown);
	if (fd > STDERR_FILENO)
		fcntl(fd, F_SETFD, FD_CLOEXEC);
	return fd;
}

/*
 * Opens a FIFO to write only: so a write fails once its reader has gone. The reader may be about to
 * open it, and is waited for; but not for ever.
 */
static int open_fifo(const struct event_file *file, const char *name)
{
	static const struct timespec interval = {.tv_nsec = READER_INTERVAL_MS * 1000000L};
	int fd;

	for (int waited_ms = 0;
	     (fd = open(name, O_WRONLY | O_NONBLOCK | O_CLOEXEC)) < 0 && errno == ENXIO;
	     waited_ms += READER_INTERVAL_MS) {
		if (waited_ms >= READER_WAIT_MS)
			errx(1, "%s%s: no program reads this FIFO", file->file.kind->option,
			    file->shown);
		nanosleep(&interval, NULL);
	}
	if (fd >= 0)
		fcntl(fd, F_SETFL, 0);
	return fd;
}

/* Opens what has this name. Returns a descriptor, or -1 with errno. */
static int open_name(const struct event_file *file, const char *name)
{
	struct stat status;
	bool is_there = stat(name, &status) == 0;

	if (is_there && S_ISFIFO(status.st_mode))
		return open_fifo(file, name);
	int how = is_there && !S_ISREG(status.st_mode) ? O_WRONLY : O_RDWR | O_CREAT;
	int guard = path_guard(name);
	return guard < 0 ? -1 : open(name, how | O_APPEND | O_NOCTTY | O_CLOEXEC | guard, 0666);
}

/*
 * Opens the file of --events, or the report that `is_report`, and leaves what is in it; where the
 * run `goes_on` with an earlier one, events are added to those of that.
 */
static struct event_file *open_file(const char *name, bool is_report, bool goes_on)
{
	struct event_file *file = calloc(1, sizeof *file);
	struct stat status;

	if (!file || !(file->shown = malloc(ESCAPED_NAME)))
		err(1, "starting");
	escape_name(file->shown, name);
	file->trace.sink.put = is_report ? format_of(name)->put : event_line_put;
	file->trace.sink.may_hold_up = true;
	file->file = (struct append_file){
	    .kind = is_report ? &report_kind : &lines_kind, .name = file->shown};
	file->file.fd = !is_report && event_files_is_descriptor(name) ? take_descriptor(file, name)
								      : open_name(file, name);
	if (file->file.fd < 0 || fstat(file->file.fd, &status) != 0)
		fail(file);
	file->is_console = file->file.fd == STDOUT_FILENO || file->file.fd == STDERR_FILENO;
	/* What else is in the file of a descriptor is not ours to take back. */
	file->is_regular =
	    S_ISREG(status.st_mode) && (is_report || !event_files_is_descriptor(name));
	file->file.size = file->is_regular ? status.st_size : 0;
	if (file->is_regular && goes_on && !is_report)
		append_file_look(&file->file, file->file.fd);
	else
		file->empties = file->is_regular;
	return file;
}

/* --- writing --- */

/* Writes to our own stdout or stderr, between what others write. Returns 0, or -1 with errno. */
static int write_between(int fd, const char *bytes, size_t length)
{
	console_take();
	bool is_open = console_is_in_line(fd);
	int result = is_open ? console_write(fd, "\n", 1) : 0;
	if (result == 0)
		result = console_write(fd, bytes, length);
	int error = errno;
	console_set_line(fd, LINE_OVER);
	console_release();
	errno = error;
	return result;
}

/* Writes whole events. Returns 0, or -1 with errno. */
static int write_events(struct event_file *file, const char *bytes, size_t length, int *tail_error)
{
	*tail_error = 0;
	if (file->is_console)
		return write_between(file->file.fd, bytes, length);
	if (file->is_regular)
		return append_file_add(&file->file, bytes, length, tail_error);
	return io_write(file->file.fd, bytes, length);
}

/* Says why there are no more events. */
static void say_loss(const struct event_file *file, int error, int tail_error)
{
	append_file_say_tail(&file->file, tail_error);
	if (error == EPIPE)
		message("%s%s: its reader has gone, and gets no more events",
		    file->file.kind->option, file->shown);
	else
		message("%s%s: %s; no more events are written", file->file.kind->option,
		    file->shown, strerror(error));
}

static void *write_main(void *context)
{
	struct event_file *file = context;
	struct event_sink *sink = &file->trace.sink;
	int error = 0, tail_error = 0;

	while (events_await(file->events, sink)) {
		char *bytes;
		size_t length = events_take(file->events, sink, &bytes);
		if (length > 0 && write_events(file, bytes, length, &tail_error) != 0) {
			error = errno;
			events_give_up(file->events, sink, error);
		}
		free(bytes);
	}
	if (!error)
		error = events_error(file->events, sink);
	if (error)
		say_loss(file, error, tail_error);
	file->is_lost = error != 0 && error != EPIPE;
	events_finish(file->events, sink);
	return NULL;
}

/* --- the beginning and the end --- */

/* The run begins: empties the file, or takes off what a crash has torn, and starts the thread. */
static void begin_file(struct event_file *file, struct events *events)
{
	if (file->empties && file->file.size > 0)
		append_file_empty(&file->file);
	append_file_mend(&file->file);
	file->events = events;
	events_add(events, &file->trace.sink, NULL);
	int error = thread_start(&file->thread, THREAD_STACK, write_main, file);
	if (error)
		errc(1, error, "%s%s", file->file.kind->option, file->shown);
}

/* Closes the file: some file systems say only now that there was no room. */
static bool close_file(struct event_file *file)
{
	if (file->is_console || close(file->file.fd) == 0)
		return true;
	message_errno("%s%s: closing it", file->file.kind->option, file->shown);
	return false;
}

/* The run is over: waits until all is written, and frees the file, unless its thread is not
 * through. Returns whether it has all that it should have. */
static bool end_file(struct event_file *file, int64_t patience_ms)
{
	int64_t until_ms = patience_ms == INT64_MAX ? INT64_MAX : clock_ms() + patience_ms;

	events_close(file->events, &file->trace.sink);
	if (!events_await_finish(file->events, &file->trace.sink, until_ms)) {
		message("%s%s: not waiting any longer for its reader: the rest is lost",
		    file->file.kind->option, file->shown);
		return false;
	}
	pthread_join(file->thread, NULL);
	events_remove(file->events, &file->trace.sink);
	bool is_whole = close_file(file) && !file->is_lost;
	free(file->shown);
	free(file);
	return is_whole;
}

void event_files_open(struct event_files *files, const struct event_options *options, bool goes_on)
{
	*files = (struct event_files){.count = 0};
	if (options->stream)
		files->at[files->count++] = open_file(options->stream, false, goes_on);
	if (options->report)
		files->at[files->count++] = open_file(options->report, true, goes_on);
}

void event_files_begin(struct event_files *files, struct events *events)
{
	for (size_t i = 0; i < files->count; i++)
		begin_file(files->at[i], events);
}

void event_files_settle(struct event_files *files, int64_t patience_ms)
{
	int64_t until_ms = clock_ms() + patience_ms;

	for (size_t i = 0; i < files->count; i++) {
		struct event_file *file = files->at[i];
		events_close(file->events, &file->trace.sink);
		events_await_finish(file->events, &file->trace.sink, until_ms);
	}
}

bool event_files_end(struct event_files *files, int64_t patience_ms)
{
	bool are_whole = true;

	for (size_t i = 0; i < files->count; i++)
		are_whole &= end_file(files->at[i], patience_ms);
	return are_whole;
}
