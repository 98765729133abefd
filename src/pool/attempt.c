#include "pool/attempt.h"

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
#include "base/console.h"
#include "base/csv.h"
#include "base/escape.h"
#include "base/message.h"
#include "base/path.h"
#include "base/system_limits.h"
#include "base/system_processes.h"
#include "command/command_path.h"
#include "command/escape_quote.h"
#include "command/shell_quote.h"
#include "pool/prompt.h"
#include "pool/run_ending.h"
#include "process/job_environment.h"
#include "process/job_mark.h"

/* What a shell says of commands that it cannot run. */
enum { CANNOT_RUN = 126, NOT_FOUND = 127 };

/* --- messages: each names the job, by its number and its first item --- */

static const char *name_job(const struct job *job, char name[JOB_NAME])
{
	char item[ESCAPED];

	snprintf(name, JOB_NAME, "job %" PRIu64 " (%s)", job->record.seq,
	    escape_item(item, &job->items, 0));
	return name;
}

static void complain(const struct job *job, const char *what)
{
	char name[JOB_NAME];

	message("%s: %s", name_job(job, name), what);
}

const char *attempt_name_job(struct attempt *attempt, char name[JOB_NAME])
{
	lock_take(&attempt->shown_lock);
	if (attempt->shown)
		name_job(attempt->shown, name);
	else
		snprintf(name, JOB_NAME, "job %" PRIu64, atomic_load(&attempt->seq));
	lock_release(&attempt->shown_lock);
	return name;
}

/* As complain, with the reason behind it. */
static void complain_why(const struct job *job, const char *what, int error)
{
	char text[ESCAPED + 128];

	snprintf(text, sizeof text, "%s%s%s", what, *what ? ": " : "", strerror(error));
	complain(job, text);
}

static void complain_too_long(const struct job *job, size_t bytes, size_t limit)
{
	char text[128];

	snprintf(text, sizeof text,
	    "argument of %zu bytes is too long: the system takes %zu at most", bytes, limit);
	complain(job, text);
}

/* Says why the job cannot be run. */
static void complain_problem(const struct job *job)
{
	char item[64], text[256];

	snprintf(item, sizeof item, "item of %zu byte%s", job->problem_size,
	    job->problem_size == 1 ? "" : "s");
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
		complain_too_long(job, job->problem_size, job->problem_limit);
		return;
	case PROBLEM_NO_ROOM:
		snprintf(text, sizeof text, "%s does not fit into a command line of %zu", item,
		    job->problem_limit);
		break;
	case PROBLEM_CSV:
		snprintf(text, sizeof text, "byte %zu of the record: %s", job->problem_size,
		    csv_fault_text((enum csv_fault)job->problem_limit));
		break;
	case PROBLEM_COLUMNS:
		snprintf(text, sizeof text,
		    "it has %zu columns, and a record of the table %zu: it is not run",
		    job->problem_size, job->problem_limit);
		break;
	}
	complain(job, text);
}

/* --- the beginning and the end of the slot --- */

void attempt_init(struct attempt *attempt, const struct attempt_parts *parts, unsigned slot,
    volatile struct shared_process *shared)
{
	*attempt = (struct attempt){.parts = parts, .slot = slot, .wake = {-1, -1}};
	process_init(&attempt->process, shared, parts->orphans);
	lock_init(&attempt->shown_lock, LOCK_SHOWN);
}

/* Adds the variable that the user has named for the slot, if there is one. False without memory. */
static bool name_slot(struct attempt *attempt, size_t count)
{
	const char *name = attempt->parts->options->slot_variable;

	if (!name)
		return true;
	if (asprintf(&attempt->named_slot, "%s=%u", name, attempt->slot - 1) < 0)
		return false;
	attempt->environment[count] = attempt->named_slot;
	return true;
}

