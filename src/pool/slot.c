#include "pool/slot.h"
#include "cli/options.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/escape.h"
#include "base/message.h"
#include "base/system.h"
#include "command/command_path.h"
#include "command/shell_quote.h"
#include "process/job_environment.h"
#include "record/acknowledge.h"
#include "record/results_dir.h"

/*
 * Why a thread a slot: what happens to a job is then plain, blocking code, one step after the
 * other, and the kernel does the scheduling. It is also the fastest way to start processes: a vfork
 * holds up only the thread that calls it, so several go on at once (one loop with vfork reaches
 * half the rate).
 *
 * The steps of a job's life stand below in their order; run_job() puts them together.
 */

/* The largest things on the stack are blocks of a copy: read from a pipe, from a file, tagged. */
#ifndef STACK_MORE
#define STACK_MORE 0 /* what a sanitizer takes of a stack */
#endif
enum { STACK_SIZE = 384 * 1024 + STACK_MORE };

/* What a slot works with. The memory is used again from job to job. */
struct work {
	struct slot *owner; /* NULL: no slot is */
	struct job *job;    /* NULL: given away */
	int wake[2];        /* -k: the pipe that tells that its turn has come */
	struct strlist arguments;
	char **argv;
	size_t argv_room;
	struct strlist line; /* a command in print (-t, --dry-run) */
	char **environment;
	double
	    began; /* when its process was started, in seconds of a clock that only goes forward */
	char seq[32], slot[32], attempt[32]; /* PEXEC_SEQ=..., PEXEC_SLOT=..., PEXEC_ATTEMPT=... */
};

/* What a shell says of commands that it cannot run. */
enum { CANNOT_RUN = 126, NOT_FOUND = 127 };

/* Between two attempts there is at most as much as this, in ms, or what the user asks for. */
enum { MOST_DELAY = 300000 };

/*
 * JOB_CUT_SHORT: failed, and would have had another attempt: it counts as failed, and a run that
 * resumes this one runs it again.
 * JOB_LEFT_OUT: not started, or ended with the run; it is as if it had not been taken. */
enum outcome { JOB_DONE, JOB_FAILED, JOB_RETRY, JOB_CUT_SHORT, JOB_LEFT_OUT };

/* Says what is wrong with a job, and with which: its number and its first item. */
static void complain(const struct work *work, const char *what)
{
	char item[ESCAPED];

	message("job %" PRIu64 " (%s): %s", work->job->seq, escape_item(item, &work->job->items, 0),
	    what);
}

/* The same, with errno's reason behind it. */
static void complain_errno(const struct work *work, const char *what)
{
	char text[256];

	snprintf(text, sizeof text, "%s%s%s", what, *what ? ": " : "", strerror(errno));
	complain(work, text);
}

/* May the slot go on waiting for a job? */
static bool may_wait(void *context)
{
	return pool_may_take(context);
}

/*
 * The run ends, and with it the command that gives the items. What --next has taken off its queue
 * until then is still a job.
 */
static enum queue_status take_last(struct slot *slot, struct work *work)
{
	struct pool *pool = slot->pool;
	enum pool_state state = atomic_load(&pool->state);

	if (state == POOL_RUNNING)
		return QUEUE_INTERRUPTED;
	/* Like a job it is killed when it does not end in time. */
	pool_process_started(pool);
	enum queue_status status = queue_last(pool->queue, &work->job, state == POOL_DRAINING);
	pool_process_ended(pool);
	return status;
}

/*
 * Takes the next job from the queue. When another one may follow and nobody waits for it, one more
 * slot begins its life: there are never more threads than there have been jobs.
 */
static enum queue_status take_job(struct slot *slot, struct work *work)
{
	struct pool *pool = slot->pool;
	enum queue_status status = QUEUE_INTERRUPTED;

