#include "output/output.h"

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/console.h"
#include "base/escape.h"
#include "base/io.h"
#include "base/message.h"
#include "base/system_pipes.h"
#include "output/colour.h"
#include "output/listener.h"
#include "output/tag.h"
#include "process/launch.h"
#include "process/process.h"

/* How often, in ms, it is tried whether there is room again: the system does not tell. */
enum { ROOM_INTERVAL = 1000 };

/* How often, in ms, it is looked whether a process has ended whose pipes have no writer. */
enum { END_INTERVAL = 50 };

/* How long, in ms, processes of ours may take to come to their program while it matters; and how
 * often it is looked whether they have. */
enum { LAUNCH_TAKES = 1000, LAUNCH_INTERVAL = 5 };

/* A live stream that has as much as this at hand is moved without a copy of ours in between. */
enum { MOVE_FROM = 65536 };

/*
 * A pipe that is full, or empty, makes two processes take turns: a job that prints more than
 * WIDE_FROM bytes gets pipes that hold up to WIDEST. But all pipes of a user share 64 MiB before
 * new ones become narrow (pipe(7)): those of all slots together take WIDE_TOTAL.
 */
enum { WIDE_FROM = 256 * 1024, WIDEST = 1024 * 1024, WIDE_TOTAL = 16 * 1024 * 1024 };

/* --- the beginning and the end --- */

void output_init(
    struct output *output, const struct output_options *options, struct timer *stuck_timer)
{
	size_t first = (size_t)options->slots * 2 * SPOOL_FIRST;
	/* With -k half of the memory is for the many small ones that wait for their turn. */
	size_t bytes = options->ordered ? options->buffer_bytes / 2 : options->buffer_bytes;

	*output =
	    (struct output){.options = options, .stuck_timer = stuck_timer, .abandoned = {-1, -1}};
	output_set_slots(output, options->slots);
	if (!options->ungroup && pipe2(output->abandoned, O_CLOEXEC) != 0)
		err(1, "preparing the output");
	atomic_flag_clear(&output->warned);
	budget_init(&output->budget, first < bytes / 2 ? bytes - first : bytes / 2);
}

void output_set_slots(struct output *output, unsigned slots)
{
	int wide = WIDEST;

	while ((size_t)wide * slots * 2 > WIDE_TOTAL)
		wide /= 2;
	atomic_store(&output->wide_bytes, wide);
}

void output_free(struct output *output)
{
	for (int i = 0; i < 2; i++)
		if (output->abandoned[i] >= 0)
			close(output->abandoned[i]);
	budget_free(&output->budget);
}

/* --- passing on --- */

static bool is_stdout(const struct stream *stream)
{
	return stream->target == STDOUT_FILENO;
}

/* Nothing more is written. Returns -1, with errno the first time and 0 in it afterwards. */
static int fail(struct output *output)
{
	if (atomic_exchange(&output->failed, true))
		errno = 0;
	return -1;
}

/* Makes our own pipe wide for a stream with much. With the console: that may have to wait. */
static void widen_target(struct output *output, const struct stream *stream)
{
	bool *wide = &output->wide_target[is_stdout(stream) ? 0 : 1];

	if (*wide || stream->received <= WIDE_FROM)
		return;
	*wide = true;
	system_widen_pipe(stream->target, atomic_load(&output->wide_bytes));
}

/* Writes bytes beside the foot of the terminal. */
static int write_around_foot(void *target, const char *bytes, size_t length)
{
	const struct stream *stream = ((const struct tag_target *)target)->stream;

	return console_write(stream->target, bytes, length);
}

/* Writes what is kept of a stream, so much of it. With the console. */
static int write_stream(
    struct output *output, struct job_output *job, struct stream *stream, off_t length)
{
	struct tag_target to = {job, stream};
	const struct spool_sink sink = {.fd = stream->target,
	    .write = *job->colour                       ? colour_write
		     : stream->tag                      ? tag_write
		     : console_has_foot(stream->target) ? write_around_foot
							: NULL,
	    .context = &to};

	stream->lines = stream->lines > length ? stream->lines - length : 0;
	if (length > 0)
		job->stderr_last = stream == &job->streams[1];
	if (atomic_load(&job->discards) || atomic_load(&output->failed)) {
		spool_clear(&stream->spool);
		return 0;
	}
	widen_target(output, stream);
	return spool_hand_out(&stream->spool, length, &sink) == 0 ? 0 : fail(output);
}

