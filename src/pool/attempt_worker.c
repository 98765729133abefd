#include "pool/attempt_worker.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/io.h"
#include "base/message.h"
#include "base/system_pipes.h"
#include "pool/attempt_end.h"
#include "pool/attempt_events.h"
#include "pool/complaint.h"

/* An answer is no longer than this, in bytes. */
enum { MOST_ANSWER = 1024 * 1024 };

/* What is read of an answer at a time. */
enum { PART = 4096 };

/* --- the beginning --- */

static void close_pair(const int ends[2])
{
	int error = errno;

	close(ends[0]);
	close(ends[1]);
	errno = error;
}

enum start attempt_worker_start(struct attempt *attempt, struct job *job, const char *path)
{
	struct worker *worker = &attempt->worker;
	int in[2], out[2];

	if (pipe2(in, O_CLOEXEC) != 0)
		return CANNOT_START;
	if (pipe2(out, O_CLOEXEC) != 0) {
		close_pair(in);
		return CANNOT_START;
	}
	/* Ours alone: the other ends are other descriptions. */
	fcntl(in[1], F_SETFL, O_NONBLOCK);
	fcntl(out[0], F_SETFL, O_NONBLOCK);
	enum start started = attempt_start_process(attempt, job, path, in[0], (int[2]){out[1], -1});
	if (started != STARTED) {
		close_pair(in);
		close_pair(out);
		return started;
	}
	close(in[0]);
	close(out[1]);
	worker->lives = true;
	worker->in = in[1];
	worker->out = out[0];
	worker->began_s = attempt->began_s;
	return STARTED;
}

/* --- a block, and its answer --- */

/* What has come of a block. */
enum reply {
	REPLY_ANSWER,  /* a line */
	REPLY_NONE,    /* the process has ended, or closed its output */
	REPLY_ENDLESS, /* more than a line may have */
	REPLY_NO_ROOM  /* in memory */
};

/* Reads what there is of the answer. Returns whether more is to come. */
static bool read_answer(struct worker *worker, enum reply *reply)
{
	char bytes[PART];
	ssize_t got = read(worker->out, bytes, sizeof bytes);

	if (got < 0 && (errno == EAGAIN || errno == EINTR))
		return true;
	if (got <= 0) {
		*reply = REPLY_NONE;
		return false;
	}
	strlist_append(&worker->answer, bytes, (size_t)got);
	if (worker->answer.used > MOST_ANSWER)
		*reply = REPLY_ENDLESS;
	if (strlist_failed(&worker->answer))
		*reply = REPLY_NO_ROOM;
	return !memchr(bytes, '\n', (size_t)got);
}

/* Writes what there is room for. Returns whether more is to be written; sets `*error` where the
 * block cannot be read. */
static bool write_block(struct worker *worker, const struct block *block, size_t *fed, int *error)
{
	if (block_feed(block, fed, worker->in) == 0)
		return false;
	if (errno == EAGAIN || errno == EINTR)
		return true;
	/* It may have what it needs, and answer all the same. */
	if (errno == EPIPE)
		worker->has_left = true;
	else
		*error = errno;
	return false;
}

/*
 * Writes the block, `*written` bytes of it at last, and reads the answer, which may begin before
 * all is written. Sets `*error` to why the block could not be read.
 */
static enum reply exchange(
    struct worker *worker, const struct block *block, int *error, size_t *written)
{
	struct pollfd fds[] = {
	    {.fd = worker->out, .events = POLLIN}, {.fd = worker->in, .events = POLLOUT}};
	enum reply reply = REPLY_ANSWER;

	*written = 0;
	strlist_clear(&worker->answer);
	while (reply == REPLY_ANSWER && !*error && (fds[0].fd >= 0 || fds[1].fd >= 0)) {
		io_await(fds, 2, -1);
		if (fds[1].revents && !write_block(worker, block, written, error))
			fds[1].fd = -1;
		if (fds[0].revents && !read_answer(worker, &reply))
			fds[0].fd = -1;
	}
	return reply;
}

/* --- the end --- */

/* Closes the pipes, and waits for the process. Returns the errno of its exec, as process_wait. */
static int await_end(struct attempt *attempt, int *status, struct rusage *usage)
{
	struct worker *worker = &attempt->worker;
	double began_s = worker->began_s;

	if (worker->in >= 0)
		close(worker->in);
	close(worker->out);
	worker->lives = worker->has_left = worker->has_answered = false;
	int error = process_wait(&attempt->process, status, usage);
	progress_process_ended(attempt->parts->progress, clock_seconds(CLOCK_MONOTONIC) - began_s);
	gate_process_ended(attempt->parts->gate, &attempt->place, (double)usage->ru_maxrss * 1024);
	return error;
}

/* Reads what the process prints behind its last answer, up to its end: it is no answer. */
static size_t drain(const struct worker *worker)
{
	struct pollfd out = {.fd = worker->out, .events = POLLIN};
	char bytes[PART];
	size_t count = 0;
	ssize_t got;

	do {
		io_await(&out, 1, -1);
		got = read(worker->out, bytes, sizeof bytes);
		count += got > 0 ? (size_t)got : 0;
	} while (got > 0 || (got < 0 && (errno == EAGAIN || errno == EINTR)));
	return count;
}