	if (!work->job && !(work->job = job_new(&pool->output.budget))) {
		message_errno("starting a job");
		status = QUEUE_FAILED;
	}
	while (status == QUEUE_INTERRUPTED && pool_await_turn(pool, slot))
		status = queue_next(pool->queue, &work->job, may_wait, slot);
	if (status == QUEUE_INTERRUPTED && pool->queue->fetch && slot->counted)
		status = take_last(slot, work);
	/* A slot that was one too many has been counted out already. */
	bool nobody_waits = slot->counted && atomic_fetch_sub(&pool->waiting, 1) == 1;
	if (nobody_waits && status == QUEUE_JOB && pool_may_grow(pool) && queue_more(pool->queue) &&
	    !slot_start(pool))
		pool_say_scarce(pool, errno);
	return status;
}

/* Makes room for `count` pointers. */
static bool reserve_argv(struct work *work, size_t count)
{
	if (count <= work->argv_room)
		return true;
	char **argv = reallocarray(work->argv, count, sizeof *argv);
	if (!argv)
		return false;
	work->argv = argv;
	work->argv_room = count;
	return true;
}

/* Makes what stands before each line of the job's output: the words of --tagstring and a tab. */
static bool fill_tag(const struct pool *pool, struct job *job, const struct template_values *values)
{
	struct strlist *tag = &job->tag;

	if (!pool->tag)
		return true;
	template_fill(pool->tag, values, tag);
	if (strlist_failed(tag))
		return false;
	for (size_t i = 1; i < tag->count; i++)
		strlist_at(tag, i)[-1] = ' ';
	tag->bytes[tag->used - 1] = '\t';
	job->output.tag = tag->bytes;
	job->output.tag_length = tag->used;
	return true;
}

/* The command as it is recorded: without the slot, so that it is the same in every run. */
static bool describe_command(
    const struct pool *pool, struct work *work, const struct template_values *values)
{
	struct template_values without_slot = *values;

	if (!pool->table && !pool->journal)
		return true;
	without_slot.slot = 0;
	if (template_has_slot(pool->template)) {
		template_fill(pool->template, &without_slot, &work->line);
		shell_quote_line(&work->line, &work->job->command);
	} else {
		shell_quote_line(&work->arguments, &work->job->command);
	}
	if (!strlist_failed(&work->job->command))
		return true;
	errno = ENOMEM;
	complain_errno(work, "recording its command");
	return false;
}

/* Says that an argument is longer than the system takes. */
static void complain_too_long(const struct work *work, size_t bytes, size_t limit)
{
	char text[128];

	snprintf(text, sizeof text,
	    "argument of %zu bytes is too long: the system takes %zu at most", bytes, limit);
	complain(work, text);
}

/* Says why the job's items cannot be arguments. */
static void complain_problem(const struct work *work)
{
	const struct job *job = work->job;
	char item[64], text[256];

	snprintf(item, sizeof item, "item of %zu byte%s", job->problem_bytes,
	    job->problem_bytes == 1 ? "" : "s");
	switch (job->problem) {
	case PROBLEM_NONE:
		return;
	case PROBLEM_MEMORY:
		snprintf(text, sizeof text, "%s does not fit into memory", item);
		break;
	case PROBLEM_NUL:
		snprintf(
		    text, sizeof text, "%s has a NUL byte in it, which no argument can have", item);
		break;
	case PROBLEM_TOO_LONG:
		complain_too_long(work, job->problem_bytes, job->problem_limit);
		return;
	case PROBLEM_NO_ROOM:
		snprintf(text, sizeof text, "%s does not fit into a command line of %zu", item,
		    job->problem_limit);
		break;
	}
	complain(work, text);
}

/* Makes the argument vector of the job. */
static bool fill_command(struct slot *slot, struct work *work)
{
	struct template_values values = {
	    .items = &work->job->items,
	    .columns = work->job->columns,
	    .seq = work->job->seq,
	    .slot = slot->number,
	};

	template_fill(slot->pool->template, &values, &work->arguments);
	if (!describe_command(slot->pool, work, &values))
		return false;
	if (work->job->problem) {
		complain_problem(work);
		return false;
	}
	if (strlist_failed(&work->arguments) || !fill_tag(slot->pool, work->job, &values) ||
	    !reserve_argv(work, work->arguments.count + 1)) {
		errno = ENOMEM;
		complain_errno(work, "building its command");
		return false;
	}
	for (size_t i = 0; i < work->arguments.count; i++)
		work->argv[i] = strlist_at(&work->arguments, i);
	work->argv[work->arguments.count] = NULL;
	return true;
}