bool attempt_begin(struct attempt *attempt)
{
	size_t count;

	attempt->environment = job_environment(&count, attempt->parts->options->bare_environment);
	if (!attempt->environment)
		return false;
	if (attempt->parts->options->bare_environment)
		return name_slot(attempt, count);
	snprintf(attempt->slot_variable, sizeof attempt->slot_variable, "%s%u",
	    variable_names[VARIABLE_SLOT], attempt->slot);
	attempt->environment[count++] = attempt->mark;
	attempt->environment[count++] = attempt->seq_variable;
	attempt->environment[count++] = attempt->slot_variable;
	attempt->environment[count++] = attempt->attempt_variable;
	if (attempt->parts->options->seq_name)
		attempt->environment[count++] = attempt->named_seq;
	if (attempt->parts->options->slot_name) {
		snprintf(attempt->named_number, sizeof attempt->named_number, "%s=%u",
		    attempt->parts->options->slot_name, attempt->slot);
		attempt->environment[count++] = attempt->named_number;
	}
	return name_slot(attempt, count);
}

void attempt_end(struct attempt *attempt)
{
	strlist_free(&attempt->arguments);
	strlist_free(&attempt->line);
	strlist_free(&attempt->directory);
	for (int i = 0; i < 2; i++) {
		if (attempt->wake[i] >= 0)
			close(attempt->wake[i]);
		attempt->wake[i] = -1;
	}
	free(attempt->argv);
	free(attempt->environment);
	free(attempt->named_slot);
	attempt->argv = attempt->environment = NULL;
	attempt->named_slot = NULL;
	attempt->argv_room = 0;
}

struct side_process attempt_side_process(struct attempt *attempt)
{
	return (struct side_process){.process = &attempt->process,
	    .caller = attempt->parts->caller,
	    .killed = &attempt->parts->state->killed,
	    .running = &attempt->parts->progress->running};
}

/* --- the command --- */

static struct template_values values_of(const struct attempt *attempt, const struct job *job)
{
	return (struct template_values){.items = &job->items,
	    .columns = job->record.columns,
	    .seq = job->record.seq,
	    .total = attempt->parts->settle->total,
	    .slots = attempt->parts->output->options->slots,
	    .slot = attempt->slot};
}

/* Makes the argument vector. False without memory. */
static bool fill_argv(struct attempt *attempt)
{
	size_t count = attempt->arguments.count;

	if (count + 1 > attempt->argv_room) {
		char **argv = reallocarray(attempt->argv, count + 1, sizeof *argv);
		if (!argv)
			return false;
		attempt->argv = argv;
		attempt->argv_room = count + 1;
	}
	for (size_t i = 0; i < count; i++)
		attempt->argv[i] = strlist_at(&attempt->arguments, i);
	attempt->argv[count] = NULL;
	return true;
}

/* Makes the command as it is recorded. False without memory; that has been said. */
static bool describe(struct attempt *attempt, struct job *job, const struct template_values *values)
{
	if (!records_have_command(attempt->parts->records))
		return true;
	command_describe(attempt->parts->command, values, &attempt->arguments, &attempt->line,
	    &job->record.command);
	if (!strlist_failed(&job->record.command))
		return true;
	complain_why(job, "recording its command", ENOMEM);
	return false;
}

/* Makes the name of the folder that the job runs in, and the folder, if it is not there. */
static bool fill_directory(struct attempt *attempt, const struct template_values *values)
{
	if (!command_fill_directory(attempt->parts->command, values, &attempt->directory))
		return false;
	if (attempt->directory.count > 0 && !attempt->parts->options->dry_run)
		path_make_folders(attempt->directory.bytes);
	return true;
}

static bool fill_tag(struct attempt *attempt, struct job *job, const struct template_values *values)
{
	if (!command_fill_tag(attempt->parts->command, values, &job->tag))
		return false;
	if (job->tag.count > 0) {
		job->output.tag = job->tag.bytes;
		job->output.tag_length = job->tag.used;
	}
	return true;
}

/* Finds out how many slots the job takes. False when that is no number; it has been said. */
static bool weigh(struct attempt *attempt, struct job *job, const struct template_values *values)
{
	struct weight_place *place = &attempt->place;
	bool may_be_awaited = attempt->parts->settle->ordered && job->put_back;

	place->weight = command_weigh(attempt->parts->command, values, &attempt->line);
	/* -k: those that run may wait for the output of one that was put back. */
	place->turn = may_be_awaited ? &job->output.has_turn : NULL;
	if (place->weight == 0)
		complain(job, "its --weight is no number from 1 on");
	return place->weight > 0;
}

