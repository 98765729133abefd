#include "output/output.h"

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/io.h"
#include "base/message.h"
#include "base/system.h"

/* How often, in ms, it is tried whether there is room again: the system does not tell. */
enum { ROOM_INTERVAL = 1000 };

/* Where tagged lines are put together: what goes out in one write. */
enum { TAGGED_BYTES = IO_BLOCK };

/* How much of a live stream is moved at a time. */
enum { LIVE_BYTES = 1024 * 1024 };

/*
 * A pipe that is full, or empty, makes two processes take turns: a job that prints more than
 * WIDE_FROM bytes gets pipes that hold up to WIDEST. But all pipes of a user share 64 MiB before
 * new ones become narrow (pipe(7)): those of all slots together take WIDE_TOTAL.
 */
enum { WIDE_FROM = 256 * 1024, WIDEST = 1024 * 1024, WIDE_TOTAL = 16 * 1024 * 1024 };

void output_init(struct output *output, const struct output_options *options)
{
	size_t first = (size_t)options->slots * 2 * SPOOL_FIRST;
	size_t half = options->buffer_bytes / 2;

	*output = (struct output){
	    .by_line = options->by_line,
	    .ordered = options->ordered,
	    .recorded = options->recorded,
	    .most_kept = half,
	    .turn = 1,
	    .abandoned = {-1, -1},
	};
	output_set_slots(output, options->slots);
	if (!options->ungroup && pipe2(output->abandoned, O_CLOEXEC) != 0)
		err(1, "preparing the output");
	atomic_flag_clear(&output->warned);
	pthread_mutex_init(&output->lock, NULL);
	TAILQ_INIT(&output->captures);
	/* With -k half of the memory is for the many small ones that wait for their turn. */
	size_t left = output->ordered ? half : options->buffer_bytes;
	budget_init(&output->budget, first < left / 2 ? left - first : left / 2);
}

void output_set_slots(struct output *output, unsigned slots)
{
	int wide = WIDEST;

	while ((size_t)wide * slots * 2 > WIDE_TOTAL)
		wide /= 2;
	atomic_store(&output->wide, wide);
}

void output_free(struct output *output)
{
	for (int i = 0; i < 2; i++)
		if (output->abandoned[i] >= 0)
			close(output->abandoned[i]);
	pthread_mutex_destroy(&output->lock);
	budget_free(&output->budget);
}

static bool has_turn(struct output *output, const struct job_output *capture)
{
	return atomic_load(&output->turn) == capture->turn;
}

bool output_has_turn(struct output *output, const struct job_output *capture)
{
	return !output->ordered || has_turn(output, capture);
}

static bool is_stdout(const struct stream *stream)
{
	return stream->target == STDOUT_FILENO;
}

/* Whose output, and which. */
struct destination {
	const struct job_output *capture;
	struct stream *stream;
};

/* Copies bytes. Lines and tags are short: calls of memcpy would take as long as all the rest. */
static void copy_short(char *to, const char *from, size_t length)
{
	uint64_t first, last;

	if (length < sizeof first || length > 2 * sizeof first) {
		memcpy(to, from, length);
		return;
	}
	memcpy(&first, from, sizeof first);
	memcpy(&last, from + length - sizeof last, sizeof last);
	memcpy(to, &first, sizeof first);
	memcpy(to + length - sizeof last, &last, sizeof last);
}

