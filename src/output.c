#include "output.h"

#include <errno.h>
#include <poll.h>
#include <unistd.h>

#include "transfer.h"

void output_init(struct output *output)
{
	pthread_mutex_init(&output->lock, NULL);
	output->failed = false;
}

static bool is_empty(const struct stream *stream)
{
	return stream->used == 0 && stream->spilled == 0;
}

static int write_stream(const struct stream *stream, int fd)
{
	if (transfer_write(fd, stream->memory, stream->used) != 0)
		return -1;
	return stream->spilled > 0 ? transfer_file(stream->spill, stream->spilled, fd) : 0;
}

int output_deliver(struct output *output, const struct capture *capture)
{
	int result = 0, error = 0;

	if (is_empty(&capture->streams[0]) && is_empty(&capture->streams[1]))
		return 0;
	pthread_mutex_lock(&output->lock);
	if (output->failed)
		result = -1;
	else if (write_stream(&capture->streams[0], STDOUT_FILENO) != 0 ||
		 write_stream(&capture->streams[1], STDERR_FILENO) != 0) {
		result = -1;
		error = errno;
		output->failed = true;
	}
	pthread_mutex_unlock(&output->lock);
	errno = error;
	return result;
}

int output_line(struct output *output, int fd, const struct words *line)
{
	struct capture capture = {0};
	struct stream *stream = &capture.streams[fd == STDOUT_FILENO ? 0 : 1];

	stream->memory = line->bytes;
	stream->used = line->used - 1; /* without the NUL */
	return output_deliver(output, &capture);
}

bool output_reader_gone(void)
{
	struct pollfd fds[] = {{.fd = STDOUT_FILENO}, {.fd = STDERR_FILENO}};

	return poll(fds, 2, 0) > 0 && ((fds[0].revents | fds[1].revents) & POLLERR);
}
