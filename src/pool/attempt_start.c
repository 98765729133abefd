#include "pool/attempt_start.h"

#include <errno.h>
#include <fcntl.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "pool/attempt_command.h"
#include "pool/complaint.h"
#include "pool/run_ending.h"

/* Makes the pipes, or the terminal, for the job's output. Returns 0, or -1 with errno. */
static int open_output(struct attempt *attempt, struct job *job, int write_ends[2])
{
	if (attempt->parts->settle->ordered) {
		if (attempt->wake[0] < 0 && pipe2(attempt->wake, O_CLOEXEC | O_NONBLOCK) != 0)
			return -1;
		settle_set_wake(attempt->parts->settle, job, attempt->wake);
	}
	return job_output_open(&job->output, attempt->parts->output->options->pty, write_ends);
}

/* Starts the process, unless the gate is closed (NOT_NOW). CANNOT_START: errno says why. */
enum start attempt_start_process(
    struct attempt *attempt, struct job *job, const char *path, int input, const int ends[2])
{
	const struct launch launch = {
	    .path = path,
	    .arguments = attempt->argv,
	    .environment = attempt->environment,
	    .directory = attempt->directory.count > 0 ? attempt->directory.bytes : NULL,
	    .in = input,
	    .out = ends[0],
	    .err = ends[1],
	    .seq = job->record.seq,
	    .mark = attempt->parts->options->bare_environment ? NULL : attempt->mark,
	    .joins = attempt->parts->options->joins_group,
	    .tied = true,
	    .caller = attempt->parts->caller,
	};

	attempt->began_s = clock_seconds(CLOCK_MONOTONIC);
	job->record.started_s = clock_seconds(CLOCK_REALTIME);
	/* Asked at the last moment, when a signal to all jobs can miss this one no more. */
	sizer_job_starts(attempt->parts->sizer, &attempt->observed, attempt->began_s);
	process_prepare(&attempt->process);
	if (!gate_may_start(attempt->parts->gate, &attempt->place)) {
		process_cancel(&attempt->process);
		sizer_job_cancelled(attempt->parts->sizer, &attempt->observed);
		return NOT_NOW;
	}
	/* Before it is there: the supervisor does not give up while there may be a process. */
	progress_process_begins(attempt->parts->progress);
	if (process_start(&attempt->process, &launch) == 0)
		return STARTED;
	int error = errno;
	sizer_job_cancelled(attempt->parts->sizer, &attempt->observed);
	progress_process_failed(attempt->parts->progress);
	gate_start_failed(attempt->parts->gate, &attempt->place);
	errno = error;
	return CANNOT_START;
}

/* As attempt_start_process, where there is no terminal for the job; errno says why. */
static enum start start_without_terminal(
    struct attempt *attempt, struct job *job, const char *path, const int ends[2])
{
	const struct attempt_options *options = attempt->parts->options;

	if (options->failures == FAILURE_MAY_END_RUN) {
		run_ending_by_terminal(attempt->parts->state);
		return NOT_NOW;
	}
	if (!options->may_lack_tty || shortage_may_pass(errno))
		return CANNOT_START;
	complain_why(job, "--tty: it has no terminal", errno);
	return attempt_start_process(attempt, job, path, STDIN_FILENO, ends);
}

/* Opens the block of a job; one that is more than a pipe holds is fed to it. */
static int open_block(struct attempt *attempt, const struct job *job)
{
	int input = -1;

	/* All jobs have the same input, and it is empty. */
	if (!job->block.file)
		return open("/dev/null", O_RDONLY | O_CLOEXEC);
	errno = EMSGSIZE;
	if (!attempt->parts->feeding.spreads)
		input = block_open(&job->block);
	return input < 0 && errno == EMSGSIZE ? feeder_begin(&attempt->feeder, &job->block) : input;
}

/* Opens what a job has in the place of the standard input that all have. */
static int open_input(struct attempt *attempt, const struct job *job)
{
	return attempt->parts->is_fed ? open_block(attempt, job)
				      : open("/dev/tty", O_RDONLY | O_CLOEXEC | O_NOCTTY);
}

/* As attempt_start_process, with the standard input that the job has. */
static enum start start_with_input(
    struct attempt *attempt, struct job *job, const char *path, const int ends[2])
{
	if (!attempt->parts->options->opens_tty && !attempt->parts->is_fed)
		return attempt_start_process(attempt, job, path, STDIN_FILENO, ends);
	int input = open_input(attempt, job);
	if (input < 0 && attempt->parts->is_fed)
		return CANNOT_START;
	if (input < 0)
		return start_without_terminal(attempt, job, path, ends);
	enum start started = attempt_start_process(attempt, job, path, input, ends);
	int error = errno;
	close(input);
	if (started != STARTED)
		feeder_end(&attempt->feeder);
	else if (!process_exec_failed(&attempt->process))
		feeder_go_on(&attempt->feeder);
	errno = error;
	return started;
}

/* What the job prints begins with the name of the file that has it. */
static void print_results_name(const struct attempt *attempt, struct job *job)
{
	struct strlist name = {0};

	records_name_stdout(attempt->parts->records, &job->record, &name);
	strlist_append(&name, "\n", 1);
	if (!strlist_failed(&name))
		job_output_begin(&job->output, name.bytes, name.used);
	strlist_free(&name);
}

/* As attempt_start_process, with pipes or a terminal for what the process prints. */
enum start attempt_start(struct attempt *attempt, struct job *job, const char *path)
{
	int ends[2] = {-1, -1};

	if (attempt->parts->ungroup)
		return start_with_input(attempt, job, path, ends);
	if (open_output(attempt, job, ends) != 0)
		return CANNOT_START;
	if (attempt->parts->options->prints_command && attempt_quote_command(attempt, job))
		job_output_begin(&job->output, attempt->line.bytes, attempt->line.used - 1);
	if (attempt->parts->options->keeps_command && attempt_quote_command(attempt, job))
		job_output_begin_copy(&job->output, attempt->line.bytes, attempt->line.used - 1);
	if (attempt->parts->options->prints_results)
		print_results_name(attempt, job);
	enum start started = start_with_input(attempt, job, path, ends);
	int error = errno;
	job_output_started(ends);
	for (int i = 0; i < 2 && started != STARTED; i++)
		job_output_end_stream(&job->output, &job->output.streams[i]);
	errno = error;
	return started;
}