/* How much of what is kept of a stream may go out now. */
static off_t may_pass(
    const struct output *output, const struct job_output *job, const struct stream *stream)
{
	if (output->options->recorded)
		return atomic_load(&output->failed) ? spool_size(&stream->spool) : 0;
	if (job->has_console)
		return spool_size(&stream->spool);
	if (job->held || !atomic_load(&job->has_turn))
		return 0;
	if (output->options->by_line)
		return stream->lines;
	return output->options->ordered && is_stdout(stream) ? spool_size(&stream->spool) : 0;
}

/* Tells the console of a part of a line that was passed on last, if it was one. With the console.
 */
static void note_line(struct stream *stream, bool is_part, enum console_line part)
{
	stream->left_line = is_part && part == LINE_UNFINISHED;
	console_set_line(stream->target, is_part ? part : LINE_OVER);
}

/* Passes on what may go of a stream. */
static int pass_on(struct output *output, struct job_output *job, struct stream *stream)
{
	off_t length = may_pass(output, job, stream);

	if (length == 0)
		return 0;
	if (!job->has_console)
		console_take();
	int result = write_stream(output, job, stream, length), error = errno;
	/* Lines that go one by one are whole ones, when something is left behind them. */
	if (!atomic_load(&job->discards))
		note_line(
		    stream, stream->open_line && spool_size(&stream->spool) == 0, LINE_UNFINISHED);
	if (job->has_console)
		console_yield();
	else
		console_release();
	errno = error;
	return result;
}

/* --- where there is no room --- */

/* The turn has come: passes on what was kept until now. */
static int take_turn(struct output *output, struct job_output *job)
{
	char byte;

	if (read(job->wake[0], &byte, 1) < 0 && errno != EAGAIN)
		message_errno("taking the turn to write");
	for (int i = 0; i < 2; i++)
		if (pass_on(output, job, &job->streams[i]) != 0)
			return -1;
	return 0;
}

/*
 * Looks which pipes of a job have no writer any more. When neither has one, what is left of the job
 * waits in them alone: its process is reaped, as the job that has the turn may need another one.
 * Returns whether it may end at any moment.
 */
static bool look_at_writers(struct job_output *job, struct pollfd fds[2])
{
	bool gone = true;

	for (int i = 0; i < 2; i++) {
		fds[i] = (struct pollfd){.fd = job->streams[i].pipe};
		gone &= fds[i].fd < 0 || (poll(&fds[i], 1, 0) > 0 && (fds[i].revents & POLLHUP));
		/* What is known is not waited for. */
		if (fds[i].revents)
			fds[i].fd = -1;
	}
	return gone && !process_reap(job->process);
}

/* Waits for the turn, or a while. The supervisor looks at the job that has it. */
static int await_turn(struct output *output, struct job_output *job)
{
	struct pollfd fds[3] = {{.fd = job->wake[0], .events = POLLIN}};
	bool ends = look_at_writers(job, &fds[1]);

	atomic_fetch_add(&output->stuck, 1);
	timer_set(output->stuck_timer, 0);
	int ready = poll(fds, 3, ends ? END_INTERVAL : ROOM_INTERVAL);
	atomic_fetch_sub(&output->stuck, 1);
	return ready > 0 && fds[0].revents ? take_turn(output, job) : 0;
}

bool output_is_stuck(const struct output *output)
{
	return atomic_load(&output->stuck) > 0;
}

/*
 * What the job prints can be kept neither in memory nor on the disk. It waits in its pipe until it
 * may be written: then the job has the console until it is over, for both of its streams, so that
 * it can always move on. A record needs all of it: that is the end of the run.
 */
static int wait_for_room(struct output *output, struct job_output *job, int reason)
{
	char folder[ESCAPED_NAME];

	if (output->options->recorded) {
		job->has_no_room = true;
		job->copy_error = reason;
		fail(output);
		errno = 0;
		return -1;
	}
	if (!atomic_flag_test_and_set(&output->warned))
		message("no room to keep the output of jobs in %s: %s; it waits until it can be "
			"passed on",
		    escape_name(folder, spool_folder()), strerror(reason));
	if (!atomic_load(&job->has_turn))
		return await_turn(output, job);
	console_take();
	job->has_console = true;
	return 0;
}