/* What to do when the results of a job cannot be recorded. */
static void give_up_results(struct pool *pool, const struct job *job, int error)
{
	if (pool_stop(pool, POOL_ENDING, 1, 0))
		message("job %" PRIu64 ": writing its results: %s", job->seq, strerror(error));
}

/* Prints the job's command to `fd`. */
static enum outcome print_command(struct slot *slot, struct work *work, int fd)
{
	shell_quote(&work->arguments, &work->line);
	if (strlist_failed(&work->line)) {
		errno = ENOMEM;
		complain_errno(work, "printing its command");
		return JOB_FAILED;
	}
	if (output_line(&slot->pool->output, fd, &work->line) != 0)
		pool_give_up_output(slot->pool, errno);
	return JOB_DONE;
}

/* May the job be started? Asked at the last moment, when a signal to all jobs can miss it no more.
 */
static bool may_start(void *context)
{
	struct pool *pool = context;

	return pool_may_run(pool) && !pool_is_paused(pool);
}

static size_t longest_argument(const struct work *work)
{
	size_t longest = 0;

	for (size_t i = 0; i < work->arguments.count; i++)
		if (strlist_length(&work->arguments, i) > longest)
			longest = strlist_length(&work->arguments, i);
	return longest;
}

/* The command of this job cannot be run. */
static enum outcome refuse_job(struct slot *slot, const struct work *work, int error)
{
	char name[ESCAPED], text[ESCAPED + 32];
	size_t longest = longest_argument(work);

	if (error == E2BIG && longest >= system_word_bytes()) {
		complain_too_long(work, longest, system_word_bytes() - 1);
	} else {
		snprintf(text, sizeof text, "cannot run %s",
		    escape(name, sizeof name, work->argv[0], strlen(work->argv[0])));
		errno = error;
		complain_errno(work, text);
	}
	work->job->exit_value = error == ENOENT ? NOT_FOUND : CANNOT_RUN;
	if (error == E2BIG && slot->pool->options->queue.exit_on_size)
		pool_stop(slot->pool, POOL_DRAINING, 125, 0);
	return JOB_FAILED;
}

/* The command cannot be run. Is that so for this job, or will it be for every one? */
static enum outcome refuse_command(struct slot *slot, struct work *work, int error)
{
	struct pool *pool = slot->pool;

	if (!pool->path || error == E2BIG)
		return refuse_job(slot, work, error);
	if (pool_stop(pool, POOL_DRAINING, error == ENOENT ? 127 : 126, 0)) {
		char name[ESCAPED_NAME];
		const char *hint = "";
		if (error == ENOEXEC)
			hint = " (a script needs a #! line)";
		if (error == ENOENT && access(pool->path, F_OK) == 0)
			hint = " (is its interpreter there?)";
		message(
		    "cannot run %s: %s%s", escape_name(name, pool->path), strerror(error), hint);
	}
	return JOB_LEFT_OUT;
}

/* Is it a shortage that may pass as jobs end? */
static bool shortage(int error)
{
	return error == EAGAIN || error == ENOMEM || error == EMFILE || error == ENFILE;
}

/* What a process that has ended came to, for the records. */
static void note_end(struct slot *slot, struct job *job, int status, const struct rusage *usage)
{
	job->timed_out = process_timed_out(&slot->process);
	job->exit_value = WIFEXITED(status) ? WEXITSTATUS(status) : 0;
	job->signal = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
	/* One that was to be ended has failed, also when it says otherwise. */
	if (job->timed_out || (status == 0 && process_condemned(&slot->process)))
		job->exit_value = -1;
	job->user_time = (double)usage->ru_utime.tv_sec + (double)usage->ru_utime.tv_usec / 1e6;
	job->system_time = (double)usage->ru_stime.tv_sec + (double)usage->ru_stime.tv_usec / 1e6;
	job->max_rss = usage->ru_maxrss;
}

