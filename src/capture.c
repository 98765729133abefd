#include "capture.h"

#include <errno.h>
#include <fcntl.h>
#include <paths.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "transfer.h"

/* What a stream begins with, and keeps from job to job outside the budget: a page. */
enum { FIRST = 4096 };

void capture_init(struct capture *capture, atomic_size_t *budget)
{
	for (int i = 0; i < 2; i++)
		capture->streams[i] = (struct stream){.fd = -1, .spill = -1};
	capture->budget = budget;
}

int capture_open(struct capture *capture, int write_ends[2])
{
	int out[2], error[2];

	if (pipe2(out, O_CLOEXEC) != 0)
		return -1;
	if (pipe2(error, O_CLOEXEC) != 0) {
		int reason = errno;
		close(out[0]);
		close(out[1]);
		errno = reason;
		return -1;
	}
	capture->streams[0].fd = out[0];
	capture->streams[1].fd = error[0];
	write_ends[0] = out[1];
	write_ends[1] = error[1];
	return 0;
}

/* Takes `bytes` from the budget, if they are there. */
static bool take(atomic_size_t *budget, size_t bytes)
{
	size_t left = atomic_load(budget);

	do {
		if (left < bytes)
			return false;
	} while (!atomic_compare_exchange_weak(budget, &left, left - bytes));
	return true;
}

/* Doubles a stream's memory, if the budget allows. */
static bool grow(struct capture *capture, struct stream *stream)
{
	size_t room = stream->room ? stream->room * 2 : FIRST;
	size_t more = stream->room;

	if (!take(capture->budget, more))
		return false;
	char *memory = realloc(stream->memory, room);
	if (!memory) {
		atomic_fetch_add(capture->budget, more);
		return false;
	}
	stream->memory = memory;
	stream->room = room;
	return true;
}

/* A file without a name: nothing is left behind, however pexec ends. */
static int open_spill(void)
{
	const char *folder = getenv("TMPDIR");
	char *name = NULL;
	int fd;

	if (!folder || !*folder)
		folder = _PATH_TMP;
#ifdef O_TMPFILE
	fd = open(folder, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
	if (fd >= 0)
		return fd;
#endif
	if (asprintf(&name, "%s/pexec.XXXXXX", folder) < 0)
		return -1;
	fd = mkostemp(name, O_CLOEXEC);
	if (fd >= 0)
		unlink(name);
	free(name);
	return fd;
}

/* Reads a block of a stream that does not fit into memory any more into its file. */
static ssize_t read_to_spill(struct stream *stream)
{
	char block[TRANSFER_BLOCK];

	if (stream->spill < 0 && (stream->spill = open_spill()) < 0)
		return -1;
	ssize_t got = read(stream->fd, block, sizeof block);
	if (got > 0 && transfer_write(stream->spill, block, (size_t)got) != 0)
		return -1;
	stream->spilled += got > 0 ? got : 0;
	return got;
}

/* Reads a block of a stream. Returns as read(2). */
static ssize_t read_block(struct capture *capture, struct stream *stream)
{
	bool full = stream->used == stream->room;

	if (stream->spill >= 0 || (full && !grow(capture, stream)))
		return read_to_spill(stream);
	ssize_t got = read(stream->fd, stream->memory + stream->used, stream->room - stream->used);
	stream->used += got > 0 ? (size_t)got : 0;
	return got;
}

static void close_stream(struct stream *stream)
{
	if (stream->fd >= 0)
		close(stream->fd);
	stream->fd = -1;
}

int capture_collect(struct capture *capture)
{
	struct stream *streams = capture->streams;

	while (streams[0].fd >= 0 || streams[1].fd >= 0) {
		struct pollfd fds[] = {
		    {.fd = streams[0].fd, .events = POLLIN},
		    {.fd = streams[1].fd, .events = POLLIN},
		};
		if (poll(fds, 2, -1) < 0 && errno != EINTR)
			return -1;
		for (int i = 0; i < 2; i++) {
			if (fds[i].revents == 0)
				continue;
			ssize_t got = 1;
			/* A writer that is gone and nothing to read: EOF, without asking for it. */
			if (!(fds[i].revents & POLLIN) ||
			    (got = read_block(capture, &streams[i])) == 0)
				close_stream(&streams[i]);
			if (got < 0 && errno != EINTR) {
				int reason = errno;
				close_stream(&streams[0]);
				close_stream(&streams[1]);
				errno = reason;
				return -1;
			}
		}
	}
	return 0;
}

void capture_clear(struct capture *capture)
{
	for (int i = 0; i < 2; i++) {
		struct stream *stream = &capture->streams[i];
		close_stream(stream);
		if (stream->spill >= 0)
			close(stream->spill);
		stream->spill = -1;
		stream->spilled = 0;
		stream->used = 0;
		if (stream->room > FIRST) {
			atomic_fetch_add(capture->budget, stream->room - FIRST);
			free(stream->memory);
			stream->memory = NULL;
			stream->room = 0;
		}
	}
}

void capture_free(struct capture *capture)
{
	capture_clear(capture);
	for (int i = 0; i < 2; i++)
		free(capture->streams[i].memory);
}
