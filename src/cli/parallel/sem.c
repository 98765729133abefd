#include "cli/parallel/sem.h"

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/escape.h"
#include "cli/parallel/parallel_shell.h"
#include "cli/parallel/parallel_table.h"
#include "cli/parallel/parallel_types.h"
#include "command/shell_command.h"
#include "pace/shared_semaphore.h"
#include "pace/slot_count.h"

/* The name of the semaphore: that of --id, or the terminal, or else who has started us. */
static const char *semaphore_name(void)
{
	const char *id = parallel_typed.id, *terminal = id ? NULL : ttyname(STDIN_FILENO);
	char *name;
	int length = id         ? asprintf(&name, "sem %s", id)
		     : terminal ? asprintf(&name, "sem tty %s", terminal)
				: asprintf(&name, "sem pid %ld", (long)getppid());

	if (length < 0)
		err(255, "--id");
	return name;
}

/* -j; without it one command runs at a time. */
static unsigned unit_count(const struct options *options)
{
	char reason[SLOT_COUNT_REASON], shown[ESCAPED_NAME];
	const char *text = options->pool.jobs;
	unsigned units = 1;

	if (text && !slot_count_parse(text, &units, reason) &&
	    !slot_count_read(text, &units, reason))
		errx(255, "-j %s: %s", escape_name(shown, text), reason);
	return units < SEMAPHORE_MOST ? units : SEMAPHORE_MOST;
}

static struct shared_semaphore open_semaphore(const struct options *options, const char *name)
{
	struct shared_semaphore semaphore;
	char shown[ESCAPED_NAME];
	if (shared_semaphore_open(&semaphore, name, unit_count(options)) != 0)
		err(255, "%s", escape_name(shown, name));
	return semaphore;
}

/* What has come of waiting for a unit. */
enum unit {
	UNIT_TAKEN,
	UNIT_STOLEN, /* none was free in time; the command runs without one */
	UNIT_NONE    /* the same, and it does not */
};

static enum unit take_unit(struct shared_semaphore *semaphore)
{
	const char *limit = parallel_typed.semaphore_timeout;
	long long ms = limit ? read_duration("--semaphoretimeout", limit) : 0;
	bool gives_up = ms < 0;

	if (shared_semaphore_take(semaphore, ms == 0 ? -1 : gives_up ? -ms : ms) == 0)
		return UNIT_TAKEN;
	if (errno != EAGAIN)
		err(255, "waiting for the semaphore");
	if (gives_up)
		warnx("Semaphore timed out. Exiting.");
	else
		warnx("Semaphore timed out. Stealing the semaphore.");
	return gives_up ? UNIT_NONE : UNIT_STOLEN;
}

static void give_unit(struct shared_semaphore *semaphore, enum unit unit)
{
	if (unit == UNIT_TAKEN)
		shared_semaphore_give(semaphore);
}

/* Becomes the command. */
static _Noreturn void become(const struct options *options, char *words[])
{
	struct command_options command = {.words.at = words};
	const char *shell = parallel_shell_choose();

	while (words[command.words.count])
		command.words.count++;
	if (parallel_typed.quotes && *words) {
		execvp(*words, words);
		err(errno == ENOENT ? 127 : 126, "%s", *words);
	}
	char *text = shell_command_join(&command, "");
	if (options->nice != 0 && nice(options->nice) == -1)
		warn("--nice");
	if (parallel_typed.directory && chdir(parallel_typed.directory) != 0)
		err(255, "--workdir %s", parallel_typed.directory);
	execlp(shell, shell, "-c", text, (char *)NULL);
	err(errno == ENOENT ? 127 : 126, "%s", shell);
}

/* Runs the command, and returns its status, as a shell has it. */
static int run_command(const struct options *options, char *words[])
{
	pid_t child = fork();
	int status = 0;

	if (child < 0)
		err(255, "fork");
	if (child == 0)
		become(options, words);
	while (waitpid(child, &status, 0) < 0 && errno == EINTR)
		;
	return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

/* In the process that has the unit: tells the one that waits for it, and runs the command. */
static _Noreturn void hold_unit(
    const struct options *options, const char *name, char *words[], int waiter)
{
	struct shared_semaphore semaphore = open_semaphore(options, name);
	int null = open("/dev/null", O_RDONLY | O_CLOEXEC);

	/* A loop that reads what it is about goes on to do so. */
	if (null < 0 || dup2(null, STDIN_FILENO) < 0)
		err(255, "/dev/null");
	enum unit unit = take_unit(&semaphore);
	if (unit == UNIT_NONE)
		_exit(1);
	if (write(waiter, "", 1) != 1)
		_exit(255);
	close(waiter);
	int status = run_command(options, words);
	give_unit(&semaphore, unit);
	_exit(status);
}

/* Runs the command in the background, once it has a unit. */
static _Noreturn void run_in_background(
    const struct options *options, const char *name, char *words[])
{
	int ends[2], status = 0;
	char byte;

	if (pipe2(ends, O_CLOEXEC) != 0)
		err(255, "pipe");
	pid_t child = fork();
	if (child < 0)
		err(255, "fork");
	if (child == 0) {
		close(ends[0]);
		hold_unit(options, name, words, ends[1]);
	}
	close(ends[1]);
	ssize_t got;
	while ((got = read(ends[0], &byte, 1)) < 0 && errno == EINTR)
		;
	if (got == 1)
		exit(0);
	waitpid(child, &status, 0);
	exit(WIFEXITED(status) ? WEXITSTATUS(status) : 255);
}

void sem_run(const struct options *options, char *words[])
{
	const char *name = semaphore_name(); /* by our parent: not in a child of ours */
	sigset_t none;

	/* Nothing of a run is here, for which signals would be kept. */
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	if (!parallel_typed.waits && !*words)
		errx(255, "there is no command");
	if (!parallel_typed.waits && !parallel_typed.foreground)
		run_in_background(options, name, words);
	struct shared_semaphore semaphore = open_semaphore(options, name);
	if (parallel_typed.waits) {
		if (shared_semaphore_await_none(&semaphore) != 0)
			err(255, "waiting for the semaphore");
		shared_semaphore_close(&semaphore);
		exit(0);
	}
	enum unit unit = take_unit(&semaphore);
	int status = unit == UNIT_NONE ? 1 : run_command(options, words);
	give_unit(&semaphore, unit);
	exit(status);
}
