#include "pool/attempt_end.h"
#include "output/colour.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/system_processes.h"
#include "pool/attempt_command.h"
#include "pool/attempt_events.h"
#include "pool/complaint.h"
#include "pool/run_ending.h"

/* Lets other threads see which job the slot is running; NULL: none. */
void attempt_show(struct attempt *attempt, struct job *job)
{
	lock_take(&attempt->shown_lock);
	attempt->shown = job;
	attempt->timeout_told &= !job;
	lock_release(&attempt->shown_lock);
	atomic_store(&attempt->since_ms, job ? clock_ms() : 0);
}

/* Collects what the process prints. */
static void collect(struct attempt *attempt, struct job *job)
{
	while (output_collect(attempt->parts->output, &job->output) != 0) {
		int error = errno;
		if (job->output.copy_error)
			settle_lose_results(attempt->parts->settle, job, job->output.copy_error);
		run_state_lose_output(attempt->parts->state, error);
	}
}

/* What a process that has ended came to, for the records. */
void attempt_note_end(
    struct attempt *attempt, struct job *job, int status, const struct rusage *usage)
{
	struct job_record *record = &job->record;
	bool loses_output = job->output.read_error != 0;

	record->has_run = record->is_begun = true;
	record->timed_out = process_timed_out(&attempt->process);
	record->exit_value = WIFEXITED(status) ? WEXITSTATUS(status) : 0;
	record->signal = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
	/* One that was to be ended has failed, also when it says otherwise; and one whose output is
	 * not all there. */
	if (record->timed_out ||
	    (status == 0 && (loses_output || process_was_killed(&attempt->process))))
		record->exit_value = -1;
	record->user_s = (double)usage->ru_utime.tv_sec + (double)usage->ru_utime.tv_usec / 1e6;
	record->system_s = (double)usage->ru_stime.tv_sec + (double)usage->ru_stime.tv_usec / 1e6;
	record->max_rss_kib = usage->ru_maxrss;
}

/* The job has not had all of its input: it has failed. */
void attempt_lose_input(struct job *job, int error)
{
	if (error == EIO)
		complain(job, "--pipe: its file cannot be read, or has become shorter");
	else
		complain_why(job, "--pipe: reading its block", error);
	if (job->record.exit_value == 0 && job->record.signal == 0)
		job->record.exit_value = -1;
}

/* Says of what a failed process died, where that is not plain. */
static void report_death(struct attempt *attempt, const struct job *job)
{
	const struct job_record *record = &job->record;
	int wanted = process_wanted_terminal(&attempt->process);
	char text[128];

	if (wanted) {
		snprintf(text, sizeof text,
		    "stopped, it wants to %s the terminal: killed (--tty gives it to jobs)",
		    wanted == SIGTTIN ? "read from" : "write to");
		complain(job, text);
	} else if (record->timed_out) {
		snprintf(text, sizeof text, "timed out after %.3g s", record->runtime_s);
		complain(job, text);
	} else if (record->signal && !process_told(&attempt->process)) {
		snprintf(text, sizeof text, "killed by signal %d (%s)", record->signal,
		    strsignal(record->signal));
		complain(job, text);
	}
}

/* Has the process seen the reader of our output go, before the supervisor has? */
static bool has_lost_reader(const struct attempt *attempt, const struct job_record *record)
{
	/* A shell says 128 + N of what signal N has ended. */
	bool by_pipe = record->signal == SIGPIPE || record->exit_value == 128 + SIGPIPE;

	return attempt->parts->ungroup && by_pipe && output_reader_gone();
}

/* Judges a process that has ended. */
enum attempt_result attempt_judge(struct attempt *attempt, const struct job *job)
{
	bool may_end_run = attempt->parts->options->failures == FAILURE_MAY_END_RUN;
	struct run_state *state = attempt->parts->state;
	const struct job_record *record = &job->record;