/* Writes bytes with the tag before each line. */
static int write_tagged(void *context, const char *bytes, size_t length)
{
	const struct job_output *capture = ((const struct destination *)context)->capture;
	struct stream *stream = ((const struct destination *)context)->stream;
	char buffer[TAGGED_BYTES];
	size_t used = 0;

	for (const char *end = bytes + length; bytes < end;) {
		const char *newline = memchr(bytes, '\n', (size_t)(end - bytes));
		size_t part = (size_t)((newline ? newline + 1 : end) - bytes);
		size_t tag = stream->mid_line ? 0 : capture->tag_length;
		bool fits = part <= sizeof buffer && tag <= sizeof buffer - part;
		if (!fits || tag + part > sizeof buffer - used) {
			if (io_write(stream->target, buffer, used) != 0)
				return -1;
			used = 0;
		}
		if (fits) {
			copy_short(buffer + used, capture->tag, tag);
			copy_short(buffer + used + tag, bytes, part);
			used += tag + part;
		} else if (io_write(stream->target, capture->tag, tag) != 0 ||
			   io_write(stream->target, bytes, part) != 0) {
			return -1;
		}
		stream->mid_line = newline == NULL;
		bytes += part;
	}
	return io_write(stream->target, buffer, used);
}

/* Nothing more is written. Returns -1, with errno the first time and 0 in it afterwards. */
static int fail(struct output *output)
{
	if (atomic_exchange(&output->failed, true))
		errno = 0;
	return -1;
}

/* Makes our own pipe wide for a stream with much. With the right to write: it may have to wait. */
static void widen_target(struct output *output, const struct stream *stream)
{
	bool *wide = &output->wide_target[is_stdout(stream) ? 0 : 1];

	if (*wide || stream->received <= WIDE_FROM)
		return;
	*wide = true;
	system_widen_pipe(stream->target, atomic_load(&output->wide));
}

/* Writes what is kept of a stream, so much of it. With the right to write. */
static int write_stream(
    struct output *output, struct job_output *capture, struct stream *stream, off_t length)
{
	struct destination to = {capture, stream};
	const struct spool_sink sink = {
	    .fd = stream->target, .write = capture->tag ? write_tagged : NULL, .context = &to};

	stream->lines = stream->lines > length ? stream->lines - length : 0;
	if (atomic_load(&output->failed)) {
		spool_clear(&stream->spool);
		return 0;
	}
	widen_target(output, stream);
	return spool_hand_out(&stream->spool, length, &sink) == 0 ? 0 : fail(output);
}

/* How much of what is kept of a stream may go out now. */
static off_t may_pass(
    struct output *output, const struct job_output *capture, const struct stream *stream)
{
	if (output->recorded)
		return atomic_load(&output->failed) ? spool_size(&stream->spool) : 0;
	if (capture->alone)
		return spool_size(&stream->spool);
	if (capture->held || !output_has_turn(output, capture))
		return 0;
	if (output->by_line)
		return stream->lines;
	return output->ordered && is_stdout(stream) ? spool_size(&stream->spool) : 0;
}

/* Passes on what may go of a stream. */
static int pass_on(struct output *output, struct job_output *capture, struct stream *stream)
{
	off_t length = may_pass(output, capture, stream);

	if (length == 0)
		return 0;
	if (!capture->alone)
		console_take();
	int result = write_stream(output, capture, stream, length);
	if (!capture->alone)
		console_release();
	return result;
}

/* Tells the thread of a capture that its turn has come. With the lock held. */
static void wake(const struct job_output *capture)
{
	if (capture->wake[1] >= 0 && write(capture->wake[1], "", 1) < 0 && errno != EAGAIN)
		message_errno("passing on the turn to write");
}

/* The turn has come: passes on what was kept until now. */
static int take_turn(struct output *output, struct job_output *capture)
{
	char byte;

	if (read(capture->wake[0], &byte, 1) < 0 && errno != EAGAIN)
		message_errno("taking the turn to write");
	for (int i = 0; i < 2; i++)
		if (pass_on(output, capture, &capture->streams[i]) != 0)
			return -1;
	return 0;
}

/* Waits for the turn, or a while. */
static int await_turn(struct output *output, struct job_output *capture)
{
	struct pollfd end = {.fd = capture->wake[0], .events = POLLIN};

	if (output->stuck)
		output->stuck(output->stuck_context);
	return poll(&end, 1, ROOM_INTERVAL) == 1 ? take_turn(output, capture) : 0;
}

