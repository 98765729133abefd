#include "pool/feeder.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include "base/io.h"
#include "base/message.h"
#include "base/system_pipes.h"
#include "base/thread.h"
#include "queue/job.h"

/* What the pipe of a large block holds, in bytes; that of --spread holds about a block, so that no
 * job has many more than the one that it works at. */
enum { WIDE = 1024 * 1024 };

void feeder_init(struct feeder *feeder, const struct feeder_parts *parts, unsigned slot)
{
	*feeder = (struct feeder){.parts = parts, .slot = slot};
}

/* --- the thread --- */

/* Waits until the pipe has room, where `events` is POLLOUT, or the feeder is woken. */
static void await(struct feeder *feeder, short events)
{
	int wake = interrupt_descriptor(&feeder->wake);
	struct pollfd fds[] = {
	    {.fd = wake, .events = POLLIN}, {.fd = feeder->pipe, .events = events}};

	/* A pipe whose reader has gone is looked at only where it is to be written to. */
	io_await(fds, events ? 2 : 1, -1);
	interrupt_take(wake);
}

/* Writes the block, `*fed` bytes at last. Returns whether all of it is in the pipe. */
static bool feed(struct feeder *feeder, const struct block *block, size_t *fed)
{
	*fed = 0;
	while (!atomic_load(&feeder->stopped)) {
		if (block_feed(block, fed, feeder->pipe) == 0)
			return true;
		if (errno == EPIPE)
			return false;
		if (errno != EAGAIN && errno != EINTR) {
			feeder->error = errno;
			return false;
		}
		await(feeder, POLLOUT);
	}
	return false;
}

/* Makes sure that there is an empty job. */
static bool have_spare(struct feeder *feeder)
{
	if (!feeder->spare)
		feeder->spare = job_new(feeder->parts->budget);
	if (!feeder->spare)
		message_errno("taking the next block");
	return feeder->spare != NULL;
}

/* Is the job to have another block? Not when the run ends, and not in a slot that is one too many.
 */
static bool goes_on(const struct feeder *feeder)
{
	const struct feeder_parts *parts = feeder->parts;

	return !atomic_load(&feeder->stopped) && run_state_goes_on(parts->state) &&
	       feeder->slot <= atomic_load(parts->slots);
}

/* Takes the next block, if the job is to have one; else NULL. */
static struct job *take_more(struct feeder *feeder)
{
	const struct feeder_parts *parts = feeder->parts;
	enum queue_status status = QUEUE_INTERRUPTED;
	struct job *more = NULL;

	while (!atomic_load(&feeder->started) && !atomic_load(&feeder->stopped))
		await(feeder, 0);
	while (status == QUEUE_INTERRUPTED) {
		unsigned changes = eventcount_read(&parts->state->changed);
		unsigned seen = queue_interrupts(parts->queue);
		if (!goes_on(feeder))
			return NULL;
		if (gate_is_held(parts->gate))
			eventcount_wait(&parts->state->changed, changes, INT64_MAX);
		else if (have_spare(feeder))
			status = queue_next_block(parts->queue, &feeder->spare, &more, seen);
		else
			status = QUEUE_FAILED;
	}
	if (status == QUEUE_FAILED || status == QUEUE_TOO_LARGE)
		run_state_stop(parts->state, RUN_DRAINS, 1, 0);
	return more;
}

/* Feeds the block that was taken. One that the job has nothing of is for another job. */
static bool feed_more(struct feeder *feeder, struct job *more)
{
	size_t fed;

	/* Records may differ in length. */
	if (more->block.length > feeder->first->length)
		system_narrow_pipe(feeder->pipe, more->block.length);
	bool all = feed(feeder, &more->block, &fed);

	if (fed == 0 && !feeder->error) {
		queue_put_back(feeder->parts->queue, more);
		return false;
	}
	job_clear(more);
	feeder->spare = more; /* it was the spare one */
	return all;
}

static void *feeder_main(void *argument)
{
	struct feeder *feeder = argument;
	struct job *more;
	size_t fed;
	bool all = feed(feeder, feeder->first, &fed);

	while (all && feeder->parts->spreads && (more = take_more(feeder)))
		all = feed_more(feeder, more);
	close(feeder->pipe);
	return NULL;
}

/* --- for the slot --- */

int feeder_begin(struct feeder *feeder, const struct block *first)
{
	int ends[2];

	if (!feeder->has_wake && interrupt_open(&feeder->wake) != 0)
		return -1;
	feeder->has_wake = true;
	if (pipe2(ends, O_CLOEXEC) != 0)
		return -1;
	if (feeder->parts->spreads)
		system_narrow_pipe(ends[1], first->length);
	else
		system_widen_pipe(ends[1], WIDE);
	fcntl(ends[1], F_SETFL, O_NONBLOCK);
	feeder->pipe = ends[1];
	feeder->first = first;
	feeder->error = 0;
	atomic_store(&feeder->started, false);
	atomic_store(&feeder->stopped, false);
	int error = thread_start(&feeder->thread, THREAD_STACK_OF_BLOCKS, feeder_main, feeder);
	feeder->is_used = error == 0;
	if (!error)
		return ends[0];
	close(ends[0]);
	close(ends[1]);
	errno = error;
	return -1;
}

void feeder_go_on(struct feeder *feeder)
{
	atomic_store(&feeder->started, true);
	if (feeder->is_used)
		interrupt_raise(&feeder->wake);
}

int feeder_end(struct feeder *feeder)
{
	if (!feeder->is_used)
		return 0;
	atomic_store(&feeder->stopped, true);
	interrupt_raise(&feeder->wake);
	run_state_changed(feeder->parts->state);
	pthread_join(feeder->thread, NULL);
	feeder->is_used = false;
	return feeder->error;
}

void feeder_close(struct feeder *feeder)
{
	if (feeder->has_wake)
		interrupt_close(&feeder->wake);
	feeder->has_wake = false;
	job_free(feeder->spare);
	feeder->spare = NULL;
}
