#include "queue/fetch.h"

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <paths.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/escape.h"
#include "base/message.h"
#include "base/system_limits.h"
#include "base/system_processes.h"

/* The time between two looks at a process, in ms, where no descriptor tells of its end. */
enum { LOOK_INTERVAL = 20 };

/* By this status --next says that its queue is empty. */
enum { EMPTY = 1 };

struct fetch {
	const struct queue_options *options;
	const char *command;
	bool single; /* --next */
	int interrupt_fd;
	const struct caller_state *caller;
	struct process process;
	bool running; /* started, and not judged */
	bool reaped;  /* and `status` tells how it ended */
	bool early;   /* it was to end: how it did does not matter */
	int status;   /* as wait(2) tells it */
	int error;    /* the errno of its exec; 0: none */
	int watch;    /* readable when it has ended; -1: nothing tells */

	bool begun;               /* there was a round */
	int64_t first;            /* when the first one began, in ms of clock_ms() */
	int64_t began;            /* and the last one */
	int64_t due;              /* when the next one does */
	unsigned long long after; /* how many there have been */
	bool failed;              /* the last one */
	bool over;                /* there will be no other */
};

struct fetch *fetch_open(const struct queue_options *options, int interrupt_fd)
{
	const char *command = options->next ? options->next : options->source;

	if (!command)
		return NULL;
	struct fetch *fetch = calloc(1, sizeof *fetch);
	if (!fetch)
		err(1, "opening the queue");
	fetch->options = options;
	fetch->command = command;
	fetch->single = options->next != NULL;
	fetch->interrupt_fd = interrupt_fd;
	fetch->watch = -1;
	return fetch;
}

void fetch_set_process(
    struct fetch *fetch, volatile struct shared_process *shared, const struct caller_state *caller)
{
	process_init(&fetch->process, shared);
	fetch->caller = caller;
}

const char *fetch_option(const struct fetch *fetch)
{
	return fetch->single ? "--next" : "--source";
}

/* Says what is wrong with the command. */
static void complain(const struct fetch *fetch, const char *what)
{
	char command[ESCAPED_NAME];

	message("%s '%s': %s", fetch_option(fetch), escape_name(command, fetch->command), what);
}

static void complain_not_started(const struct fetch *fetch, int error)
{
	char text[128];

	snprintf(text, sizeof text, "cannot be started: %s", strerror(error));
	complain(fetch, text);
}

static bool rounds_are_up(const struct fetch *fetch)
{
	return fetch->options->rounds > 0 && fetch->after >= fetch->options->rounds;
}

int64_t fetch_due(const struct fetch *fetch, bool jobs_over)
{
	/* A whole queue is done before the next one; and what ends the run in vain ends them all.
	 */
	if (!jobs_over && (!fetch->single || rounds_are_up(fetch)))
		return INT64_MAX;
	return rounds_are_up(fetch) ? 0 : fetch->due;
}

/*
 * The next round begins at the next multiple of the time between two, counted from the first: so
 * nothing adds up. Where a round took longer, the time has come already, and those that would have
 * begun meanwhile are left out. --next is asked again after this time, when it has nothing.
 */
static void note_begin(struct fetch *fetch)
{
	int64_t every = fetch->options->every_ms;

	fetch->began = clock_ms();
	if (!fetch->begun)
		fetch->first = fetch->began;
	fetch->begun = true;
	if (every > 0 && fetch->single)
		fetch->due = fetch->began + every;
	else if (every > 0)
		fetch->due = fetch->first + ((fetch->began - fetch->first) / every + 1) * every;
}

/* A round is over. */
static void note_end(struct fetch *fetch, bool failed)
{
	fetch->running = false;
	fetch->failed = failed;
	fetch->after++;
}

/* Makes the pipe for the command's output, whose ends are none of our standard streams. */
static int open_pipe(int ends[2])
{
	if (pipe2(ends, O_CLOEXEC) != 0)
		return -1;
	/* Whoever reads must never wait for what a poll has seen. */
	return fcntl(ends[0], F_SETFL, O_NONBLOCK);
}

int fetch_start(struct fetch *fetch)
{
	char *const arguments[] = {"sh", "-c", (char *)fetch->command, NULL};
	int ends[2] = {-1, -1};

	if (rounds_are_up(fetch)) {
		fetch->over = true;
		return -1;
	}
	note_begin(fetch);
	if (open_pipe(ends) == 0) {
		struct launch launch = {
		    .path = _PATH_BSHELL,
		    .arguments = arguments,
		    .environment = environ,
		    .out = ends[1],
		    .err = -1,
		    .caller = fetch->caller,
		};
		process_prepare(&fetch->process);
		fetch->running = process_start(&fetch->process, &launch) == 0;
	}
	int error = errno;
	if (ends[1] >= 0)
		close(ends[1]);
	fetch->reaped = fetch->early = false;
	if (fetch->running) {
		fetch->watch = system_process_descriptor(fetch->process.pid);
		return ends[0];
	}
	if (ends[0] >= 0)
		close(ends[0]);
	complain_not_started(fetch, error);
	note_end(fetch, true);
	return -1;
}

bool fetch_is_running(const struct fetch *fetch)
{
	return fetch->running;
}