/*
 * What the job prints can be kept neither in memory nor on the disk. It waits in its pipe until it
 * may be written: then the job has that right until it is complete, for both of its streams, so
 * that it can always move on. A record needs all of it: that is the end of the run.
 */
static int wait_for_room(struct output *output, struct job_output *capture, int reason)
{
	if (output->recorded) {
		errno = reason;
		return fail(output);
	}
	if (!atomic_flag_test_and_set(&output->warned))
		message(
		    "no room to keep the output of jobs: %s; it waits until it can be passed on",
		    strerror(reason));
	if (!output_has_turn(output, capture))
		return await_turn(output, capture);
	console_take();
	capture->alone = true;
	return 0;
}

/* The end of the last complete line. */
static void count_lines(struct stream *stream, const char *bytes, size_t length)
{
	const char *newline = memrchr(bytes, '\n', length);

	if (newline)
		stream->lines = spool_size(&stream->spool) - (bytes + length - newline - 1);
}

/* Keeps what was read, or passes it on. After a failure nothing counts any more. */
static int take_in(struct output *output, struct job_output *capture, struct stream *stream,
    const char *bytes, size_t length)
{
	for (;;) {
		size_t added = spool_add(&stream->spool, bytes, length);
		int reason = errno;
		if (output->by_line)
			count_lines(stream, bytes, added);
		if (pass_on(output, capture, stream) != 0)
			return -1;
		bytes += added;
		length -= added;
		if (length == 0)
			return 0;
		/* Whoever may pass everything on has just made room. */
		if (!capture->alone && wait_for_room(output, capture, reason) != 0)
			return -1;
	}
}

/*
 * -k: moves what there is of a stream whose turn it is to where it goes in the end, without looking
 * at it. Returns as read(2), and -1 when it has to be read: it is kept, lines and tags are looked
 * for, copies made, or a write that fails is to be said. (A pipe is moved into a file page by page:
 * that takes three times as long as to read and write it.)
 */
static ssize_t move_stream(struct output *output, struct job_output *capture, struct stream *stream)
{
	bool live = output->ordered && has_turn(output, capture) && is_stdout(stream);
	ssize_t got = -1;

	if (!live || stream->copy >= 0 || output->by_line || output->recorded || capture->alone ||
	    capture->tag || capture->held || spool_size(&stream->spool) > 0)
		return -1;
	console_take();
	widen_target(output, stream);
	if (!atomic_load(&output->failed))
		got = system_pipe_to(stream->target, stream->pipe, LIVE_BYTES);
	console_release();
	return got;
}

/* Copies what was read of a stream to where a copy goes; false the first time that this fails. */
static bool copy_out(
    struct job_output *capture, struct stream *stream, const char *bytes, size_t length)
{
	if (stream->copy < 0 || io_write(stream->copy, bytes, length) == 0)
		return true;
	capture->copy_error = errno;
	job_output_end_copies(capture);
	return false;
}

/* Counts what has come of a stream. One with much gets a wide pipe. */
static void count_received(struct output *output, struct stream *stream, ssize_t got)
{
	stream->received += got;
	if (stream->received <= WIDE_FROM || stream->wide)
		return;
	stream->wide = true;
	system_widen_pipe(stream->pipe, atomic_load(&output->wide));
}

/* Reads a stream to a place with so much room. */
static int read_to(
    struct output *output, struct job_output *capture, struct stream *stream, char *at, size_t room)
{
	ssize_t got = read(stream->pipe, at, room);

	if (got < 0 && errno != EINTR)
		err(1, "reading the output of job %llu", (unsigned long long)capture->seq);
	if (got == 0)
		job_output_end_stream(stream);
	if (got <= 0)
		return 0;
	count_received(output, stream, got);
	bool copied = copy_out(capture, stream, at, (size_t)got);
	if (take_in(output, capture, stream, at, (size_t)got) != 0)
		return -1;
	errno = 0;
	return copied ? 0 : -1;
}