/* What it has answered may not be true. */
static void distrust(struct attempt *attempt, const char *what)
{
	message("--ack: the command of slot %u %s", attempt->slot, what);
	run_state_stop(attempt->parts->state, RUN_DRAINS, 1, 0);
}

void attempt_worker_retire(struct attempt *attempt)
{
	struct worker *worker = &attempt->worker;
	struct rusage usage;
	char text[96];
	int status;

	if (!worker->lives)
		return;
	/* It may take as long for its end as for a job. */
	process_count_time(&attempt->process, true);
	time_limit_begin(attempt->parts->limit);
	close(worker->in);
	worker->in = -1;
	size_t more = drain(worker);
	await_end(attempt, &status, &usage);
	gate_leave(attempt->parts->gate, &attempt->pass);
	if (run_state_phase(attempt->parts->state) == RUN_ENDS || process_told(&attempt->process))
		return;
	if (more > 0) {
		snprintf(text, sizeof text, "has printed %zu bytes that are no answer", more);
		distrust(attempt, text);
	}
	if (WIFSIGNALED(status))
		snprintf(text, sizeof text, "was killed by signal %d (%s) behind its last answer",
		    WTERMSIG(status), strsignal(WTERMSIG(status)));
	else
		snprintf(text, sizeof text, "has ended with status %d behind its last answer",
		    WEXITSTATUS(status));
	if (status != 0)
		distrust(attempt, text);
}

bool attempt_worker_is_there(struct attempt *attempt)
{
	struct worker *worker = &attempt->worker;
	struct pollfd out = {.fd = worker->out, .events = POLLIN};

	if (worker->lives && (worker->has_left || poll(&out, 1, 0) == 1))
		attempt_worker_retire(attempt);
	return worker->lives;
}

/* The process has ended in the place of an answer. */
static int fail(struct attempt *attempt, struct job *job, enum reply reply, int input_error)
{
	struct job_record *record = &job->record;
	struct rusage usage;
	int status;

	if (reply != REPLY_NONE) {
		process_request_kill(&attempt->process);
		time_limit_request_kill(attempt->parts->limit);
	}
	int error = await_end(attempt, &status, &usage);
	attempt_show(attempt, NULL);
	record->runtime_s = clock_seconds(CLOCK_MONOTONIC) - attempt->began_s;
	if (error)
		return error;
	attempt_note_end(attempt, job, status, &usage);
	if (input_error)
		attempt_lose_input(job, input_error);
	else if (reply == REPLY_NO_ROOM)
		complain_why(job, "--ack: keeping its answer", ENOMEM);
	else if (reply == REPLY_ENDLESS)
		complain(job, "--ack: its answer is more than 1 MiB");
	else if (status == 0 && !process_told(&attempt->process))
		complain(job, "--ack: its command has ended without an answer");
	if (record->exit_value == 0 && record->signal == 0)
		record->exit_value = -1;
	return 0;
}

/*
 * The process has ended behind its last answer, and has had nothing of the block: that is for
 * another one. Returns ATTEMPT_ANEW.
 */
static int pass_on(struct attempt *attempt, struct job *job)
{
	attempt_show(attempt, NULL);
	attempt_tell_end(attempt, job, ATTEMPT_PREEMPTED, 0);
	attempt_worker_retire(attempt);
	return ATTEMPT_ANEW;
}

/* The job is done, with this answer. */
static void take_answer(struct attempt *attempt, struct job *job)
{
	struct worker *worker = &attempt->worker;
	struct job_record *record = &job->record;
	const char *bytes = worker->answer.bytes;
	size_t length = (size_t)((char *)memchr(bytes, '\n', worker->answer.used) - bytes) + 1;

	attempt_show(attempt, NULL);
	record->has_run = record->is_begun = true;
	record->runtime_s = clock_seconds(CLOCK_MONOTONIC) - attempt->began_s;
	record->stdout_bytes = (off_t)length;
	job_output_begin(&job->output, bytes, length);
	if (spool_size(&job->output.streams[0].spool) < (off_t)length) {
		complain_why(job, "--ack: keeping its answer", ENOMEM);
		record->exit_value = -1;
	}
	if (job->output.streams[0].copy >= 0)
		job_output_begin_copy(&job->output, bytes, length);
	if (job->output.copy_error)
		settle_lose_results(attempt->parts->settle, job, job->output.copy_error);
	if (length < worker->answer.used)
		distrust(attempt, "has answered a block with more than a line");
	/* It is being ended, though it has answered in time. */
	worker->has_left |= process_count_time(&attempt->process, false);
	worker->has_answered = true;
}

int attempt_worker_accompany(struct attempt *attempt, struct job *job)
{
	struct worker *worker = &attempt->worker;
	int input_error = 0;
	size_t written;

	job->record.started_s = clock_seconds(CLOCK_REALTIME);
	attempt->began_s = clock_seconds(CLOCK_MONOTONIC);
	process_count_time(&attempt->process, true);
	attempt_tell_start(attempt, job);
	attempt_show(attempt, job);
	time_limit_begin(attempt->parts->limit);
	enum reply reply = exchange(worker, &job->block, &input_error, &written);
	if (reply == REPLY_NONE && worker->has_answered && !process_told(&attempt->process) &&
	    system_pipe_unread(worker->in) == (int)written)
		return pass_on(attempt, job);
	if (reply != REPLY_ANSWER || input_error)
		return fail(attempt, job, reply, input_error);
	take_answer(attempt, job);
	return 0;
}
