#include "queue/fetch.h"

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <paths.h>
#include <poll.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/escape.h"
#include "base/io.h"
#include "base/message.h"
#include "base/system_processes.h"
#include "process/job_environment.h"

/* How often a process is polled where the system has no descriptor for its end (pidfd_open(2)). */
enum { POLL_INTERVAL_MS = 20 };

/* The exit status by which the command of --next says that its queue is empty. */
enum { NEXT_EMPTY = 1 };

struct fetch {
	const struct queue_options *options;
	const char *command;
	bool is_next; /* the command is that of --next, not of --source */
	int interrupt_fd;
	const struct caller_state *caller;
	char **environment; /* of the command; NULL: it is ours */
	char wanted[48];    /* a variable of it */

	/* the command that was started last */
	struct process process;
	_Atomic pid_t
	    pid;          /* of its process; 0: it has been reaped. Also the supervisor reads it. */
	bool running;     /* started, and not judged */
	bool reaped;      /* `status` tells how it ended */
	bool was_stopped; /* fetch_stop has ended it: its status does not matter */
	int status;       /* of wait(2) */
	int error;        /* the errno of its exec; 0: none */
	int end_fd;       /* readable when it has ended; -1: it has to be polled */

	/* the rounds; times in ms of clock_ms() */
	bool begun;                     /* a command was started */
	int64_t first_ms;               /* when the first command was started */
	int64_t began_ms;               /* when the last command was started */
	int64_t due_ms;                 /* when the next command is due */
	unsigned long long rounds_over; /* rounds that have ended */
	bool last_failed;               /* the last round failed */
	bool has_lost;                  /* items, as a command failed that fetch_end has ended */
	bool is_over;                   /* fetch_start found that there are no more rounds */
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
	fetch->is_next = options->next != NULL;
	fetch->interrupt_fd = interrupt_fd;
	fetch->end_fd = -1;
	return fetch;
}

void fetch_set_process(struct fetch *fetch, volatile struct shared_process *shared,
    struct orphan_list *orphans, const struct caller_state *caller)
{
	size_t count, at = 0, length = strlen(variable_names[VARIABLE_WANTED]);

	process_init(&fetch->process, shared, orphans);
	fetch->caller = caller;
	if (!fetch->is_next)
		return;
	fetch->environment = job_environment(&count, true);
	if (!fetch->environment)
		err(1, "--next");
	/* It may have been called by such a command itself. */
	while (at < count &&
	       strncmp(fetch->environment[at], variable_names[VARIABLE_WANTED], length) != 0)
		at++;
	fetch->environment[at] = fetch->wanted;
}

const char *fetch_option(const struct fetch *fetch)
{
	return fetch->is_next ? "--next" : "--source";
}

/* Prints a message about the command. */
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

static bool was_last_round(const struct fetch *fetch)
{
	return fetch->options->rounds > 0 && fetch->rounds_over >= fetch->options->rounds;
}

int64_t fetch_due(const struct fetch *fetch, bool jobs_over)
{
	/* The jobs of a round of --source are over before the next begins. The call after the last
	 * round waits for jobs, too: when that round failed, it ends the run with all its jobs.
	 */
	if (!jobs_over && (!fetch->is_next || was_last_round(fetch)))
		return INT64_MAX;
	return was_last_round(fetch) ? 0 : fetch->due_ms;
}

/*
 * Notes that a command was started, and when the next one is due: for --source at the next multiple
 * of --every since the first, so that delays do not add up; a round that takes longer is followed
 * by the next at once, and the ones it has missed are left out. For --next, --every after this one,
 * unless it gives an item.
 */
static void note_begin(struct fetch *fetch)
{
	int64_t every = fetch->options->every_ms;

	fetch->began_ms = clock_ms();
	if (!fetch->begun)
		fetch->first_ms = fetch->began_ms;
	fetch->begun = true;
	if (every > 0 && fetch->is_next)
		fetch->due_ms = fetch->began_ms + every;
	else if (every > 0)
		fetch->due_ms =
		    fetch->first_ms + ((fetch->began_ms - fetch->first_ms) / every + 1) * every;
}

/* Notes that the round has ended. */
static void note_end(struct fetch *fetch, bool failed)
{
	fetch->running = false;
	fetch->last_failed = failed;
	fetch->rounds_over++;
}

/* Makes the pipe for the command's output. Returns 0, or -1 with errno. */
static int open_pipe(int ends[2])
{
	if (pipe2(ends, O_CLOEXEC) != 0)
		return -1;
	/* A read that follows poll(2) must never wait. */
	return fcntl(ends[0], F_SETFL, O_NONBLOCK);
}

