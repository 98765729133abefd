#include "pace/limit_command.h"

#include <errno.h>
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

bool limit_command_judge(
    struct verdict *verdict, const char *command, const struct side_process *by)
{
	size_t count;
	int status = 0;
	char **environment = job_environment(&count, false);
	int error = ENOMEM;

	if (environment) {
		environment[count] = NULL;
		error = side_process_run(by, command, environment, &status);
		free(environment);
	}
	int said = error || !WIFEXITED(status) ? -1 : WEXITSTATUS(status);
	if (said == START)
		verdict_bound(verdict, 1, "--limit");
	else if (said == WAIT || said == KILL)
		verdict_close(verdict, "--limit");
	else
		refuse(verdict, error, status);
	return said == KILL;
}