/* Has the process ended? It is not reaped. */
static bool has_ended(const struct fetch *fetch)
{
	siginfo_t info = {0};

	return waitid(P_PID, (id_t)fetch->process.pid, &info, WEXITED | WNOHANG | WNOWAIT) == 0 &&
	       info.si_pid != 0;
}

/*
 * Waits for the end of the process, until `deadline` in ms of clock_ms(), and no longer than
 * somebody writes to `interrupt_fd` (-1: nobody does). Returns whether it has ended; whoever was
 * interrupted has to see why before that matters.
 */
static bool await(struct fetch *fetch, int64_t deadline, int interrupt_fd)
{
	struct pollfd fds[] = {
	    {.fd = fetch->watch, .events = POLLIN},
	    {.fd = interrupt_fd, .events = POLLIN},
	};
	char byte;

	while (!has_ended(fetch)) {
		int64_t left = deadline == INT64_MAX ? INT64_MAX : deadline - clock_ms();
		if (left <= 0)
			return false;
		int most = fetch->watch < 0 ? LOOK_INTERVAL : INT_MAX;
		int timeout = left < most ? (int)left : most;
		poll(fds, 2, timeout == INT_MAX ? -1 : timeout);
		if (fds[1].revents && read(interrupt_fd, &byte, 1) >= 0)
			return false;
	}
	return true;
}

static void reap(struct fetch *fetch)
{
	struct rusage usage;

	fetch->error = process_wait(&fetch->process, &fetch->status, &usage);
	fetch->reaped = true;
	if (fetch->watch >= 0)
		close(fetch->watch);
	fetch->watch = -1;
}

bool fetch_wait(struct fetch *fetch)
{
	if (!fetch->reaped && !await(fetch, INT64_MAX, fetch->interrupt_fd))
		return false;
	if (!fetch->reaped)
		reap(fetch);
	return true;
}

void fetch_stop(struct fetch *fetch, int64_t patience)
{
	if (fetch->reaped)
		return;
	if (!await(fetch, clock_ms() + patience, -1)) {
		/* Whoever signals the jobs may have told it already. */
		if (!process_told(&fetch->process))
			process_signal(&fetch->process, SIGTERM);
		await(fetch, clock_ms() + fetch->options->grace_ms, -1);
		process_signal(&fetch->process, SIGKILL); /* the rest of its group, too */
	}
	fetch->early = true;
	reap(fetch);
}

/* An item that is taken off its queue, and is not run; `more` others are not, either. */
static void name_lost(char text[ESCAPED], const struct strlist *printed, size_t index, size_t more)
{
	size_t used = strlen(escape_item(text, printed, index));

	if (more > 0)
		snprintf(
		    text + used, ESCAPED - used, " and %zu other%s", more, more == 1 ? "" : "s");
}

static void report_surplus(const struct fetch *fetch, const struct strlist *printed, size_t items)
{
	char lost[ESCAPED], text[ESCAPED + 64];

	name_lost(lost, printed, 1, items - 2);
	snprintf(
	    text, sizeof text, "printed more than one item: the first is run, but not %s", lost);
	complain(fetch, text);
}

/* Says how the command has failed. */
static void report(const struct fetch *fetch, const struct strlist *printed, size_t items)
{
	bool killed = WIFSIGNALED(fetch->status), loses = fetch->single && items > 0;
	char lost[ESCAPED] = "", text[ESCAPED + 128];

	if (fetch->error) {
		complain_not_started(fetch, fetch->error);
		return;
	}
	if (loses)
		name_lost(lost, printed, 0, items - 1);
	snprintf(text, sizeof text, "%s %d%s%s", killed ? "killed by signal" : "ended with status",
	    killed ? WTERMSIG(fetch->status) : WEXITSTATUS(fetch->status),
	    loses ? ": what it printed is not run: " : "", lost);
	complain(fetch, text);
}

bool fetch_judge(struct fetch *fetch, const struct strlist *printed, size_t items)
{
	bool failed = fetch->error || fetch->status != 0;
	bool empty = fetch->single && items == 0 && !fetch->error && WIFEXITED(fetch->status) &&
		     WEXITSTATUS(fetch->status) == EMPTY;

	if (fetch->early && (!fetch->single || items == 0))
		failed = false;
	if (failed && !empty)
		report(fetch, printed, items);
	if (fetch->single && items > 0 && !failed) {
		if (items > 1)
			report_surplus(fetch, printed, items);
		fetch->running = false;
		fetch->due = 0; /* there may be another one */
		return true;
	}
	note_end(fetch, failed && !empty);
	return false;
}

bool fetch_is_over(const struct fetch *fetch, bool *failed)
{
	*failed = fetch->failed;
	return fetch->over || (rounds_are_up(fetch) && !fetch->failed);
}

void fetch_signal(struct fetch *fetch, int signal)
{
	process_signal(&fetch->process, signal);
}

bool fetch_is_process(struct fetch *fetch, pid_t pid, int64_t until_ms)
{
	return process_is(&fetch->process, pid, until_ms);
}

void fetch_free(struct fetch *fetch)
{
	if (!fetch)
		return;
	if (fetch->running && !fetch->reaped) {
		process_signal(&fetch->process, SIGKILL);
		reap(fetch);
	}
	free(fetch);
}