/* Gives back the console that was taken for want of room; what is kept goes out before. */
static int leave_room(struct output *output, struct job_output *job)
{
	int result = 0;

	for (int i = 0; i < 2 && result == 0; i++)
		result = pass_on(output, job, &job->streams[i]);
	int reason = errno;
	job->has_console = false;
	console_release();
	errno = reason;
	return result;
}

/* --- taking in --- */

/* The end of the last complete line. */
static void count_lines(struct stream *stream, const char *bytes, size_t length)
{
	const char *newline = memrchr(bytes, '\n', length);

	if (newline)
		stream->lines = spool_size(&stream->spool) - (bytes + length - newline - 1);
}

/* Keeps what was read, or passes it on. After a failure nothing counts any more. */
static int take_part(struct output *output, struct job_output *job, struct stream *stream,
    const char *bytes, size_t length)
{
	if (output->options->only_copied && stream->copy >= 0) {
		listeners_pass(&stream->spool, bytes, length);
		return 0;
	}
	for (;;) {
		size_t added = spool_add(&stream->spool, bytes, length);
		int reason = errno;
		if (added > 0)
			stream->open_line = bytes[added - 1] != '\n';
		if (output->options->by_line)
			count_lines(stream, bytes, added);
		if (pass_on(output, job, stream) != 0)
			return -1;
		bytes += added;
		length -= added;
		if (length == 0)
			return 0;
		/* A job that may pass everything on has just made room. */
		if (!job->has_console && wait_for_room(output, job, reason) != 0)
			return -1;
	}
}

/* Takes in what was read; where messages wait for a line to be over, up to there first. */
static int take_in(struct output *output, struct job_output *job, struct stream *stream,
    const char *bytes, size_t length)
{
	const char *newline;

	while (stream->left_line && console_waits_for_line(stream->target) &&
	       (newline = memchr(bytes, '\n', length))) {
		size_t part = (size_t)(newline - bytes) + 1;
		if (take_part(output, job, stream, bytes, part) != 0)
			return -1;
		bytes += part;
		length -= part;
	}
	return length > 0 ? take_part(output, job, stream, bytes, length) : 0;
}

/* Is all of the stream passed on as it comes, so that it need not be looked at? */
static bool goes_through(
    const struct output *output, const struct job_output *job, const struct stream *stream)
{
	const struct output_options *options = output->options;
	bool live = options->ordered && atomic_load(&job->has_turn) && is_stdout(stream);

	return live && stream->copy < 0 && !options->by_line && !options->recorded &&
	       !job->in_terminal && !job->has_console && !stream->tag && !*job->colour &&
	       !job->held && !atomic_load(&job->discards) && spool_size(&stream->spool) == 0 &&
	       !console_has_foot(stream->target) && !listeners_are_there();
}

/*
 * -k: moves what there is of a stream that has the turn to where it goes in the end, all but its
 * last byte: that is read next, and tells whether a line is over. Returns as read(2), and -1 when
 * it has to be read: it is kept, lines and tags are looked for, copies made, a write that fails is
 * to be said, messages wait for the end of a line, the terminal has a foot, or there is too little
 * to be worth it.
 */
static ssize_t move_stream(struct output *output, struct job_output *job, struct stream *stream)
{
	int held = 0;
	ssize_t got = -1;

	if (!goes_through(output, job, stream) || ioctl(stream->pipe, FIONREAD, &held) != 0 ||
	    held < MOVE_FROM || console_waits_for_line(stream->target))
		return -1;
	console_take();
	widen_target(output, stream);
	if (!atomic_load(&output->failed))
		got = system_pipe_to(stream->target, stream->pipe, (size_t)held - 1);
	if (got > 0) {
		listeners_pass(&stream->spool, NULL, (size_t)got);
		job->stderr_last = false;
		note_line(stream, true, LINE_UNFINISHED);
	}
	console_release();
	return got;
}

/* Copies what was read of a stream to where a copy goes; false the first time that this fails. */
static bool copy_out(
    struct job_output *job, struct stream *stream, const char *bytes, size_t length)
{
	if (stream->copy < 0 || io_write(stream->copy, bytes, length) == 0)
		return true;
	job->copy_error = errno;
	job_output_end_copies(job);
	return false;
}

/* Counts what has come of a stream. One with much gets a wide pipe. */
static void count_received(struct output *output, struct stream *stream, ssize_t got)
{
	stream->received += got;
	if (stream->received <= WIDE_FROM || stream->wide)
		return;
	stream->wide = true;
	system_widen_pipe(stream->pipe, atomic_load(&output->wide_bytes));
}

