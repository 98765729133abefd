#include "record/acknowledge.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <paths.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/escape.h"
#include "base/message.h"
#include "process/job_environment.h"

/* The system has no room for the process: it is tried again after this. */
static const struct timespec AGAIN = {.tv_sec = 1};

/* Where no other process runs nobody is going to close a descriptor: so often it is tried. */
enum { TRIES_ALONE = 3 };

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

	setting->all = job_environment(&count);
	if (asprintf(&setting->item, "%s%s", variable_names[VARIABLE_ITEM],
		strlist_at(record->items, note->item)) < 0)
		setting->item = NULL;
	if (!setting->all || !setting->item)
		return false;
	for (size_t i = 0; i < VARIABLES; i++) {
		char *variable = setting->numbers[i];
		snprintf(
		    variable, sizeof *setting->numbers, "%s%lld", variable_names[i], values[i]);
		setting->all[count++] = i == VARIABLE_ITEM ? setting->item : variable;
	}
	return true;
}

/* Starts the process, as soon as the system has room for it. Returns 0, or an errno; -1: the run
 * has been killed. */
static int start(const struct acknowledger *by, const struct launch *launch)
{
	for (;;) {
		process_prepare(by->process);
		if (atomic_load(by->killed)) {
			process_cancel(by->process);
			return -1;
		}
		atomic_fetch_add(by->running, 1);
		if (process_start(by->process, launch) == 0)
			return 0;
		atomic_fetch_sub(by->running, 1);
		if (errno != EAGAIN && errno != ENOMEM)
			return errno;
		nanosleep(&AGAIN, NULL);
	}
}

/* Starts the command and waits for its end. Returns what was wrong with it, in `text`; or NULL. */
static const char *run(
    const struct acknowledger *by, const struct launch *launch, char *text, size_t size)
{
	struct rusage usage;
	int status = 0;

	int error = start(by, launch);
	if (error < 0)
		return "not started, the run has been killed";
	if (error == 0) {
		error = process_wait(by->process, &status, &usage);
		atomic_fetch_sub(by->running, 1);
	}
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

/* Opens its standard input, as soon as there is a descriptor. Returns -1 with errno. */
static int open_null(const struct acknowledger *by)
{
	for (int alone = 0;;) {
		int fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
		if (fd >= 0 || (errno != EMFILE && errno != ENFILE && errno != ENOMEM))
			return fd;
		alone = atomic_load(by->running) > 0 ? 0 : alone + 1;
		if (atomic_load(by->killed) || alone == TRIES_ALONE)
			return -1;
		nanosleep(&AGAIN, NULL);
	}
}

static void acknowledge_item(const struct acknowledger *by, const struct note *note)
{
	char *const arguments[] = {"sh", "-c", (char *)note->command, NULL};
	struct setting setting = {0};
	char text[128];
	const char *problem;
	int null = open_null(by);

	if (null >= 0 && fill_setting(&setting, note)) {
		struct launch launch = {
		    .path = _PATH_BSHELL,
		    .arguments = arguments,
		    .environment = setting.all,
		    .in = null,
		    .out = STDERR_FILENO,
		    .err = -1,
		    .spared = true,
		    .tied = true,
		    .caller = by->caller,
		};
		problem = run(by, &launch, text, sizeof text);
	} else {
		problem = strerror(null < 0 ? errno : ENOMEM);
	}
	if (problem)
		complain(note, problem);
	if (null >= 0)
		close(null);
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