/* The same, on its way to a file. Apart, as a block takes memory also where it is not used. */
static __attribute__((noinline)) int read_by_block(
    struct output *output, struct job_output *capture, struct stream *stream)
{
	char block[IO_BLOCK];

	return read_to(output, capture, stream, block, sizeof block);
}

/* Takes in what there is of a stream. */
static int read_stream(struct output *output, struct job_output *capture, struct stream *stream)
{
	ssize_t got = move_stream(output, capture, stream);
	size_t room;

	if (got > 0)
		count_received(output, stream, got);
	else if (got == 0)
		job_output_end_stream(stream);
	if (got >= 0)
		return 0;
	char *at = spool_room(&stream->spool, &room);
	return at ? read_to(output, capture, stream, at, room)
		  : read_by_block(output, capture, stream);
}

/* Takes in what a pipe holds, but nothing that comes later. */
static int read_last(struct output *output, struct job_output *capture, struct stream *stream)
{
	int held = 0;
	off_t end = stream->received + (ioctl(stream->pipe, FIONREAD, &held) == 0 ? held : 0);

	while (stream->pipe >= 0 && stream->received < end)
		if (read_stream(output, capture, stream) != 0)
			return -1;
	job_output_end_stream(stream);
	return 0;
}

/* Gives back the right to write that was taken for want of room; what is kept goes out with it. */
static int leave_room(struct output *output, struct job_output *capture)
{
	int result = output_deliver(output, capture);
	int reason = errno;

	capture->alone = false;
	console_release();
	errno = reason;
	return result;
}

void output_abandon(struct output *output)
{
	if (output->abandoned[1] >= 0 && write(output->abandoned[1], "", 1) < 0)
		message_errno("giving up the output of jobs");
}

/* Takes in what there is of both streams. */
static int read_streams(
    struct output *output, struct job_output *capture, const struct pollfd fds[2], bool abandoned)
{
	for (int i = 0; i < 2; i++) {
		struct stream *stream = &capture->streams[i];
		/* A writer that is gone and nothing to read: EOF, without asking for it. */
		if (fds[i].revents && !(fds[i].revents & POLLIN))
			job_output_end_stream(stream);
		else if (fds[i].revents && read_stream(output, capture, stream) != 0)
			return -1;
		if (abandoned && stream->pipe >= 0 && read_last(output, capture, stream) != 0)
			return -1;
	}
	return 0;
}

int output_collect(struct output *output, struct job_output *capture)
{
	struct stream *streams = capture->streams;

	while (streams[0].pipe >= 0 || streams[1].pipe >= 0) {
		struct pollfd fds[] = {
		    {.fd = streams[0].pipe, .events = POLLIN},
		    {.fd = streams[1].pipe, .events = POLLIN},
		    {.fd = output->abandoned[0], .events = POLLIN},
		    {.fd = capture->wake[0], .events = POLLIN},
		};
		if (poll(fds, output->ordered ? 4 : 3, -1) < 0) {
			if (errno == EINTR)
				continue;
			err(1, "waiting for the output of job %llu",
			    (unsigned long long)capture->seq);
		}
		if (fds[3].revents && take_turn(output, capture) != 0)
			return -1;
		if (read_streams(output, capture, fds, fds[2].revents != 0) != 0)
			return -1;
	}
	return capture->alone ? leave_room(output, capture) : 0;
}

int output_deliver(struct output *output, struct job_output *capture)
{
	int result = 0;

	if (output->recorded || job_output_is_empty(capture))
		return 0;
	console_take();
	for (int i = 0; i < 2 && result == 0; i++)
		result = write_stream(
		    output, capture, &capture->streams[i], spool_size(&capture->streams[i].spool));
	int reason = errno;
	console_release();
	errno = reason;
	return result;
}

