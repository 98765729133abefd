#include "output/job_output.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/io.h"
#include "base/system_pty.h"
#include "output/listener.h"

void job_output_init(struct job_output *output, struct memory_budget *budget)
{
	*output = (struct job_output){.end = -1, .wake = {-1, -1}};
	lock_init(&output->lock, LOCK_TERMINAL);
	atomic_init(&output->has_turn, false);
	atomic_init(&output->discards, false);
	for (int i = 0; i < 2; i++) {
		output->streams[i].pipe = output->streams[i].copy = -1;
		output->streams[i].target = i == 0 ? STDOUT_FILENO : STDERR_FILENO;
		spool_init(&output->streams[i].spool, budget);
	}
}

/* Opens a pipe for each stream. */
static int open_pipes(struct job_output *output, int write_ends[2])
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
	output->streams[0].pipe = out[0];
	output->streams[1].pipe = error[0];
	write_ends[0] = out[1];
	write_ends[1] = error[1];
	return 0;
}

/* Opens a terminal that is both. */
static int open_terminal(struct job_output *output, int write_ends[2])
{
	int ends[2];

	if (system_open_pty(terminal_own_size(), ends) != 0)
		return -1;
	output->streams[0].pipe = ends[0];
	write_ends[0] = write_ends[1] = ends[1];
	return 0;
}

int job_output_open(struct job_output *output, bool in_terminal, int write_ends[2])
{
	output->streams[0].wide = output->streams[1].wide = false;
	output->cut = false;
	output->read_error = 0;
	output->tail_bytes = 0;
	output->in_terminal = in_terminal;
	return in_terminal ? open_terminal(output, write_ends) : open_pipes(output, write_ends);
}

void job_output_started(const int write_ends[2])
{
	close(write_ends[0]);
	if (write_ends[1] != write_ends[0])
		close(write_ends[1]);
}

void job_output_begin(struct job_output *output, const char *line, size_t length)
{
	struct stream *stream = &output->streams[0];

	if (spool_size(&stream->spool) > 0)
		return;
	stream->lines = (off_t)spool_add(&stream->spool, line, length);
}

void job_output_begin_copy(struct job_output *output, const char *line, size_t length)
{
	if (io_write(output->streams[0].copy, line, length) != 0 && !output->copy_error)
		output->copy_error = errno;
}

void job_output_end_stream(struct job_output *output, struct stream *stream)
{
	if (output->in_terminal)
		lock_take(&output->lock);
	if (stream->pipe >= 0)
		close(stream->pipe);
	stream->pipe = -1;
	if (output->in_terminal)
		lock_release(&output->lock);
}

bool job_output_resize(struct job_output *output, struct terminal_size size)
{
	bool changes = false;

	lock_take(&output->lock);
	int terminal = output->streams[0].pipe;
	if (output->in_terminal && terminal >= 0) {
		struct terminal_size before = terminal_size(terminal);
		changes = before.rows != size.rows || before.columns != size.columns;
	}
	changes = changes && system_resize_pty(terminal, size) == 0;
	lock_release(&output->lock);
	return changes;
}

void job_output_end_copies(struct job_output *output)
{
	for (int i = 0; i < 2; i++) {
		/* Some file systems say only now that there was no room. */
		if (output->streams[i].copy >= 0 && close(output->streams[i].copy) != 0 &&
		    output->copy_error == 0)
			output->copy_error = errno;
		output->streams[i].copy = -1;
	}
}

void job_output_keep_tail(struct job_output *output, const char *bytes, size_t length)
{
	size_t added = length < OUTPUT_TAIL ? length : OUTPUT_TAIL;
	size_t kept = output->tail_bytes;

	if (!output->tail)
		output->tail = malloc(OUTPUT_TAIL);
	if (!output->tail)
		return;
	if (kept > OUTPUT_TAIL - added) {
		size_t dropped = kept - (OUTPUT_TAIL - added);
		kept -= dropped;
		memmove(output->tail, output->tail + dropped, kept);
	}
	memcpy(output->tail + kept, bytes + length - added, added);
	output->tail_bytes = kept + added;
}

void job_output_let_listen(const struct job_output *output, uint64_t seq)
{
	listeners_join(seq, &output->streams[0].spool, &output->streams[1].spool);
}

bool job_output_is_empty(const struct job_output *output)
{
	return spool_size(&output->streams[0].spool) == 0 &&
	       spool_size(&output->streams[1].spool) == 0;
}

void job_output_drop(struct job_output *output)
{
	for (int i = 0; i < 2; i++) {
		spool_clear(&output->streams[i].spool);
		output->streams[i].lines = 0;
		output->streams[i].received = 0;
	}
}

void job_output_clear(struct job_output *output)
{
	for (int i = 0; i < 2; i++) {
		struct stream *stream = &output->streams[i];
		job_output_end_stream(output, stream);
		spool_begin(&stream->spool);
		stream->received = stream->lines = 0;
		stream->open_line = stream->tagged_line = stream->left_line = false;
	}
	job_output_end_copies(output);
	output->copy_error = 0;
	output->has_no_room = false;
	output->tail_bytes = 0;
	output->process = NULL;
	output->held = output->has_console = output->stderr_last = false;
	atomic_store(&output->discards, false);
	atomic_store(&output->has_turn, false);
}

void job_output_give_turn(struct job_output *output)
{
	atomic_store(&output->has_turn, true);
	if (output->wake[1] >= 0)
		io_wake(output->wake[1]);
}

size_t job_output_outside(const struct job_output *output)
{
	return spool_outside(&output->streams[0].spool) + spool_outside(&output->streams[1].spool) +
	       (output->tail ? OUTPUT_TAIL : 0);
}

unsigned job_output_files(const struct job_output *output)
{
	return (output->streams[0].spool.file >= 0 ? 1U : 0) +
	       (output->streams[1].spool.file >= 0 ? 1U : 0);
}

void job_output_trim(struct job_output *output)
{
	for (int i = 0; i < 2; i++)
		spool_trim(&output->streams[i].spool);
}

void job_output_free(struct job_output *output)
{
	job_output_clear(output);
	for (int i = 0; i < 2; i++)
		spool_free(&output->streams[i].spool);
	free(output->tail);
	output->tail = NULL;
	lock_destroy(&output->lock);
}