/* Makes the command of the job. False when that cannot be; it has been said. */
static bool fill_command(struct attempt *attempt, struct job *job)
{
	const struct template_values values = values_of(attempt, job);

	command_fill(attempt->parts->command, &values, &attempt->arguments);
	if (!describe(attempt, job, &values))
		return false;
	if (job->problem) {
		complain_problem(job);
		return false;
	}
	if (!weigh(attempt, job, &values))
		return false;
	if (!strlist_failed(&attempt->arguments) && fill_tag(attempt, job, &values) &&
	    fill_directory(attempt, &values) && fill_argv(attempt))
		return true;
	complain_why(job, "building its command", ENOMEM);
	return false;
}

/* Makes the line that shows the command. False without memory; that has been said. */
static bool quote_command(struct attempt *attempt, const struct job *job)
{
	const struct template_values values = values_of(attempt, job);

	if (command_show(attempt->parts->command, &values, &attempt->arguments, &attempt->line))
		;
	else if (attempt->parts->options->trace_escapes)
		escape_quote(&attempt->arguments, &attempt->line);
	else
		shell_quote(&attempt->arguments, &attempt->line);
	if (!strlist_failed(&attempt->line))
		return true;
	complain_why(job, "printing its command", ENOMEM);
	return false;
}

/* Prints the command to `fd`. False without memory; that has been said. */
static bool print_command(struct attempt *attempt, const struct job *job, int fd)
{
	if (!quote_command(attempt, job))
		return false;
	/* -t: a message, that does not come within a line of another job. */
	if (fd == STDERR_FILENO)
		console_say(attempt->line.bytes, attempt->line.used - 1);
	else if (output_line(attempt->parts->output, fd, &attempt->line) != 0)
		run_state_lose_output(attempt->parts->state, errno);
	return true;
}

/* Asks the user whether the command may run, where it has to be asked, or prints it under -t. */
static bool announce(struct attempt *attempt, const struct job *job)
{
	const struct attempt_options *options = attempt->parts->options;

	if (options->prints_command && attempt->parts->ungroup)
		print_command(attempt, job, STDOUT_FILENO);
	if (!options->asks) {
		if (options->trace)
			print_command(attempt, job, STDERR_FILENO);
		return true;
	}
	if (!quote_command(attempt, job))
		return false;
	/* Without the newline and the NUL. */
	enum answer answer =
	    prompt_ask(attempt->parts->state, attempt->line.bytes, attempt->line.used - 2);
	if (answer == ANSWER_NONE) {
		message_errno("failed to open /dev/tty for reading");
		run_state_stop(attempt->parts->state, RUN_DRAINS, 1, 0);
	}
	return answer == ANSWER_YES;
}

/* --- commands that cannot be run --- */

/* The command's name; argv may have a shell before it. */
static const char *program_name(const struct attempt *attempt)
{
	return strlist_at(&attempt->arguments, 0);
}

static size_t longest_argument(const struct attempt *attempt)
{
	size_t longest = 0;

	for (size_t i = 0; i < attempt->arguments.count; i++)
		if (strlist_length(&attempt->arguments, i) > longest)
			longest = strlist_length(&attempt->arguments, i);
	return longest;
}

/* The command of this job cannot be run. */
static enum attempt_result refuse_job(struct attempt *attempt, struct job *job, int error)
{
	char name[ESCAPED], text[ESCAPED + 32];
	size_t longest = longest_argument(attempt);

	if (attempt->parts->options->failures == FAILURE_MAY_END_RUN) {
		run_ending_by_program(attempt->parts->state, program_name(attempt), error);
		return ATTEMPT_LEFT_OUT;
	}
	if (error == E2BIG && longest >= system_word_bytes()) {
		complain_too_long(job, longest, system_word_bytes() - 1);
	} else {
		snprintf(text, sizeof text, "cannot run %s",
		    escape(name, sizeof name, attempt->argv[0], strlen(attempt->argv[0])));
		complain_why(job, text, error);
	}
	job->record.exit_value = error == ENOENT ? NOT_FOUND : CANNOT_RUN;
	if (error == E2BIG && attempt->parts->exit_on_size)
		run_state_stop(attempt->parts->state, RUN_DRAINS, 125, 0);
	return ATTEMPT_FAILED;
}