/* Says of what a failed process died, where that is not plain. */
static void report_death(struct slot *slot, const struct work *work)
{
	const struct job *job = work->job;
	char text[128];

	if (job->timed_out) {
		snprintf(text, sizeof text, "timed out after %.3g s", job->runtime);
		complain(work, text);
	} else if (job->signal && !process_told(&slot->process)) {
		snprintf(text, sizeof text, "killed by signal %d (%s)", job->signal,
		    strsignal(job->signal));
		complain(work, text);
	}
}

/* Judges a process that has ended. */
static enum outcome judge(struct slot *slot, const struct work *work)
{
	struct pool *pool = slot->pool;
	struct job *job = work->job;

	if (job->exit_value == 0 && job->signal == 0)
		return JOB_DONE;
	/* It has seen that before the supervisor. A shell says 128 + N of what signal N has ended.
	 */
	bool by_pipe = job->signal == SIGPIPE || job->exit_value == 128 + SIGPIPE;
	if (pool->options->output.ungroup && by_pipe && output_reader_gone()) {
		pool_give_up_output(pool, EPIPE);
		return JOB_LEFT_OUT;
	}
	report_death(slot, work);
	/* Of a job that the end of the run has ended nobody knows how it would have been. */
	if (process_told(&slot->process) && !job->timed_out &&
	    atomic_load(&pool->state) == POOL_ENDING)
		return JOB_LEFT_OUT;
	if (job->attempt >= pool->options->attempt.retries)
		return JOB_FAILED;
	return atomic_load(&pool->state) == POOL_RUNNING ? JOB_RETRY : JOB_CUT_SHORT;
}

/* Makes the pipes for a job's output. */
static int open_capture(struct slot *slot, struct work *work, int write_ends[2])
{
	struct output *output = &slot->pool->output;
	struct job_output *capture = &work->job->output;

	if (output->ordered) {
		if (work->wake[0] < 0 && pipe2(work->wake, O_CLOEXEC | O_NONBLOCK) != 0)
			return -1;
		output_set_wake(output, capture, work->wake);
	}
	return job_output_open(capture, write_ends);
}

/* Starts a process, with pipes for its output. */
static enum spawn_status start_process(struct slot *slot, struct work *work, const char *path)
{
	struct pool *pool = slot->pool;
	bool captured = !pool->options->output.ungroup;
	int ends[2] = {-1, -1};

	if (captured && open_capture(slot, work, ends) != 0)
		return SPAWN_FAILED;
	struct launch launch = {
	    .path = path,
	    .arguments = work->argv,
	    .environment = work->environment,
	    .out = ends[0],
	    .err = ends[1],
	    .caller = &pool->caller,
	};
	work->began = clock_seconds(CLOCK_MONOTONIC);
	work->job->started = clock_seconds(CLOCK_REALTIME);
	enum spawn_status status = process_start(&slot->process, &launch, may_start, pool);
	int error = errno;
	if (captured) {
		close(ends[0]);
		close(ends[1]);
		for (int i = 0; i < 2 && status != SPAWN_STARTED; i++)
			job_output_end_stream(&work->job->output.streams[i]);
	}
	errno = error;
	return status;
}

/* Lets others see which job the slot is running; NULL: none. Nobody does without --ctl. */
static void show_job(struct slot *slot, const struct job *job)
{
	if (!slot->pool->options->control.socket)
		return;
	pthread_mutex_lock(&slot->shown_lock);
	slot->shown = job;
	pthread_mutex_unlock(&slot->shown_lock);
}

/* Collects the output of the process, waits for its end, and judges it. */
static enum outcome finish_process(struct slot *slot, struct work *work, int *error)
{
	struct pool *pool = slot->pool;
	struct rusage usage;
	int64_t timeout = atomic_load(&pool->timeout);
	int status;

