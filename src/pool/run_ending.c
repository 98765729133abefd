#include "pool/run_ending.h"

#include <errno.h>
#include <string.h>

#include "base/escape.h"
#include "base/message.h"

/* The exit status with which a job stops the run. */
enum { STOP_STATUS = 255 };

/* The exit statuses of the run. */
enum {
	TOO_LONG = 1,
	TOLD_TO_STOP = 124,
	JOB_KILLED = 125,
	NO_TERMINAL = 125,
	CANNOT_RUN = 126,
	NOT_FOUND = 127
};

/* Ends the run. Returns whether this is what ends it. */
static bool end_run(struct run_state *state, int status)
{
	return run_state_stop(state, RUN_DRAINS, status, 0);
}

void run_ending_by_program(struct run_state *state, const char *name, int error)
{
	int status = error == E2BIG ? TOO_LONG : error == ENOENT ? NOT_FOUND : CANNOT_RUN;
	char shown[ESCAPED_NAME];

	if (!end_run(state, status))
		return;
	/* What exec(2) says of a folder. */
	if (error == EISDIR)
		error = EACCES;
	if (error == E2BIG)
		message("can't call exec() due to argument size restrictions");
	else
		message("%s: %s", escape_name(shown, name), strerror(error));
}

void run_ending_by_job(struct run_state *state, const char *name, const struct job_record *record)
{
	char shown[ESCAPED_NAME];

	escape_name(shown, name);
	if (record->signal && end_run(state, JOB_KILLED))
		message("%s: terminated by signal %d", shown, record->signal);
	if (record->exit_value == STOP_STATUS && end_run(state, TOLD_TO_STOP))
		message("%s: exited with status %d; aborting", shown, record->exit_value);
}

void run_ending_by_terminal(struct run_state *state)
{
	int error = errno;

	if (!end_run(state, NO_TERMINAL))
		return;
	errno = error;
	message_errno("/dev/tty");
}