	/* Whatever it says of its end. What a job of --spread has had cannot be given again. */
	if (process_was_preempted(&attempt->process) && !record->timed_out &&
	    !attempt->parts->feeding.spreads && run_state_phase(state) != RUN_ENDS)
		return ATTEMPT_PREEMPTED;
	if (record->exit_value == 0 && record->signal == 0)
		return ATTEMPT_DONE;
	if (!may_end_run && has_lost_reader(attempt, record)) {
		run_state_lose_output(state, EPIPE);
		return ATTEMPT_LEFT_OUT;
	}
	if (!may_end_run)
		report_death(attempt, job);
	else if (!process_told(&attempt->process))
		run_ending_by_job(state, attempt_program(attempt), record);
	/* How a job would have been that the end of the run has ended is not known. */
	if (process_told(&attempt->process) && !record->timed_out &&
	    run_state_phase(state) == RUN_ENDS)
		return ATTEMPT_LEFT_OUT;
	/* What it was to do may be done: it is not done twice for want of its output. */
	if (record->attempt >= attempt->parts->options->retries || job->output.read_error)
		return ATTEMPT_FAILED;
	return run_state_goes_on(state) ? ATTEMPT_RETRY : ATTEMPT_LEFT_OUT;
}

/* Says which process holds the output of a job whose first process has ended. */
static void complain_held(struct attempt *attempt, const struct job *job)
{
	char text[256], holder[HOLDER_TEXT];

	process_name_holder(&attempt->process, holder);
	snprintf(text, sizeof text,
	    "its process has ended, but %s holds its output: what comes later is dropped "
	    "(--linger)",
	    holder);
	complain(job, text);
}

/* Collects what the process prints; with --linger its end is seen meanwhile. */
static void collect_until_end(struct attempt *attempt, struct job *job)
{
	if (attempt->parts->output->options->linger_ms < 0) {
		collect(attempt, job);
		return;
	}
	job->output.end = system_process_descriptor(attempt->process.pid);
	if (job->output.end < 0)
		complain_why(job, "--linger", errno);
	collect(attempt, job);
	if (job->output.end >= 0)
		close(job->output.end);
	if (job->output.end >= 0 && job->output.cut && !process_told(&attempt->process))
		complain_held(attempt, job);
	job->output.end = -1;
}

/* The process has ended; it counts unless it ran no program, or is to be started again. */
static void tell_sizer(struct attempt *attempt, const struct job_record *record, bool counts)
{
	const struct observation seen = {.runtime_s = record->runtime_s,
	    .cpu_s = record->user_s + record->system_s,
	    .failed = record->exit_value != 0 || record->signal != 0};

	if (counts)
		sizer_job_ended(attempt->parts->sizer, &attempt->observed, &seen);
	else
		sizer_job_cancelled(attempt->parts->sizer, &attempt->observed);
}

/*
 * Takes part in the life of a process until it has ended, and its output too. Returns 0, or the
 * errno of its exec when the command could not be run.
 */
int attempt_accompany(struct attempt *attempt, struct job *job)
{
	struct job_record *record = &job->record;
	struct rusage usage;
	int status;

	attempt_tell_start(attempt, job);
	attempt_show(attempt, job);
	/* Who has come before that has not found the job. */
	job_output_let_listen(&job->output, record->seq);
	job->output.process = &attempt->process;
	time_limit_begin(attempt->parts->limit);
	if (!attempt->parts->ungroup)
		collect_until_end(attempt, job);
	if (job->output.read_error)
		complain_why(job, "reading its output", job->output.read_error);
	int error = process_wait(&attempt->process, &status, &usage);
	int input_error = feeder_end(&attempt->feeder);
	attempt_show(attempt, NULL);
	record->runtime_s = clock_seconds(CLOCK_MONOTONIC) - attempt->began_s;
	record->stdout_bytes = job->output.streams[0].received;
	progress_process_ended(attempt->parts->progress, record->runtime_s);
	gate_process_ended(attempt->parts->gate, &attempt->place, (double)usage.ru_maxrss * 1024);
	if (error == 0)
		attempt_note_end(attempt, job, status, &usage);
	if (error == 0 && input_error)
		attempt_lose_input(job, input_error);
	if (attempt->parts->options->colours_failed && record->exit_value != 0)
		colour_set_failed(&job->output);
	tell_sizer(attempt, record, error == 0 && !process_was_preempted(&attempt->process));
	return error;
}