	pool_process_started(pool);
	show_job(slot, work->job);
	if (timeout > 0)
		pool_wake_supervisor_by(pool, clock_ms() + timeout);
	while (!pool->options->output.ungroup &&
	       output_collect(&pool->output, &work->job->output) != 0) {
		int reason = errno;
		if (work->job->output.copy_error)
			give_up_results(pool, work->job, work->job->output.copy_error);
		pool_give_up_output(pool, reason);
	}
	*error = process_wait(&slot->process, &status, &usage);
	show_job(slot, NULL);
	work->job->runtime = clock_seconds(CLOCK_MONOTONIC) - work->began;
	pool_process_ended(pool);
	if (pool->options->pool.summary)
		statistics_add_process(&pool->statistics, work->job->runtime);
	if (*error)
		return JOB_LEFT_OUT;
	note_end(slot, work->job, status, &usage);
	return judge(slot, work);
}

/* The system has no room for the job now: what becomes of it? */
static enum outcome wait_for_room(struct slot *slot, struct work *work, int error)
{
	switch (pool_wait_for_room(slot->pool, slot, work->job, error)) {
	case ROOM_MAYBE:
		return JOB_DONE;
	case ROOM_NEVER:
		errno = error;
		complain_errno(work, "starting it");
		pool_stop(slot->pool, POOL_DRAINING, 1, 0);
		break;
	case ROOM_LEAVE:
		work->job = NULL;
		break;
	case ROOM_ENDED:
		break;
	}
	return JOB_LEFT_OUT;
}

/* Runs the job's process from start to end, as soon as the system has room for it. */
static enum outcome run_command(struct slot *slot, struct work *work, const char *path)
{
	for (bool traced = !slot->pool->options->attempt.trace;; traced = true) {
		if (!pool_await_start(slot->pool))
			return JOB_LEFT_OUT;
		if (!traced)
			print_command(slot, work, STDERR_FILENO);
		enum spawn_status status = start_process(slot, work, path);
		int error = errno;
		if (status == SPAWN_STARTED) {
			enum outcome outcome = finish_process(slot, work, &error);
			if (error == 0)
				return outcome;
		}
		if (status == SPAWN_REFUSED) {
			if (!pool_wait_while_paused(slot->pool))
				return JOB_LEFT_OUT;
		} else if (shortage(error)) {
			if (wait_for_room(slot, work, error) != JOB_DONE)
				return JOB_LEFT_OUT;
		} else if (status == SPAWN_STARTED) {
			return refuse_command(slot, work, error);
		} else {
			errno = error;
			complain_errno(work, "starting it");
			work->job->exit_value = CANNOT_RUN;
			return JOB_FAILED;
		}
	}
}

/* Runs the job's process; its command is looked for now, when its name has the item in it. */
static enum outcome run_process(struct slot *slot, struct work *work)
{
	if (slot->pool->path)
		return run_command(slot, work, slot->pool->path);
	char *found = command_path(work->argv[0], slot->pool->options->command.started_in);
	if (!found)
		return refuse_job(slot, work, errno);
	enum outcome outcome = run_command(slot, work, found);
	free(found);
	return outcome;
}

/* What is recorded of a job. */
static struct job_record record_of(const struct job *job)
{
	return (struct job_record){
	    .seq = job->seq,
	    .items = &job->items,
	    .columns = job->columns,
	    .command = job->command,
	    .slot = job->slot,
	    .attempt = job->attempt,
	    .failed = job->failed,
	    .timed_out = job->timed_out,
	    .started_s = job->started,
	    .runtime_s = job->runtime,
	    .exit_value = job->exit_value,
	    .signal = job->signal,
	    .user_s = job->user_time,
	    .system_s = job->system_time,
	    .max_rss_kib = job->max_rss,
	    .stdout_bytes = job->output.streams[0].received,
	};
}

/* --results: completes the job's record or its folder. Returns false when that cannot be done. */
static bool complete_results(struct pool *pool, struct job *job)
{
	int error = job->output.copy_error;
	const struct job_record record = record_of(job);

	if (error == 0 && pool->table && results_table_add(pool->table, &record, &job->output) != 0)
		error = errno;
	if (error == 0 && pool->results >= 0 && results_dir_end(pool->results, &record) != 0)
		error = errno;
	/* A reader that is gone: the table goes to a pipe. */
	if (error == EPIPE)
		pool_give_up_output(pool, error);
	else if (error != 0)
		give_up_results(pool, job, error);
	return error == 0;
}

