#include "pool/attempt_refusal.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/escape.h"
#include "base/message.h"
#include "base/system_limits.h"
#include "pool/attempt_command.h"
#include "pool/complaint.h"
#include "pool/run_ending.h"

static size_t longest_argument(const struct attempt *attempt)
{
	size_t longest = 0;

	for (size_t i = 0; i < attempt->arguments.count; i++)
		if (strlist_length(&attempt->arguments, i) > longest)
			longest = strlist_length(&attempt->arguments, i);
	return longest;
}

/* The command of this job cannot be run. */
static enum attempt_result refuse_job(struct attempt *attempt, struct job *job, int error)
{
	char name[ESCAPED], text[ESCAPED + 32];
	size_t longest = longest_argument(attempt);

	if (attempt->parts->options->failures == FAILURE_MAY_END_RUN) {
		run_ending_by_program(attempt->parts->state, attempt_program(attempt), error);
		return ATTEMPT_LEFT_OUT;
	}
	if (error == E2BIG && longest >= system_word_bytes()) {
		complain_too_long(job, longest, system_word_bytes() - 1);
	} else {
		snprintf(text, sizeof text, "cannot run %s",
		    escape(name, sizeof name, attempt->argv[0], strlen(attempt->argv[0])));
		complain_why(job, text, error);
	}
	job->record.exit_value = error == ENOENT ? NOT_FOUND : CANNOT_RUN;
	if (error == E2BIG && attempt->parts->exit_on_size)
		run_state_stop(attempt->parts->state, RUN_DRAINS, 125, 0);
	return ATTEMPT_FAILED;
}

/* The command cannot be run. Is that so for this job, or will it be for every one? */
enum attempt_result attempt_refuse_command(struct attempt *attempt, struct job *job, int error)
{
	const char *path = attempt->parts->command->path, *hint = "";
	char name[ESCAPED_NAME];

	if (!path || error == E2BIG)
		return refuse_job(attempt, job, error);
	int status = error == ENOENT ? NOT_FOUND : CANNOT_RUN;
	if (!run_state_stop(attempt->parts->state, RUN_DRAINS, status, 0))
		return ATTEMPT_LEFT_OUT;
	if (error == ENOEXEC)
		hint = " (a script needs a #! line)";
	if (error == ENOENT && access(path, F_OK) == 0)
		hint = " (is its interpreter there?)";
	message("cannot run %s: %s%s", escape_name(name, path), strerror(error), hint);
	return ATTEMPT_LEFT_OUT;
}

/* The program is not there. A user who is asked about each command is asked first. */
enum attempt_result attempt_refuse_missing(struct attempt *attempt, struct job *job, int error)
{
	bool ends_run = attempt->parts->options->failures == FAILURE_MAY_END_RUN;

	if (ends_run && !attempt_announce(attempt, job))
		return ATTEMPT_LEFT_OUT;
	return refuse_job(attempt, job, error);
}
