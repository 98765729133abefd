#include "pace/limit_command.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "process/job_environment.h"

/* What the command says by its exit status. */
enum { START = 0, WAIT = 1, KILL = 2 };

/* It did not say whether a job may start. */
static void refuse(struct verdict *verdict, int error, int status)
{
	char reason[VERDICT_REASON];

	if (error)
		snprintf(
		    reason, sizeof reason, "--limit: %s", error > 0 ? strerror(error) : "killed");
	else if (WIFSIGNALED(status))
		snprintf(reason, sizeof reason, "--limit: killed by signal %d", WTERMSIG(status));
	else
		snprintf(
		    reason, sizeof reason, "--limit: ended with status %d", WEXITSTATUS(status));
	verdict_close(verdict, reason);
}

void limit_command_init(struct limit_command *limit, const char *command)
{
	*limit = (struct limit_command){.command = command};
	lock_init(&limit->lock, LOCK_ASKED);
}

void limit_command_destroy(struct limit_command *limit)
{
	lock_destroy(&limit->lock);
}

bool limit_command_claim(struct limit_command *limit)
{
	return !atomic_exchange(&limit->is_asked, true);
}

bool limit_command_is_asked(const struct limit_command *limit)
{
	return atomic_load(&limit->is_asked);
}

/* Which process runs it, for who may drop it. */
static void set_process(struct limit_command *limit, struct process *process)
{
	lock_take(&limit->lock);
	limit->process = process;
	if (process)
		atomic_store(&limit->dropped, false);
	lock_release(&limit->lock);
}

void limit_command_drop(struct limit_command *limit)
{
	lock_take(&limit->lock);
	if (limit->process) {
		/* The slot that has yet to start it sees the flag; else there is a process. */
		atomic_store(&limit->dropped, true);
		process_signal(limit->process, SIGKILL);
	}
	lock_release(&limit->lock);
}

enum limit_answer limit_command_judge(
    struct limit_command *limit, struct verdict *verdict, const struct side_process *by)
{
	struct side_process asked = *by;
	size_t count;
	int status = 0;
	char **environment = job_environment(&count, false);
	int error = ENOMEM;

	asked.dropped = &limit->dropped;
	set_process(limit, by->process);
	if (environment) {
		environment[count] = NULL;
		error = side_process_run(&asked, limit->command, environment, &status);
		free(environment);
	}
	set_process(limit, NULL);
	bool dropped = atomic_load(&limit->dropped);
	atomic_store(&limit->is_asked, false);
	if (dropped)
		return LIMIT_DROPPED;
	int said = error || !WIFEXITED(status) ? -1 : WEXITSTATUS(status);
	if (said == START)
		verdict_bound(verdict, 1, "--limit");
	else if (said == WAIT || said == KILL)
		verdict_close(verdict, "--limit");
	else
		refuse(verdict, error, status);
	return said == KILL ? LIMIT_DEMANDS : LIMIT_JUDGED;
}