/* What is left of the stream cannot be read, with errno as the reason. */
static void lose_stream(struct job_output *job, struct stream *stream)
{
	if (job->read_error == 0)
		job->read_error = errno;
	job_output_end_stream(job, stream);
}

/* Reads a stream to a place with so much room. */
static int read_to(
    struct output *output, struct job_output *job, struct stream *stream, char *at, size_t room)
{
	ssize_t got = read(stream->pipe, at, room);

	if (got < 0 && errno != EINTR)
		lose_stream(job, stream);
	if (got == 0)
		job_output_end_stream(job, stream);
	if (got <= 0)
		return 0;
	count_received(output, stream, got);
	/* In a terminal both are one. */
	if (output->options->keeps_tail && (stream == &job->streams[1] || job->in_terminal))
		job_output_keep_tail(job, at, (size_t)got);
	bool copied = copy_out(job, stream, at, (size_t)got);
	if (take_in(output, job, stream, at, (size_t)got) != 0)
		return -1;
	errno = 0;
	return copied ? 0 : -1;
}

/* Reads what goes to a file. A function of its own, as a block takes memory where it stands. */
static __attribute__((noinline)) int read_by_block(
    struct output *output, struct job_output *job, struct stream *stream)
{
	char block[IO_BLOCK];

	return read_to(output, job, stream, block, sizeof block);
}

/* Takes in what there is of a stream. */
static int read_stream(struct output *output, struct job_output *job, struct stream *stream)
{
	ssize_t got = move_stream(output, job, stream);
	size_t room;

	if (got > 0)
		count_received(output, stream, got);
	if (got >= 0)
		return 0;
	char *at = spool_room(&stream->spool, &room);
	return at ? read_to(output, job, stream, at, room) : read_by_block(output, job, stream);
}

/* What poll(2) tells of a stream now; where it cannot, that it is to be read. */
static int look_at_stream(const struct stream *stream)
{
	struct pollfd now = {.fd = stream->pipe, .events = POLLIN};
	int ready;

	while ((ready = poll(&now, 1, 0)) < 0 && errno == EINTR)
		;
	return ready < 0 ? POLLIN : now.revents;
}

/*
 * The most, in bytes, that is taken in of a terminal when it is not waited for any longer: more
 * than it holds. It does not tell how much that is, only whether there is something.
 */
enum { TERMINAL_HOLDS = 65536 };

/* How much a stream has received when all is taken in that there is now. */
static off_t end_of_stream(const struct job_output *job, const struct stream *stream)
{
	int held = 0;

	if (job->in_terminal)
		return stream->received + TERMINAL_HOLDS;
	return stream->received + (ioctl(stream->pipe, FIONREAD, &held) == 0 ? held : 0);
}

/*
 * Does a process hold the other end of a stream? One of ours that has not come to its program yet
 * holds it for a moment, whichever job it is for: that is waited for, as it says nothing of the
 * job. Not for ever: others may be started all the time.
 */
static bool has_writer(const struct stream *stream)
{
	struct pollfd end = {.fd = stream->pipe};
	int64_t until_ms = clock_ms() + LAUNCH_TAKES;
	bool waits;

	do {
		waits = launch_is_under_way() && clock_ms() < until_ms;
		if (poll(&end, 1, waits ? LAUNCH_INTERVAL : 0) > 0 && (end.revents & POLLHUP))
			return false;
	} while (waits);
	return true;
}

/* Takes in what a pipe or terminal holds, but nothing that comes later. */
static int read_last(struct output *output, struct job_output *job, struct stream *stream)
{
	off_t end = end_of_stream(job, stream);

	while (stream->pipe >= 0 && stream->received < end &&
	       (!job->in_terminal || look_at_stream(stream) & POLLIN))
		if (read_stream(output, job, stream) != 0)
			return -1;
	job->cut |= stream->pipe >= 0 && has_writer(stream);
	job_output_end_stream(job, stream);
	return 0;
}

/*
 * A writer that is gone and nothing to read: EOF, without asking for it. A terminal may say so when
 * the last bytes have come just then: not any more when it is asked again.
 */
static bool is_at_end(const struct job_output *job, const struct stream *stream, short revents)
{
	return !(revents & POLLIN) && (!job->in_terminal || !(look_at_stream(stream) & POLLIN));
}

