#include "output/job_output.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

void job_output_init(struct job_output *capture, struct memory_budget *budget)
{
	*capture = (struct job_output){.wake = {-1, -1}};
	for (int i = 0; i < 2; i++) {
		capture->streams[i].pipe = capture->streams[i].copy = -1;
		capture->streams[i].target = i == 0 ? STDOUT_FILENO : STDERR_FILENO;
		spool_init(&capture->streams[i].spool, budget);
	}
}

int job_output_open(struct job_output *capture, int write_ends[2])
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

void job_output_end_stream(struct stream *stream)
{
	if (stream->pipe >= 0)
		close(stream->pipe);
	stream->pipe = -1;
}

void job_output_end_copies(struct job_output *capture)
{
	for (int i = 0; i < 2; i++) {
		if (capture->streams[i].copy >= 0)
			close(capture->streams[i].copy);
		capture->streams[i].copy = -1;
	}
}

bool job_output_is_empty(const struct job_output *capture)
{
	return spool_size(&capture->streams[0].spool) == 0 &&
	       spool_size(&capture->streams[1].spool) == 0;
}

void job_output_drop(struct job_output *capture)
{
	for (int i = 0; i < 2; i++) {
		spool_clear(&capture->streams[i].spool);
		capture->streams[i].lines = 0;
		capture->streams[i].received = 0;
	}
}

void job_output_clear(struct job_output *capture)
{
	for (int i = 0; i < 2; i++) {
		struct stream *stream = &capture->streams[i];
		job_output_end_stream(stream);
		spool_clear(&stream->spool);
		stream->received = stream->lines = 0;
		stream->mid_line = false;
	}
	job_output_end_copies(capture);
	capture->copy_error = 0;
	capture->held = capture->alone = capture->listed = capture->complete = false;
}

void job_output_free(struct job_output *capture)
{
	job_output_clear(capture);
	for (int i = 0; i < 2; i++)
		spool_free(&capture->streams[i].spool);
}