/*
 * The last step: the job's output is handed on, then the job is recorded, then acknowledged. The
 * order matters: the journal must not claim what nobody has got, and what holds the queue may
 * forget the job only when nothing of it can get lost. `slot` is the one whose thread this is;
 * NULL: none's.
 */
static void settle(struct pool *pool, struct slot *slot, struct job *job)
{
	if (output_deliver(&pool->output, &job->output) != 0)
		pool_give_up_output(pool, errno);
	if (job->interrupted || output_has_failed(&pool->output) || !complete_results(pool, job) ||
	    job->cut_short) {
		pool_job_left_out(pool);
		acknowledge_left_out(&pool->options->record.acknowledge, job);
		return;
	}
	const struct job_record record = record_of(job);
	if (pool->journal && journal_add(pool->journal, &record) != 0) {
		message_errno("job %" PRIu64 ": writing the journal", job->seq);
		pool_stop(pool, POOL_DRAINING, 1, 0);
	} else if (slot) {
		acknowledge(slot, job);
	} else {
		acknowledge_missed(&pool->options->record.acknowledge, job);
	}
}

/* -k: settles the jobs whose turn it is, of whatever slot. */
static void settle_in_order(struct pool *pool, struct slot *slot, bool past_gaps)
{
	for (;;) {
		bool was_full = output_is_full(&pool->output);
		struct job_output *next = output_next(&pool->output, past_gaps);
		if (!next)
			return;
		struct job *job = job_of(next);
		job->interrupted |= !job->finished;
		settle(pool, slot, job);
		queue_job_over(pool->queue);
		output_advance(&pool->output);
		if (job->finished)
			job_free(job);
		if (was_full && !output_is_full(&pool->output))
			pool_output_moved(pool);
	}
}

/* What a job is whose last attempt does not count: for the earlier ones it does. */
static enum outcome left_out(const struct job *job)
{
	return job->attempt > 1 ? JOB_CUT_SHORT : JOB_LEFT_OUT;
}

/* The job is over, for better or for worse. */
static void finish_job(struct pool *pool, struct work *work, enum outcome outcome)
{
	if (outcome == JOB_LEFT_OUT)
		outcome = left_out(work->job);
	work->job->failed = outcome == JOB_FAILED || outcome == JOB_CUT_SHORT;
	work->job->cut_short = outcome == JOB_CUT_SHORT;
	work->job->interrupted = outcome == JOB_LEFT_OUT;
	work->job->finished = true;
	job_output_end_copies(&work->job->output);
	/* It counts now, whenever its turn to write may come: --halt does not wait for that. */
	if (!work->job->interrupted)
		pool_job_ended(pool, work->job);
	if (pool->output.ordered) {
		work->job->output.job_bytes = job_bytes(work->job);
		output_complete(&pool->output, &work->job->output);
		work->job = NULL;
		settle_in_order(pool, work->owner, false);
	} else {
		settle(pool, work->owner, work->job);
		queue_job_over(pool->queue);
		job_clear(work->job);
	}
	/* What it has printed takes no memory any more: perhaps that can be given back. */
	pool_note_news(pool);
}

/* The time until the next attempt, in ms: doubles up to a bound, and a random part comes on top. */
static int64_t retry_delay(const struct options *options, unsigned attempt)
{
	long long most = options->attempt.retry_delay_ms > MOST_DELAY
			     ? options->attempt.retry_delay_ms
			     : MOST_DELAY;
	long long delay = options->attempt.retry_delay_ms;

	for (unsigned i = 1; i < attempt && delay < most; i++)
		delay *= 2;
	if (delay > most)
		delay = most;
	return delay + (delay >= 2 ? (int64_t)arc4random_uniform((uint32_t)(delay / 2)) : 0);
}