/* Takes in what there is of both streams. */
static int read_streams(
    struct output *output, struct job_output *job, const struct pollfd fds[2], bool abandoned)
{
	for (int i = 0; i < 2; i++) {
		struct stream *stream = &job->streams[i];
		if (fds[i].revents && is_at_end(job, stream, fds[i].revents))
			job_output_end_stream(job, stream);
		else if (fds[i].revents && read_stream(output, job, stream) != 0)
			return -1;
		if (abandoned && stream->pipe >= 0 && read_last(output, job, stream) != 0)
			return -1;
	}
	return 0;
}

/* How long, in ms, poll(2) may wait until `until_ms`. */
static int wait_ms(int64_t until_ms)
{
	int64_t left_ms = until_ms - clock_ms();

	if (until_ms == INT64_MAX)
		return -1;
	return left_ms < 0 ? 0 : left_ms < INT_MAX ? (int)left_ms : INT_MAX;
}

/* Waits until there is something of a job. Returns whether there is; what cannot be waited for is
 * lost. */
static bool await_output(struct job_output *job, struct pollfd *fds, nfds_t count, int64_t until_ms)
{
	int ready = poll(fds, count, wait_ms(until_ms));

	if (ready >= 0 || errno == EINTR)
		return ready >= 0;
	for (int i = 0; i < 2; i++)
		lose_stream(job, &job->streams[i]);
	return false;
}

int output_collect(struct output *output, struct job_output *job)
{
	const struct output_options *options = output->options;
	struct stream *streams = job->streams;
	int64_t until_ms = INT64_MAX;

	while (streams[0].pipe >= 0 || streams[1].pipe >= 0) {
		struct pollfd fds[] = {
		    {.fd = streams[0].pipe, .events = POLLIN},
		    {.fd = streams[1].pipe, .events = POLLIN},
		    {.fd = output->abandoned[0], .events = POLLIN},
		    {.fd = until_ms == INT64_MAX ? job->end : -1, .events = POLLIN},
		    {.fd = job->wake[0], .events = POLLIN},
		};
		if (!await_output(job, fds, options->ordered ? 5 : 4, until_ms))
			continue;
		if (fds[3].revents)
			until_ms = clock_ms() + options->linger_ms;
		if (fds[4].revents && take_turn(output, job) != 0)
			return -1;
		bool abandoned =
		    fds[2].revents != 0 || (until_ms != INT64_MAX && clock_ms() >= until_ms);
		if (read_streams(output, job, fds, abandoned) != 0)
			return -1;
	}
	return job->has_console ? leave_room(output, job) : 0;
}

void output_abandon(struct output *output)
{
	if (output->abandoned[1] >= 0 && io_wake(output->abandoned[1]) != 0)
		message_errno("giving up the output of jobs");
}

/* --- the end of a job --- */

int output_deliver(struct output *output, struct job_output *job)
{
	struct stream *streams = job->streams;
	int result = 0;

	if (output->options->recorded || atomic_load(&job->discards) ||
	    (job_output_is_empty(job) && !streams[0].left_line && !streams[1].left_line))
		return 0;
	console_take();
	for (int i = 0; i < 2 && result == 0; i++)
		result = write_stream(output, job, &streams[i], spool_size(&streams[i].spool));
	int reason = errno;
	/* Nothing follows of this job: its lines are over, whole or not. Where both go to one file,
	 * what was passed on last counts: it is noted last. */
	for (int i = 0; i < 2; i++) {
		struct stream *stream = &streams[job->stderr_last ? i : 1 - i];
		if (stream->received > 0)
			note_line(stream, stream->open_line, LINE_LEFT);
	}
	console_release();
	errno = reason;
	return result;
}

void output_rest(struct output *output)
{
	budget_rest(&output->budget);
}

bool output_has_failed(const struct output *output)
{
	return atomic_load(&output->failed);
}

bool output_has_left_file(const struct output *output)
{
	return atomic_load(&output->budget.file_left);
}

int output_line(struct output *output, int fd, const struct strlist *line)
{
	int result = 0;

	console_take();
	if (!atomic_load(&output->failed))
		result = console_write(fd, line->bytes, line->used - 1); /* without the NUL */
	if (result != 0)
		fail(output);
	int error = errno;
	console_release();
	errno = error;
	return result;
}

bool output_reader_gone(void)
{
	struct pollfd fds[] = {{.fd = STDOUT_FILENO}, {.fd = STDERR_FILENO}};

	return poll(fds, 2, 0) > 0 && ((fds[0].revents | fds[1].revents) & POLLERR);
}
