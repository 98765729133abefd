#include "cli/parallel/sem.h"

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/escape.h"
#include "cli/operands.h"
#include "cli/parallel/parallel_lists.h"
#include "cli/parallel/parallel_table.h"
#include "cli/parallel/parallel_types.h"
#include "pace/shared_semaphore.h"
#include "pace/slot_count.h"

/* The name of the semaphore: that of --id, or what tty(1) prints. */
static const char *semaphore_name(void)
{
	const char *id = parallel_typed.id, *terminal = id ? NULL : ttyname(STDIN_FILENO);
	char *name;

	if (asprintf(&name, "sem %s", id ? id : terminal ? terminal : "not a tty") < 0)
		err(255, "--id");
	return name;
}

/* -j; without it one command runs at a time. */
static unsigned unit_count(const char *jobs)
{
	char reason[SLOT_COUNT_REASON], shown[ESCAPED_NAME];
	unsigned units = 1;

	if (jobs && !slot_count_parse(jobs, &units, reason) &&
	    !slot_count_read(jobs, &units, reason))
		errx(255, "-j %s: %s", escape_name(shown, jobs), reason);
	return units < SEMAPHORE_MOST ? units : SEMAPHORE_MOST;
}

/* --wait: waits until no command of the semaphore is left. */
static _Noreturn void wait_for_all(const struct semaphore_options *options)
{
	struct shared_semaphore semaphore;
	char shown[ESCAPED_NAME];
	sigset_t none;

	/* Nothing of a run is here, for which signals would be kept. */
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	if (shared_semaphore_open(&semaphore, options->name, options->most) != 0)
		err(255, "%s", escape_name(shown, options->name));
	if (shared_semaphore_await_none(&semaphore) != 0)
		err(255, "waiting for the semaphore");
	shared_semaphore_close(&semaphore);
	exit(0);
}

/* -a FILE: the standard input of the command. */
static void replace_input(const struct strings *files)
{
	char shown[ESCAPED_NAME];

	if (files->count == 0)
		return;
	if (files->count > 1)
		errx(255, "A semaphore cannot take input from more files");
	int file = open(files->at[0], O_RDONLY | O_CLOEXEC);
	if (file < 0 || dup2(file, STDIN_FILENO) < 0)
		err(255, "%s", escape_name(shown, files->at[0]));
	close(file);
}

static void settle_patience(struct semaphore_options *semaphore)
{
	const char *limit = parallel_typed.semaphore_timeout;
	long long ms = limit ? read_duration("--semaphoretimeout", limit) : 0;

	semaphore->patience_ms = ms < 0 ? -ms : ms;
	semaphore->may_go_without = ms > 0;
}

bool sem_is_meant(void)
{
	return parallel_typed.semaphore || parallel_typed.id || parallel_typed.semaphore_timeout ||
	       parallel_typed.foreground || parallel_typed.background || parallel_typed.waits;
}

void sem_settle(struct options *options, char *operands[])
{
	static char *no_item[] = {"", NULL};
	struct semaphore_options *semaphore = &options->pool.semaphore;

	semaphore->name = semaphore_name();
	semaphore->most = unit_count(options->pool.jobs);
	if (parallel_typed.waits)
		wait_for_all(semaphore);
	/* Who waits for it finds what the command has printed. */
	semaphore->is_kept = true;
	settle_patience(semaphore);
	replace_input(&parallel_typed.files);
	options->command.words = parallel_lists_command(operands);
	parallel_lists_add(&options->queue, (struct input){.values = {no_item, 1}});
	parallel_typed.max_args = 0;
	options->pool.jobs = "1";
	options->share_stdin = true;
	options->steps_aside = !parallel_typed.foreground;
	/* The status is that of the command. */
	options->pool.halt =
	    (struct halt){.when = HALT_SOON, .why = HALT_FAIL, .count = 1, .is_unsaid = true};
}