/* Puts a failed job back for its next attempt. The slot goes on with others. */
static void retry_job(struct pool *pool, struct work *work)
{
	struct job *job = work->job;
	int64_t delay = retry_delay(pool->options, job->attempt);

	if (pool->options->attempt.drop_retried)
		job_output_drop(&job->output);
	else if (output_has_turn(&pool->output, &job->output) &&
		 output_deliver(&pool->output, &job->output) != 0)
		pool_give_up_output(pool, errno);
	job_output_end_copies(&job->output);
	output_set_wake(&pool->output, &job->output, NULL);
	job->attempt++;
	work->job = NULL;
	if (delay == 0) {
		queue_put_back(pool->queue, job);
		return;
	}
	int64_t due = clock_ms() + delay;
	queue_put_back_until(pool->queue, job, due);
	pool_wake_supervisor_by(pool, due);
}

/* The life of a job. */
static enum outcome run_job(struct slot *slot, struct work *work)
{
	const struct options *options = slot->pool->options;
	struct job_output *capture = &work->job->output;

	work->job->slot = slot->number;
	capture->seq = work->job->seq;
	capture->held =
	    options->attempt.drop_retried && work->job->attempt < options->attempt.retries;
	job_clear_outcome(work->job);
	if (slot->pool->output.ordered && !capture->listed)
		output_begin(&slot->pool->output, capture);
	bool again = work->job->attempt > 1 && !options->attempt.drop_retried;
	const struct job_record record = record_of(work->job);
	if (slot->pool->results >= 0 &&
	    results_dir_begin(slot->pool->results, &record, capture, again) != 0) {
		give_up_results(slot->pool, work->job, errno);
		return JOB_LEFT_OUT;
	}
	if (!fill_command(slot, work)) {
		work->job->exit_value = CANNOT_RUN;
		return JOB_FAILED;
	}
	if (options->attempt.dry_run)
		return print_command(slot, work, STDOUT_FILENO);
	snprintf(work->seq, sizeof work->seq, "%s%" PRIu64, variable_names[VARIABLE_SEQ],
	    work->job->seq);
	snprintf(work->attempt, sizeof work->attempt, "%s%u", variable_names[VARIABLE_ATTEMPT],
	    work->job->attempt);
	atomic_store(&slot->seq, work->job->seq);
	return run_process(slot, work);
}

/* The life of a slot: takes a job, runs it, again. */
static void live(struct slot *slot, struct work *work)
{
	struct pool *pool = slot->pool;
	enum queue_status status;

	while ((status = take_job(slot, work)) == QUEUE_JOB) {
		enum outcome outcome = run_job(slot, work);
		if (outcome == JOB_RETRY)
			retry_job(pool, work);
		else if (work->job)
			finish_job(pool, work, outcome);
		if (!slot->counted)
			return;
		atomic_fetch_add(&pool->waiting, 1);
	}
	if (status == QUEUE_FAILED)
		pool_stop(pool, POOL_DRAINING, 1, 0);
	if (status == QUEUE_TOO_LARGE)
		pool_stop(pool, POOL_DRAINING, 125, 0);
}

/* The environment of the slot's jobs: ours, and the variables that tell a job who it is. */
static bool make_environment(struct slot *slot, struct work *work)
{
	size_t count;

	work->environment = job_environment(&count);
	if (!work->environment)
		return false;
	snprintf(
	    work->slot, sizeof work->slot, "%s%u", variable_names[VARIABLE_SLOT], slot->number);
	work->environment[count++] = work->seq;
	work->environment[count++] = work->slot;
	work->environment[count] = work->attempt;
	return true;
}

/* Frees a job that the slot still has, also one that was never run. */
static void free_job(struct pool *pool, struct job *job)
{
	if (job && job->output.listed)
		output_withdraw(&pool->output, &job->output);
	job_free(job);
}

/* The run has ended before the next attempt of jobs that had failed, or before they could start. */
static void finish_cut_short(struct pool *pool, struct work *work)
{
	while ((work->job = queue_take_rest(pool->queue))) {
		enum outcome outcome = left_out(work->job);
		work->job->attempt--;
		finish_job(pool, work, outcome);
		free_job(pool, work->job);
	}
}

