#include "capture.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

void capture_init(struct capture *capture, struct reserve *reserve)
{
	*capture = (struct capture){.wake = {-1, -1}};
	for (int i = 0; i < 2; i++) {
		capture->streams[i].pipe = capture->streams[i].copy = -1;
		capture->streams[i].target = i == 0 ? STDOUT_FILENO : STDERR_FILENO;
		store_init(&capture->streams[i].store, reserve);
	}
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
	capture->streams[0].wide = capture->streams[1].wide = false;
	capture->streams[0].pipe = out[0];
	capture->streams[1].pipe = error[0];
	write_ends[0] = out[1];
	write_ends[1] = error[1];
	return 0;
}

void capture_end_stream(struct stream *stream)
{
	if (stream->pipe >= 0)
		close(stream->pipe);
	stream->pipe = -1;
}

void capture_end_copies(struct capture *capture)
{
	for (int i = 0; i < 2; i++) {
		if (capture->streams[i].copy >= 0)
			close(capture->streams[i].copy);
		capture->streams[i].copy = -1;
	}
}

bool capture_is_empty(const struct capture *capture)
{
	return store_size(&capture->streams[0].store) == 0 &&
	       store_size(&capture->streams[1].store) == 0;
}

void capture_drop(struct capture *capture)
{
	for (int i = 0; i < 2; i++) {
		store_clear(&capture->streams[i].store);
		capture->streams[i].lines = 0;
		capture->streams[i].received = 0;
	}
}

void capture_clear(struct capture *capture)
{
	for (int i = 0; i < 2; i++) {
		struct stream *stream = &capture->streams[i];
		capture_end_stream(stream);
		store_clear(&stream->store);
		stream->received = stream->lines = 0;
		stream->mid_line = false;
	}
	capture_end_copies(capture);
	capture->copy_error = 0;
	capture->held = capture->alone = capture->listed = capture->complete = false;
}

void capture_free(struct capture *capture)
{
	capture_clear(capture);
	for (int i = 0; i < 2; i++)
		store_free(&capture->streams[i].store);
}