/* The command cannot be run. Is that so for this job, or will it be for every one? */
static enum attempt_result refuse_command(struct attempt *attempt, struct job *job, int error)
{
	const char *path = attempt->parts->command->path, *hint = "";
	char name[ESCAPED_NAME];

	if (!path || error == E2BIG)
		return refuse_job(attempt, job, error);
	int status = error == ENOENT ? NOT_FOUND : CANNOT_RUN;
	if (!run_state_stop(attempt->parts->state, RUN_DRAINS, status, 0))
		return ATTEMPT_LEFT_OUT;
	if (error == ENOEXEC)
		hint = " (a script needs a #! line)";
	if (error == ENOENT && access(path, F_OK) == 0)
		hint = " (is its interpreter there?)";
	message("cannot run %s: %s%s", escape_name(name, path), strerror(error), hint);
	return ATTEMPT_LEFT_OUT;
}

/* --- starting the process --- */

/* Makes the pipes for the job's output. Returns 0, or -1 with errno. */
static int open_output(struct attempt *attempt, struct job *job, int write_ends[2])
{
	if (attempt->parts->settle->ordered) {
		if (attempt->wake[0] < 0 && pipe2(attempt->wake, O_CLOEXEC | O_NONBLOCK) != 0)
			return -1;
		settle_set_wake(attempt->parts->settle, job, attempt->wake);
	}
	return job_output_open(&job->output, write_ends);
}

enum start { STARTED, NOT_NOW, CANNOT_START };