static void *slot_main(void *argument)
{
	struct slot *slot = argument;
	struct pool *pool = slot->pool;
	struct work work = {.owner = slot, .wake = {-1, -1}};

	if (make_environment(slot, &work)) {
		live(slot, &work);
	} else {
		message_errno("starting slot %u", slot->number);
		pool_stop(pool, POOL_DRAINING, 1, 0);
	}
	free_job(pool, work.job);
	/* Jobs that wait behind these are acknowledged: that takes a slot. */
	if (acknowledges(&pool->options->record.acknowledge) &&
	    atomic_load(&pool->state) != POOL_RUNNING)
		finish_cut_short(pool, &work);
	strlist_free(&work.arguments);
	strlist_free(&work.line);
	for (int i = 0; i < 2; i++)
		if (work.wake[i] >= 0)
			close(work.wake[i]);
	free(work.argv);
	free(work.environment);
	pool_slot_left(pool, slot);
	return NULL;
}

static int create_thread(struct slot *slot)
{
	pthread_attr_t attributes;

	if (slot->used)
		pthread_join(slot->thread, NULL);
	slot->used = false;
	pthread_attr_init(&attributes);
	pthread_attr_setstacksize(&attributes, STACK_SIZE);
	int error = pthread_create(&slot->thread, &attributes, slot_main, slot);
	pthread_attr_destroy(&attributes);
	slot->used = error == 0;
	return error;
}

/* Counts a slot in, or out again. With the pool's lock held. */
static void count(struct pool *pool, struct slot *slot, int change)
{
	slot->busy = slot->counted = change > 0;
	atomic_fetch_add(&pool->busy, (unsigned)change);
	atomic_fetch_add(&pool->waiting, (unsigned)change);
}

/* Starts a slot, also beyond the limit if `extra` says so. Returns as slot_start. */
static bool start(struct pool *pool, bool extra)
{
	int error = 0;

	pthread_mutex_lock(&pool->lock);
	if (atomic_load(&pool->state) == POOL_RUNNING &&
	    (extra || atomic_load(&pool->busy) < atomic_load(&pool->limit))) {
		struct slot *slot = pool_free_slot(pool);
		if (slot) {
			slot->extra = extra;
			count(pool, slot, 1);
			error = create_thread(slot);
		}
		if (slot && error)
			count(pool, slot, -1);
		if (!slot)
			error = ENOMEM;
		if (error)
			pool_hold_growth(pool);
	}
	pthread_mutex_unlock(&pool->lock);
	errno = error;
	return error == 0;
}

bool slot_start(struct pool *pool)
{
	return start(pool, false);
}

void slot_start_if_wanted(struct pool *pool)
{
	if (atomic_load(&pool->waiting) == 0 && pool_may_grow(pool) && !slot_start(pool))
		pool_say_scarce(pool, errno);
}

/*
 * -k: jobs wait for their turn, and it is that of a job that failed and was put back. When they
 * have all the slots it gets one more; when there will be no other attempt it is over.
 */
static void bring_on_turn(void *context)
{
	struct pool *pool = context;

	if (atomic_load(&pool->state) != POOL_RUNNING)
		finish_cut_short(pool, &(struct work){0});
	else if (output_turn_is_idle(&pool->output) && queue_returned(pool->queue) > 0 &&
		 atomic_load(&pool->waiting) == 0 && !start(pool, true))
		pool_say_scarce(pool, errno);
}

void slot_help_stuck(struct pool *pool)
{
	pool->output.stuck = bring_on_turn;
	pool->output.stuck_context = pool;
}

void slot_join_all(struct pool *pool)
{
	for (unsigned i = 0; i < pool->slot_count; i++)
		if (pool->slots[i]->used)
			pthread_join(pool->slots[i]->thread, NULL);
	finish_cut_short(pool, &(struct work){0});
	/* Jobs that wait for another attempt leave gaps in the order, and others behind them. */
	settle_in_order(pool, NULL, true);
}
