#include "pool/attempt.h"

#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "command/command_path.h"
#include "output/colour.h"
#include "pool/attempt_command.h"
#include "pool/attempt_end.h"
#include "pool/attempt_events.h"
#include "pool/attempt_refusal.h"
#include "pool/attempt_start.h"
#include "pool/attempt_worker.h"
#include "pool/complaint.h"
#include "process/job_environment.h"
#include "service/daemon.h"

/* The exit value of jobs that {uniq} and {choose_k} leave out, as GNU parallel records it. */
enum { NOT_CHOSEN = -2 };

/* --- the beginning and the end of the slot --- */

void attempt_init(struct attempt *attempt, const struct attempt_parts *parts, unsigned slot,
    volatile struct shared_process *shared)
{
	*attempt = (struct attempt){.parts = parts, .slot = slot, .wake = {-1, -1}};
	process_init(&attempt->process, shared, parts->orphans);
	feeder_init(&attempt->feeder, &parts->feeding, slot);
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
	if (attempt->parts->is_fed && !attempt->parts->feeding.spreads &&
	    !attempt->parts->options->answers) {
		attempt->environment[count++] = attempt->block_bytes_variable;
		attempt->environment[count++] = attempt->block_offset_variable;
	}
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
	attempt_worker_retire(attempt);
	strlist_free(&attempt->worker.answer);
	strlist_free(&attempt->arguments);
	strlist_free(&attempt->plain);
	strlist_free(&attempt->line);
	strlist_free(&attempt->directory);
	for (int i = 0; i < 2; i++) {
		if (attempt->wake[i] >= 0)
			close(attempt->wake[i]);
		attempt->wake[i] = -1;
	}
	feeder_close(&attempt->feeder);
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

const char *attempt_name_job(struct attempt *attempt, char name[JOB_NAME])
{
	lock_take(&attempt->shown_lock);
	if (attempt->shown)
		job_name(attempt->shown, name);
	else
		snprintf(name, JOB_NAME, "job %" PRIu64, atomic_load(&attempt->seq));
	lock_release(&attempt->shown_lock);
	return name;
}

void attempt_fit_terminal(struct attempt *attempt, struct terminal_size size)
{
	lock_take(&attempt->shown_lock);
	bool changed = attempt->shown && job_output_resize(&attempt->shown->output, size);
	lock_release(&attempt->shown_lock);
	/* The kernel tells it to the foreground of a controlling terminal alone. */
	if (changed)
		process_signal(&attempt->process, SIGWINCH);
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
		*result = attempt_refuse_command(attempt, job, error);
		return false;
	}
	/* No other call says this. */
	bool has_own = attempt->parts->output->options->pty;
	complain_why(job,
	    has_own ? "--pty: starting it in a terminal of its own"
	    : attempt->parts->is_fed && error == EIO
		? "--pipe: its file cannot be read, or has become shorter"
	    : attempt->parts->is_fed ? "--pipe: starting it with its block"
	    : error == ENXIO         ? "--tty: there is no terminal"
				     : "starting it",
	    error);
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

/* Is this the program that runs without the shell that was asked for? What cannot be executed is
 * left to the shell, which says why. */
static bool is_plain(const struct attempt *attempt, const char *path)
{
	return path == attempt->parts->command->plain_path;
}

/* sem: its caller goes on when the job may start; where that has been killed the job is not wanted.
 */
static bool tell_waiter(struct attempt *attempt)
{
	if (!attempt->parts->options->tells_waiter || daemon_ready())
		return true;
	run_state_stop(attempt->parts->state, RUN_DRAINS, 1, 0);
	return false;
}

/* As attempt_start and attempt_accompany, for a process that has one job or several. */
static enum start start(struct attempt *attempt, struct job *job, const char *path)
{
	return attempt->parts->options->answers ? attempt_worker_start(attempt, job, path)
						: attempt_start(attempt, job, path);
}

static int accompany(struct attempt *attempt, struct job *job)
{
	return attempt->parts->options->answers ? attempt_worker_accompany(attempt, job)
						: attempt_accompany(attempt, job);
}

/* Gives the job to the process that has had others before. False: it is for a new one. */
static bool run_in_worker(struct attempt *attempt, struct job *job, enum attempt_result *result)
{
	*result = ATTEMPT_LEFT_OUT;
	if (!run_state_goes_on(attempt->parts->state))
		return true;
	if (attempt_worker_accompany(attempt, job) == ATTEMPT_ANEW)
		return false;
	if (!attempt->worker.lives)
		gate_leave(attempt->parts->gate, &attempt->pass);
	*result = attempt_judge(attempt, job);
	attempt_tell_end(attempt, job, *result, 0);
	return true;
}

/* Makes the attempt with a program that was found, as soon as there is room for its process. */
static enum attempt_result run_program(struct attempt *attempt, struct job *job, const char *path)
{
	const struct side_process side = attempt_side_process(attempt);
	struct gate *gate = attempt->parts->gate;
	int64_t start_ms = gate_reserve_start(gate);
	bool announced = false;
	enum attempt_result result = ATTEMPT_LEFT_OUT;

	for (;; announced = true) {
		bool may_start =
		    gate_await_start(gate, &attempt->place, start_ms, &attempt->pass, &side) &&
		    (announced || (attempt_announce(attempt, job) && tell_waiter(attempt)));
		enum start started = may_start ? start(attempt, job, path) : NOT_NOW;
		int error = errno;
		if (started == STARTED)
			error = accompany(attempt, job);
		if (!attempt->worker.lives)
			gate_leave(gate, &attempt->pass);
		if (!may_start)
			return ATTEMPT_LEFT_OUT;
		if (started == STARTED && error == 0)
			result = attempt_judge(attempt, job);
		if (started == STARTED)
			attempt_tell_end(attempt, job, result, error);
		if (started == STARTED && error == 0)
			return result;
		if (started == STARTED && error == ENOEXEC && path != sh &&
		    attempt->parts->options->sh_runs_scripts && pass_to_sh(attempt, path)) {
			path = sh;
			continue;
		}
		if (started == STARTED && is_plain(attempt, path) && !shortage_may_pass(error) &&
		    attempt_take_command(attempt)) {
			path = attempt->path;
			continue;
		}
		if (started != NOT_NOW &&
		    !bear_failure(attempt, job, started == STARTED, error, &result))
			return result;
	}
}

/* The program is looked for now, when its name has the item in it. */
static enum attempt_result find_and_run(struct attempt *attempt, struct job *job)
{
	const struct command *command = attempt->parts->command;
	enum attempt_result given;

	if (attempt_worker_is_there(attempt) && run_in_worker(attempt, job, &given))
		return given;
	if (attempt->path)
		return run_program(attempt, job, attempt->path);
	char *found = command_path(attempt->argv[0], command->options->started_in);
	if (!found)
		return attempt_refuse_missing(attempt, job, errno);
	enum attempt_result result = run_program(attempt, job, found);
	free(found);
	return result;
}

/* Sets what the job is told of its block. */
static void describe_block(struct attempt *attempt, const struct block *block)
{
	snprintf(attempt->block_bytes_variable, sizeof attempt->block_bytes_variable, "%s%zu",
	    variable_names[VARIABLE_BLOCK_BYTES], block->length);
	snprintf(attempt->block_offset_variable, sizeof attempt->block_offset_variable, "%s%lld",
	    variable_names[VARIABLE_BLOCK_OFFSET], (long long)block->offset);
}

/* Sets what the attempt is known by, in the job's environment and in messages. */
static void introduce(struct attempt *attempt, const struct job_record *record)
{
	atomic_store(&attempt->seq, record->seq);
	/* Its process has what it was started with. */
	if (attempt->worker.lives)
		return;
	job_mark_make(attempt->mark, attempt->parts->run_mark, record->seq);
	snprintf(attempt->seq_variable, sizeof attempt->seq_variable, "%s%" PRIu64,
	    variable_names[VARIABLE_SEQ], record->seq);
	if (attempt->parts->options->seq_name)
		snprintf(attempt->named_seq, sizeof attempt->named_seq, "%s=%" PRIu64,
		    attempt->parts->options->seq_name, record->seq);
	snprintf(attempt->attempt_variable, sizeof attempt->attempt_variable, "%s%u",
	    variable_names[VARIABLE_ATTEMPT], record->attempt);
}

enum attempt_result attempt_run(struct attempt *attempt, struct job *job)
{
	const struct attempt_options *options = attempt->parts->options;
	bool is_last = job->record.attempt >= options->retries;
	bool again = job->record.attempt > 1 && !options->drop_retried;

	job->record.slot = attempt->slot;
	job->output.seq = job->record.seq;
	job->output.held = (options->drop_retried && !is_last) || options->colours_failed;
	*job->output.colour = '\0';
	if (options->colours)
		colour_set(&job->output, job->record.seq);
	job_clear_outcome(job);
	const struct template_values values = attempt_values(attempt, job);
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
	if (!attempt_fill_command(attempt, job)) {
		job->record.exit_value = CANNOT_RUN;
		return ATTEMPT_FAILED;
	}
	bool printed = !options->dry_run || attempt_print_command(attempt, job, STDOUT_FILENO);
	bool chosen = command_is_chosen(attempt->parts->command, &values);
	if (options->dry_run || !chosen) {
		job->record.exit_value = chosen ? 0 : NOT_CHOSEN;
		return printed && (chosen || !options->unchosen_fail) ? ATTEMPT_DONE
								      : ATTEMPT_FAILED;
	}
	introduce(attempt, &job->record);
	if (attempt->parts->is_fed)
		describe_block(attempt, &job->block);
	return find_and_run(attempt, job);
}
