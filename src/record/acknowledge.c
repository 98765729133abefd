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
};

bool acknowledges(const struct acknowledge_options *options)
{
	return (options->done || options->failed) && !options->dry_run;
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
	    [VARIABLE_SLOT] = record->slot,
	    [VARIABLE_ATTEMPT] = record->attempt};
	size_t count;

	setting->all = job_environment(&count, false);
	if (asprintf(&setting->item, "%s%s", variable_names[VARIABLE_ITEM],
		strlist_at(record->items, note->item)) < 0)
		setting->item = NULL;
	if (!setting->all || !setting->item)
		return false;
	/* It is no process of the job. */
	for (size_t i = 0; i < VARIABLE_JOB; i++) {
		char *variable = setting->numbers[i];
		snprintf(
		    variable, sizeof *setting->numbers, "%s%lld", variable_names[i], values[i]);
		setting->all[count++] = i == VARIABLE_ITEM ? setting->item : variable;
	}
	return true;
}

/* Runs the command and waits for its end. Returns what was wrong with it, in `text`; or NULL. */
static const char *run(const struct acknowledger *by, const char *command, char *const *environment,
    char *text, size_t size)
{
	int status = 0, error = side_process_run(&by->side, command, environment, &status);

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

static void acknowledge_item(const struct acknowledger *by, const struct note *note)
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
}

void acknowledge(const struct acknowledge_options *options, const struct acknowledger *by,
    const struct job_record *record)
{
	struct note note = {
	    .record = record,
	    .option = record->failed ? "--failed" : "--done",
	    .command = record->failed ? options->failed : options->done,
	};

	if (!note.command || !acknowledges(options))
		return;
	if (record->unfit) {
		complain(&note, "not run, as its item cannot be in the environment");
		return;
	}
	atomic_store(by->seq, record->seq);
	for (; note.item < record->items->count; note.item++)
		acknowledge_item(by, &note);
}

void acknowledge_left_out(
    const struct acknowledge_options *options, const struct job_record *record)
{
	const char *lost = options->names_lost ? "taken off its queue, but not done to its end: "
						 "neither --done nor --failed is run"
			   : record->seq > JOB_ADDED
			       ? "added by --ctl, but not done to its end: no queue has it"
			       : NULL;
	char item[ESCAPED];

	for (size_t i = 0; lost && i < record->items->count; i++)
		message("job %" PRIu64 " (%s): %s", record->seq,
		    escape_item(item, record->items, i), lost);
}
