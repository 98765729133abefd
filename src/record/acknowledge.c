#include "record/acknowledge.h"

#include "cli/options.h"

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
	const struct job *job;
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

	message("job %" PRIu64 " (%s): %s '%s': %s", note->job->seq,
	    escape_item(item, &note->job->items, note->item), note->option,
	    escape_name(command, note->command), what);
}

/* The status of a job as a shell would tell it. */
static int job_status(const struct job *job)
{
	if (job->timed_out)
		return TIMED_OUT;
	return job->signal ? SIGNALLED + job->signal : job->exit_value;
}

/* Our environment and the job's variables. Returns false without memory. */
static bool fill_setting(struct setting *setting, const struct note *note)
{
	const struct job *job = note->job;
	const long long values[VARIABLES] = {[VARIABLE_SEQ] = (long long)job->seq,
	    [VARIABLE_STATUS] = job_status(job),
	    [VARIABLE_SLOT] = job->slot,
	    [VARIABLE_ATTEMPT] = job->attempt};
	size_t count;

	setting->all = job_environment(&count);
	if (asprintf(&setting->item, "%s%s", variable_names[VARIABLE_ITEM],
		strlist_at(&job->items, note->item)) < 0)
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

static bool may_start(void *context)
{
	const struct pool *pool = context;

	return !atomic_load(&pool->killed);
}

/* Starts the process, as soon as the system has room for it. */
static enum spawn_status start(struct slot *slot, const struct launch *launch)
{
	enum spawn_status status;

	while ((status = process_start(&slot->process, launch, may_start, slot->pool)) ==
		   SPAWN_FAILED &&
	       (errno == EAGAIN || errno == ENOMEM))
		nanosleep(&AGAIN, NULL);
	return status;
}

/* Starts the command and waits for its end. Returns what was wrong with it, in `text`; or NULL. */
static const char *run(struct slot *slot, const struct launch *launch, char *text, size_t size)
{
	struct rusage usage;
	int status = 0;

	enum spawn_status started = start(slot, launch);
	if (started == SPAWN_REFUSED)
		return "not started, the run has been killed";
	int error = errno;
	if (started == SPAWN_STARTED) {
		pool_process_started(slot->pool);
		error = process_wait(&slot->process, &status, &usage);
		pool_process_ended(slot->pool);
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

static void acknowledge_item(struct slot *slot, const struct note *note)
{
	char *const arguments[] = {"sh", "-c", (char *)note->command, NULL};
	struct setting setting = {0};
	char text[128];
	const char *problem;
	int null = open("/dev/null", O_RDONLY | O_CLOEXEC);

	if (null >= 0 && fill_setting(&setting, note)) {
		struct launch launch = {
		    .path = _PATH_BSHELL,
		    .arguments = arguments,
		    .environment = setting.all,
		    .in = null,
		    .out = STDERR_FILENO,
		    .err = -1,
		    .spared = true,
		    .caller = &slot->pool->caller,
		};
		problem = run(slot, &launch, text, sizeof text);
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

void acknowledge(struct slot *slot, const struct job *job)
{
	const struct acknowledge_options *options = &slot->pool->options->record.acknowledge;
	struct note note = {
	    .job = job,
	    .option = job->failed ? "--failed" : "--done",
	    .command = job->failed ? options->failed : options->done,
	};

	if (!note.command || !acknowledges(options))
		return;
	atomic_store(&slot->seq, job->seq);
	if (job->problem) {
		complain(&note, "not run, as its item cannot be in the environment");
		return;
	}
	for (; note.item < job->items.count; note.item++)
		acknowledge_item(slot, &note);
}

/* Says of each item of a job what has not been done about it. */
static void say_of_items(const struct job *job, const char *what)
{
	char item[ESCAPED];

	for (size_t i = 0; i < job->items.count; i++)
		message(
		    "job %" PRIu64 " (%s): %s", job->seq, escape_item(item, &job->items, i), what);
}

void acknowledge_left_out(const struct acknowledge_options *options, const struct job *job)
{
	if (options->names_lost)
		say_of_items(job, "taken off its queue, but not done to its end: neither --done "
				  "nor --failed is run");
}

void acknowledge_missed(const struct acknowledge_options *options, const struct job *job)
{
	if (acknowledges(options) && (job->failed ? options->failed : options->done))
		say_of_items(job, job->failed ? "failed, but the run has ended: --failed is not run"
					      : "done, but the run has ended: --done is not run");
}