void output_begin(struct output *output, struct job_output *capture)
{
	pthread_mutex_lock(&output->lock);
	/* Jobs begin nearly in their order: the place is near the end. */
	struct job_output *before = TAILQ_LAST(&output->captures, job_outputs);
	while (before && before->turn > capture->turn)
		before = TAILQ_PREV(before, job_outputs, next);
	if (before)
		TAILQ_INSERT_AFTER(&output->captures, before, capture, next);
	else
		TAILQ_INSERT_HEAD(&output->captures, capture, next);
	capture->listed = true;
	pthread_mutex_unlock(&output->lock);
}

void output_set_wake(struct output *output, struct job_output *capture, const int ends[2])
{
	pthread_mutex_lock(&output->lock);
	capture->wake[0] = ends ? ends[0] : -1;
	capture->wake[1] = ends ? ends[1] : -1;
	/* What an earlier attempt has printed may be waiting since then. */
	if (has_turn(output, capture) && !job_output_is_empty(capture))
		wake(capture);
	pthread_mutex_unlock(&output->lock);
}

/* The memory that a capture takes outside of the budget. */
static size_t outside(const struct job_output *capture)
{
	size_t bytes = capture->job_bytes;

	for (int i = 0; i < 2; i++)
		bytes += spool_outside(&capture->streams[i].spool);
	return bytes;
}

static unsigned files(const struct job_output *capture)
{
	return (capture->streams[0].spool.file >= 0 ? 1U : 0) +
	       (capture->streams[1].spool.file >= 0 ? 1U : 0);
}

bool output_turn_is_idle(struct output *output)
{
	pthread_mutex_lock(&output->lock);
	const struct job_output *first = TAILQ_FIRST(&output->captures);
	bool idle = first && has_turn(output, first) && !first->complete && first->wake[1] < 0;
	pthread_mutex_unlock(&output->lock);
	return idle;
}

void output_complete(struct output *output, struct job_output *capture)
{
	pthread_mutex_lock(&output->lock);
	capture->complete = true;
	if (!has_turn(output, capture))
		for (int i = 0; i < 2; i++)
			spool_trim(&capture->streams[i].spool);
	atomic_fetch_add(&output->kept, outside(capture));
	atomic_fetch_add(&output->kept_files, files(capture));
	pthread_mutex_unlock(&output->lock);
}

void output_withdraw(struct output *output, struct job_output *capture)
{
	pthread_mutex_lock(&output->lock);
	TAILQ_REMOVE(&output->captures, capture, next);
	capture->listed = false;
	pthread_mutex_unlock(&output->lock);
}

struct job_output *output_next(struct output *output, bool past_gaps)
{
	pthread_mutex_lock(&output->lock);
	struct job_output *first = TAILQ_FIRST(&output->captures);
	if (past_gaps && first)
		atomic_store(&output->turn, first->turn);
	else if (first && (output->delivering || !first->complete || !has_turn(output, first)))
		first = NULL;
	if (first) {
		TAILQ_REMOVE(&output->captures, first, next);
		output->delivering = true;
	}
	if (first && first->complete) {
		atomic_fetch_sub(&output->kept, outside(first));
		atomic_fetch_sub(&output->kept_files, files(first));
	}
	pthread_mutex_unlock(&output->lock);
	return first;
}

void output_advance(struct output *output)
{
	pthread_mutex_lock(&output->lock);
	output->delivering = false;
	atomic_fetch_add(&output->turn, 1);
	struct job_output *first = TAILQ_FIRST(&output->captures);
	if (first && !first->complete && has_turn(output, first))
		wake(first);
	pthread_mutex_unlock(&output->lock);
}

bool output_is_full(const struct output *output)
{
	return atomic_load(&output->kept) > output->most_kept ||
	       atomic_load(&output->kept_files) > output->most_files;
}

void output_rest(struct output *output)
{
	budget_rest(&output->budget);
}

bool output_has_failed(const struct output *output)
{
	return atomic_load(&output->failed);
}

int output_line(struct output *output, int fd, const struct strlist *line)
{
	int result = 0;

	console_take();
	if (!atomic_load(&output->failed))
		result = io_write(fd, line->bytes, line->used - 1); /* without the NUL */
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