/* Starts the process, unless the gate is closed (NOT_NOW). CANNOT_START: errno says why. */
static enum start start_process(
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

/* As start_process, with the standard input that jobs have. */
static enum start start_with_input(
    struct attempt *attempt, struct job *job, const char *path, const int ends[2])
{
	if (!attempt->parts->options->opens_tty)
		return start_process(attempt, job, path, STDIN_FILENO, ends);
	int terminal = open("/dev/tty", O_RDONLY | O_CLOEXEC | O_NOCTTY);
	if (terminal < 0) {
		run_ending_by_terminal(attempt->parts->state);
		return NOT_NOW;
	}
	enum start started = start_process(attempt, job, path, terminal, ends);
	int error = errno;
	close(terminal);
	errno = error;
	return started;
}

/* What the job prints begins with the name of the file that has it. */
static void print_results_name(struct job *job)
{
	struct strlist *name = &job->record.results_name;

	name->bytes[name->used - 1] = '\n';
	job_output_begin(&job->output, name->bytes, name->used);
	name->bytes[name->used - 1] = '\0';
}

/* As start_process, with pipes for what the process prints. */
static enum start start_with_output(struct attempt *attempt, struct job *job, const char *path)
{
	int ends[2] = {-1, -1};

	if (attempt->parts->ungroup)
		return start_with_input(attempt, job, path, ends);
	if (open_output(attempt, job, ends) != 0)
		return CANNOT_START;
	if (attempt->parts->options->prints_command && quote_command(attempt, job))
		job_output_begin(&job->output, attempt->line.bytes, attempt->line.used - 1);
	if (attempt->parts->options->prints_results)
		print_results_name(job);
	enum start started = start_with_input(attempt, job, path, ends);
	int error = errno;
	for (int i = 0; i < 2; i++) {
		close(ends[i]);
		if (started != STARTED)
			job_output_end_stream(&job->output.streams[i]);
	}
	errno = error;
	return started;
}

/* --- while it runs, and when it has ended --- */

/* Lets other threads see which job the slot is running; NULL: none. */
static void show(struct attempt *attempt, const struct job *job)
{
	lock_take(&attempt->shown_lock);
	attempt->shown = job;
	lock_release(&attempt->shown_lock);
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
static void note_end(
    struct attempt *attempt, struct job *job, int status, const struct rusage *usage)
{
	struct job_record *record = &job->record;
	bool loses_output = job->output.read_error != 0;

	record->has_run = true;
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

/* Says of what a failed process died, where that is not plain. */
static void report_death(struct attempt *attempt, const struct job *job)
{
	const struct job_record *record = &job->record;
	char text[128];

	if (record->timed_out) {
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
static enum attempt_result judge(struct attempt *attempt, const struct job *job)
{
	bool may_end_run = attempt->parts->options->failures == FAILURE_MAY_END_RUN;
	struct run_state *state = attempt->parts->state;
	const struct job_record *record = &job->record;

	/* Whatever it says of its end. */
	if (process_was_preempted(&attempt->process) && !record->timed_out &&
	    run_state_phase(state) != RUN_ENDS)
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
		run_ending_by_job(state, program_name(attempt), record);
	/* How a job would have been that the end of the run has ended is not known. */
	if (process_told(&attempt->process) && !record->timed_out &&
	    run_state_phase(state) == RUN_ENDS)
		return ATTEMPT_LEFT_OUT;
	if (record->attempt >= attempt->parts->options->retries)
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
static int accompany(struct attempt *attempt, struct job *job)
{
	struct job_record *record = &job->record;
	struct rusage usage;
	int status;

	show(attempt, job);
	job->output.process = &attempt->process;
	time_limit_begin(attempt->parts->limit);
	if (!attempt->parts->ungroup)
		collect_until_end(attempt, job);
	if (job->output.read_error)
		complain_why(job, "reading its output", job->output.read_error);
	int error = process_wait(&attempt->process, &status, &usage);
	show(attempt, NULL);
	record->runtime_s = clock_seconds(CLOCK_MONOTONIC) - attempt->began_s;
	record->stdout_bytes = job->output.streams[0].received;
	progress_process_ended(attempt->parts->progress, record->runtime_s);
	gate_process_ended(attempt->parts->gate, &attempt->place, (double)usage.ru_maxrss * 1024);
	if (error == 0)
		note_end(attempt, job, status, &usage);
	tell_sizer(attempt, record, error == 0 && !process_was_preempted(&attempt->process));
	return error;
}

/* --- where the system has no room --- */

/* No process could be made for the job. Returns whether to try again; if not, sets the result. */
static bool bear_shortage(
    struct attempt *attempt, struct job *job, int error, enum attempt_result *result)
{
	const struct progress *progress = attempt->parts->progress;
	bool alone = atomic_load(&progress->running) == 0 && atomic_load(&progress->at_work) == 1 &&
		     !gate_lends_descriptors(attempt->parts->gate);

	*result = ATTEMPT_LEFT_OUT;
	/* Our own descriptors, and neither another slot nor a client has any: nothing will make
	 * room. */
	if (error == EMFILE && alone) {
		complain_why(job, "starting it", error);
		run_state_stop(attempt->parts->state, RUN_DRAINS, 1, 0);
		return false;
	}
	switch (gate_await_room(attempt->parts->gate, error)) {
	case GATE_MAYBE:
		return true;
	case GATE_CROWDED:
		settle_set_wake(attempt->parts->settle, job, NULL);
		*result = ATTEMPT_CROWDED;
		break;
	case GATE_CLOSED:
		break;
	}
	return false;
}

/* --- all of it --- */

/*
 * There is no process, or it has one that could not run the program (`has_process`). Returns
 * whether to try again; if not, sets the result.
 */
static bool bear_failure(struct attempt *attempt, struct job *job, bool has_process, int error,
    enum attempt_result *result)
{
	if (shortage_may_pass(error))
		return bear_shortage(attempt, job, error, result);
	if (has_process) {
		*result = refuse_command(attempt, job, error);
		return false;
	}
	complain_why(job, "starting it", error);
	job->record.exit_value = CANNOT_RUN;
	*result = ATTEMPT_FAILED;
	return false;
}

/* Runs files that are no programs, where that is wanted, as execvp(3) does. */
static const char sh[] = "/bin/sh";

/* Makes the command one of sh, which is given the file at `path`. False without memory. */
static bool pass_to_sh(struct attempt *attempt, const char *path)
{
	size_t count = attempt->arguments.count;
	char **argv = reallocarray(attempt->argv, count + 2, sizeof *argv);

	if (!argv)
		return false;
	memmove(argv + 1, argv, (count + 1) * sizeof *argv);
	argv[0] = (char *)sh;
	argv[1] = (char *)path;
	attempt->argv = argv;
	attempt->argv_room = count + 2;
	return true;
}

/* Makes the attempt with a program that was found, as soon as there is room for its process. */
static enum attempt_result run_program(struct attempt *attempt, struct job *job, const char *path)
{
	const struct side_process side = attempt_side_process(attempt);
	struct gate *gate = attempt->parts->gate;
	int64_t start_ms = gate_reserve_start(gate);
	bool announced = false;
	enum attempt_result result;

	for (;; announced = true) {
		bool may_start =
		    gate_await_start(gate, &attempt->place, start_ms, &attempt->pass, &side) &&
		    (announced || announce(attempt, job));
		enum start started = may_start ? start_with_output(attempt, job, path) : NOT_NOW;
		int error = errno;
		if (started == STARTED)
			error = accompany(attempt, job);
		gate_leave(gate, &attempt->pass);
		if (!may_start)
			return ATTEMPT_LEFT_OUT;
		if (started == STARTED && error == 0)
			return judge(attempt, job);
		if (started == STARTED && error == ENOEXEC && path != sh &&
		    attempt->parts->options->sh_runs_scripts && pass_to_sh(attempt, path)) {
			path = sh;
			continue;
		}
		if (started != NOT_NOW &&
		    !bear_failure(attempt, job, started == STARTED, error, &result))
			return result;
	}
}

/* The program is not there. A user who is asked about each command is asked first. */
static enum attempt_result refuse_missing(struct attempt *attempt, struct job *job, int error)
{
	bool ends_run = attempt->parts->options->failures == FAILURE_MAY_END_RUN;

	if (ends_run && !announce(attempt, job))
		return ATTEMPT_LEFT_OUT;
	return refuse_job(attempt, job, error);
}

/* The program is looked for now, when its name has the item in it. */
static enum attempt_result find_and_run(struct attempt *attempt, struct job *job)
{
	const struct command *command = attempt->parts->command;

	if (command->path)
		return run_program(attempt, job, command->path);
	char *found = command_path(attempt->argv[0], command->options->started_in);
	if (!found)
		return refuse_missing(attempt, job, errno);
	enum attempt_result result = run_program(attempt, job, found);
	free(found);
	return result;
}

/* Sets what the attempt is known by, in the job's environment and in messages. */
static void introduce(struct attempt *attempt, const struct job_record *record)
{
	job_mark_make(attempt->mark, attempt->parts->run_mark, record->seq);
	snprintf(attempt->seq_variable, sizeof attempt->seq_variable, "%s%" PRIu64,
	    variable_names[VARIABLE_SEQ], record->seq);
	if (attempt->parts->options->seq_name)
		snprintf(attempt->named_seq, sizeof attempt->named_seq, "%s=%" PRIu64,
		    attempt->parts->options->seq_name, record->seq);
	snprintf(attempt->attempt_variable, sizeof attempt->attempt_variable, "%s%u",
	    variable_names[VARIABLE_ATTEMPT], record->attempt);
	atomic_store(&attempt->seq, record->seq);
}

enum attempt_result attempt_run(struct attempt *attempt, struct job *job)
{
	const struct attempt_options *options = attempt->parts->options;
	bool is_last = job->record.attempt >= options->retries;
	bool again = job->record.attempt > 1 && !options->drop_retried;

	job->record.slot = attempt->slot;
	job->output.seq = job->record.seq;
	job->output.held = options->drop_retried && !is_last;
	job_clear_outcome(job);
	const struct template_values values = values_of(attempt, job);
	if (!command_fill_results(attempt->parts->command, &values, &job->record.results_name)) {
		complain_why(job, "naming its results", ENOMEM);
		return ATTEMPT_FAILED;
	}
	if (records_are_there(attempt->parts->records, &job->record))
		return ATTEMPT_DONE;
	if (!options->dry_run &&
	    records_begin_job(attempt->parts->records, &job->record, &job->output, again) != 0) {
		settle_lose_results(attempt->parts->settle, job, errno);
		return ATTEMPT_LEFT_OUT;
	}
	if (!fill_command(attempt, job)) {
		job->record.exit_value = CANNOT_RUN;
		return ATTEMPT_FAILED;
	}
	if (options->dry_run)
		return print_command(attempt, job, STDOUT_FILENO) ? ATTEMPT_DONE : ATTEMPT_FAILED;
	introduce(attempt, &job->record);
	return find_and_run(attempt, job);
}