int fetch_start(struct fetch *fetch, unsigned long long wanted)
{
	char *const arguments[] = {"sh", "-c", (char *)fetch->command, NULL};
	int ends[2] = {-1, -1};

	if (was_last_round(fetch)) {
		fetch->is_over = true;
		return -1;
	}
	note_begin(fetch);
	snprintf(
	    fetch->wanted, sizeof fetch->wanted, "%s%llu", variable_names[VARIABLE_WANTED], wanted);
	if (open_pipe(ends) == 0) {
		struct launch launch = {
		    .path = _PATH_BSHELL,
		    .arguments = arguments,
		    .environment = fetch->environment ? fetch->environment : environ,
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
	fetch->reaped = fetch->was_stopped = false;
	if (fetch->running) {
		atomic_store(&fetch->pid, fetch->process.pid);
		fetch->end_fd = system_process_descriptor(fetch->process.pid);
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

/* Has the process ended, or can it not be waited for? Does not reap it. */
static bool has_ended(const struct fetch *fetch)
{
	siginfo_t info = {0};

	return waitid(P_PID, (id_t)fetch->process.pid, &info, WEXITED | WNOHANG | WNOWAIT) != 0 ||
	       info.si_pid != 0;
}

enum fetch_event fetch_await(struct fetch *fetch, int64_t deadline_ms, int fd)
{
	struct pollfd fds[] = {
	    {.fd = fetch->end_fd, .events = POLLIN},
	    {.fd = fd, .events = POLLIN},
	};

	while (!fetch->reaped && !has_ended(fetch)) {
		int timeout_ms = clock_poll_timeout(deadline_ms);
		if (timeout_ms == 0)
			return FETCH_DEADLINE;
		bool looks = fetch->end_fd < 0 && (timeout_ms < 0 || timeout_ms > POLL_INTERVAL_MS);
		io_await(fds, 2, looks ? POLL_INTERVAL_MS : timeout_ms);
		if (fds[1].revents)
			return FETCH_READABLE;
	}
	return FETCH_ENDED;
}

static void reap(struct fetch *fetch)
{
	struct rusage usage;

	fetch->error = process_wait(&fetch->process, &fetch->status, &usage);
	fetch->reaped = true;
	atomic_store(&fetch->pid, 0);
	if (fetch->end_fd >= 0)
		close(fetch->end_fd);
	fetch->end_fd = -1;
}

bool fetch_wait(struct fetch *fetch)
{
	char byte;

	while (fetch_await(fetch, INT64_MAX, fetch->interrupt_fd) == FETCH_READABLE)
		if (read(fetch->interrupt_fd, &byte, 1) >= 0)
			return false;
	if (!fetch->reaped)
		reap(fetch);
	return true;
}

void fetch_tell(struct fetch *fetch)
{
	if (!fetch->reaped && !process_told(&fetch->process))
		process_signal(&fetch->process, SIGTERM);
}

void fetch_end(struct fetch *fetch, bool kills)
{
	if (fetch->reaped)
		return;
	/* Even when it has ended: others of its group may be left. */
	if (kills)
		process_signal(&fetch->process, SIGKILL);
	fetch->was_stopped = true;
	reap(fetch);
}

void fetch_stop(struct fetch *fetch, int64_t patience_ms)
{
	bool kills = fetch_await(fetch, clock_ms() + patience_ms, -1) != FETCH_ENDED;

	if (kills) {
		fetch_tell(fetch);
		fetch_await(fetch, clock_ms() + fetch->options->grace_ms, -1);
	}
	fetch_end(fetch, kills);
}

const char *fetch_name_lost(char text[FETCH_LOST], const struct record *first, size_t items)
{
	char item[ESCAPED];
	int used =
	    snprintf(text, FETCH_LOST, "%s", escape(item, sizeof item, first->bytes, first->kept));

	if (items > 1)
		snprintf(text + used, FETCH_LOST - (size_t)used, " and %zu other%s", items - 1,
		    items == 2 ? "" : "s");
	return text;
}

/* Reports how the command has failed, and which items of --next are lost by that. */
static void report(const struct fetch *fetch, const struct record *first, size_t items)
{
	bool killed = WIFSIGNALED(fetch->status), loses = fetch->is_next && items > 0;
	char lost[FETCH_LOST] = "", text[FETCH_LOST + 128];

	if (fetch->error) {
		complain_not_started(fetch, fetch->error);
		return;
	}
	if (loses)
		fetch_name_lost(lost, first, items);
	snprintf(text, sizeof text, "%s %d%s%s", killed ? "killed by signal" : "ended with status",
	    killed ? WTERMSIG(fetch->status) : WEXITSTATUS(fetch->status),
	    loses ? ": what it printed is not run: " : "", lost);
	complain(fetch, text);
}

bool fetch_judge(struct fetch *fetch, const struct record *first, size_t items, bool is_enough)
{
	bool failed = fetch->error || fetch->status != 0;
	bool empty = fetch->is_next && items == 0 && !fetch->error && WIFEXITED(fetch->status) &&
		     WEXITSTATUS(fetch->status) == NEXT_EMPTY;

	if (fetch->was_stopped && (!fetch->is_next || items == 0 || is_enough))
		failed = false;
	if (failed && !empty)
		report(fetch, first, items);
	fetch->has_lost |= failed && fetch->is_next && items > 0 && fetch->was_stopped;
	if (fetch->is_next && items > 0 && !failed) {
		fetch->running = false;
		fetch->due_ms = 0; /* at once: its queue may have others */
		return true;
	}
	note_end(fetch, failed && !empty);
	return false;
}

bool fetch_has_lost(const struct fetch *fetch)
{
	return fetch->has_lost;
}

bool fetch_is_over(const struct fetch *fetch, bool *failed)
{
	*failed = fetch->last_failed;
	return fetch->is_over || (was_last_round(fetch) && !fetch->last_failed);
}

void fetch_signal(struct fetch *fetch, int signal)
{
	process_signal(&fetch->process, signal);
}

bool fetch_is_process(const struct fetch *fetch, pid_t pid)
{
	return pid > 0 && atomic_load(&fetch->pid) == pid;
}

void fetch_free(struct fetch *fetch)
{
	if (!fetch)
		return;
	if (fetch->running && !fetch->reaped) {
		process_signal(&fetch->process, SIGKILL);
		reap(fetch);
	}
	free(fetch->environment);
	free(fetch);
}
