#include "record/acknowledge.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "base/escape.h"
#include "base/message.h"
#include "process/job_environment.h"

/* What timeout(1) says of a command whose time ran out, and a shell of one killed by a signal. */
enum { TIMED_OUT = 124, SIGNALLED = 128 };

/* An environment for it. */
struct setting {
	char **all;
	char *item;
	char numbers[VARIABLES][48]; /* the other variables */
};

/* One item of a job that is acknowledged. */
struct note {
	const struct job_record *record;
	size_t item;
	const char *option, *command;
	unsigned attempts; /* that the job had */
	bool is_over;      /* the last one was its end, and has a status */
};

bool acknowledges(const struct acknowledge_options *options)
{
	return (options->done || options->failed || options->back) && !options->dry_run;
}

static void complain(const struct note *note, const char *what)
{
	char item[ESCAPED], command[ESCAPED_NAME];

	message("job %" PRIu64 " (%s): %s '%s': %s", note->record->seq,
	    escape_item(item, note->record->items, note->item), note->option,
	    escape_name(command, note->command), what);
}

/* The status of a job as a shell would tell it. */
static int job_status(const struct job_record *record)
{
	if (record->timed_out)
		return TIMED_OUT;
	return record->signal ? SIGNALLED + record->signal : record->exit_value;
}

/* Our environment and the job's variables. Returns false without memory. */
static bool fill_setting(struct setting *setting, const struct note *note)
{
	const struct job_record *record = note->record;
	const long long values[VARIABLES] = {[VARIABLE_SEQ] = (long long)record->seq,
	    [VARIABLE_STATUS] = job_status(record),
	    [VARIABLE_SLOT] = note->attempts > 0 ? record->slot : 0,
	    [VARIABLE_ATTEMPT] = note->attempts};
	size_t count;

	setting->all = job_environment(&count, false);
	if (asprintf(&setting->item, "%s%s", variable_names[VARIABLE_ITEM],
		strlist_at(record->items, note->item)) < 0)
		setting->item = NULL;
	if (!setting->all || !setting->item)
		return false;
	/* It is no process of the job. */
	for (size_t i = 0; i < VARIABLE_JOB; i++) {
		if (i == VARIABLE_STATUS && !note->is_over)
			continue;
		char *variable = setting->numbers[i];
		snprintf(
		    variable, sizeof *setting->numbers, "%s%lld", variable_names[i], values[i]);
		setting->all[count++] = i == VARIABLE_ITEM ? setting->item : variable;
	}
	return true;
}

/* Runs the command and waits for its end. Returns what was wrong with it, in `text`; or NULL. */
static const char *run(const struct side_process *by, const char *command, char *const *environment,
    char *text, size_t size)
{
	int status = 0, error = side_process_run(by, command, environment, &status);

	if (error < 0)
		return "not started, the run has been killed";
	if (error)
		snprintf(text, size, "cannot be started: %s", strerror(error));
	else if (WIFSIGNALED(status))
		snprintf(text, size, "killed by signal %d", WTERMSIG(status));
	else if (status != 0)
		snprintf(text, size, "ended with status %d", WEXITSTATUS(status));
	else
		return NULL;
	return text;
}

/* Returns whether that has been done; if not, says so. */
static bool acknowledge_item(const struct side_process *by, const struct note *note)
{
	struct setting setting = {0};
	const char *problem = strerror(ENOMEM);
	char text[128];

	if (fill_setting(&setting, note))
		problem = run(by, note->command, setting.all, text, sizeof text);
	if (problem)
		complain(note, problem);
	free(setting.item);
	free(setting.all);
	return !problem;
}

/* Runs the command for each item of the job. Returns whether that has been done. */
static bool acknowledge_all(
    const struct side_process *side, const struct acknowledger *by, struct note *note)
{
	const struct job_record *record = note->record;
	bool all = true;

	if (record->unfit) {
		complain(note, "not run, as its item cannot be in the environment");
		return false;
	}
	atomic_store(by->seq, record->seq);
	for (; note->item < record->items->count; note->item++)
		all &= acknowledge_item(side, note);
	return all;
}

void acknowledge(const struct acknowledge_options *options, const struct acknowledger *by,
    const struct job_record *record)
{
	struct note note = {
	    .record = record,
	    .option = record->failed ? "--failed" : "--done",
	    .command = record->failed ? options->failed : options->done,
	    .attempts = record->attempt,
	    .is_over = true,
	};

	if (note.command && acknowledges(options))
		acknowledge_all(&by->side, by, &note);
}

/* Gives the items of a job back that was left out after so many attempts. Returns whether that has
 * been done. */
static bool give_back(const struct acknowledge_options *options, const struct acknowledger *by,
    const struct job_record *record, unsigned attempts)
{
	struct note note = {
	    .record = record, .option = "--back", .command = options->back, .attempts = attempts};
	struct side_process side = by->side;

	side.killed = by->gives_up;
	return acknowledge_all(&side, by, &note);
}

bool acknowledge_left_out(const struct acknowledge_options *options, const struct acknowledger *by,
    const struct job_record *record)
{
	/* The number may be that of an attempt that the end of the run has forestalled. */
	unsigned attempts = record->attempt - (record->is_begun ? 0 : 1);
	const char *lost = record->seq > JOB_ADDED
			       ? "added by --ctl, but not done to its end: no queue has it"
			   : options->names_lost ? "taken off its queue, but not done to its end: "
						   "neither --done nor --failed is run"
						 : NULL;
	char item[ESCAPED];

	if (options->back && record->seq <= JOB_ADDED)
		return give_back(options, by, record, attempts) && attempts == 0;

	for (size_t i = 0; lost && i < record->items->count; i++)
		message("job %" PRIu64 " (%s): %s", record->seq,
		    escape_item(item, record->items, i), lost);
	return false;
}
