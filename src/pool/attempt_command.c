#include "pool/attempt_command.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/console.h"
#include "base/message.h"
#include "base/path.h"
#include "command/escape_quote.h"
#include "command/shell_quote.h"
#include "output/colour.h"
#include "pool/complaint.h"
#include "pool/prompt.h"

struct template_values attempt_values(const struct attempt *attempt, const struct job *job)
{
	return (struct template_values){.items = &job->items,
	    .columns = job->record.columns,
	    .input = block_name(&job->block),
	    .seq = job->record.seq,
	    .total = attempt->parts->settle->total,
	    .slots = attempt->parts->output->options->slots,
	    .slot = attempt->slot};
}

/* Makes the argument vector. False without memory. */
static bool fill_argv(struct attempt *attempt, const struct strlist *arguments)
{
	size_t count = arguments->count;

	if (count + 1 > attempt->argv_room) {
		char **argv = reallocarray(attempt->argv, count + 1, sizeof *argv);
		if (!argv)
			return false;
		attempt->argv = argv;
		attempt->argv_room = count + 1;
	}
	for (size_t i = 0; i < count; i++)
		attempt->argv[i] = strlist_at(arguments, i);
	attempt->argv[count] = NULL;
	return true;
}

bool attempt_take_command(struct attempt *attempt)
{
	attempt->path = attempt->parts->command->path;
	return fill_argv(attempt, &attempt->arguments);
}

/* Takes the command without the shell, if that can be. False without memory. */
static bool take_command(struct attempt *attempt, const struct template_values *values)
{
	if (!command_fill_plain(attempt->parts->command, values, &attempt->plain))
		return attempt_take_command(attempt);
	attempt->path = attempt->parts->command->plain_path;
	return fill_argv(attempt, &attempt->plain);
}

/* Makes the command as it is recorded. False without memory; that has been said. */
static bool describe(struct attempt *attempt, struct job *job, const struct template_values *values)
{
	if (!records_have_command(attempt->parts->records))
		return true;
	command_describe(attempt->parts->command, values, &attempt->arguments, &attempt->line,
	    &job->record.command);
	if (!strlist_failed(&job->record.command))
		return true;
	complain_why(job, "recording its command", ENOMEM);
	return false;
}

/* Makes the name of the folder that the job runs in, and the folder, if it is not there. */
static bool fill_directory(struct attempt *attempt, const struct template_values *values)
{
	if (!command_fill_directory(attempt->parts->command, values, &attempt->directory))
		return false;
	if (attempt->directory.count > 0 && !attempt->parts->options->dry_run)
		path_make_folders(attempt->directory.bytes);
	return true;
}

static bool fill_tag(struct attempt *attempt, struct job *job, const struct template_values *values)
{
	const bool *colors = attempt->parts->colors;
	bool any_colors = colors[0] || colors[1];

	if (!command_fill_tag(attempt->parts->command, values, &job->tag))
		return false;
	if (job->tag.count == 0)
		return true;
	if (any_colors)
		colour_tag(&job->tag, job->record.seq);
	if (strlist_failed(&job->tag))
		return false;
	for (int i = 0; i < 2; i++) {
		bool is_bare = any_colors && !colors[i];
		job->output.streams[i].tag = job->tag.bytes + (is_bare ? COLOUR_BEGIN : 0);
		job->output.streams[i].tag_length =
		    job->tag.used - (is_bare ? COLOUR_BEGIN + COLOUR_END : 0);
	}
	return true;
}

/* Finds out how many slots the job takes. False when that is no number; it has been said. */
static bool weigh(struct attempt *attempt, struct job *job, const struct template_values *values)
{
	bool may_be_awaited = attempt->parts->settle->ordered && job->put_back;
	unsigned weight = command_weigh(attempt->parts->command, values, &attempt->line);

	/* -k: those that run may wait for the output of one that was put back. */
	weights_set(&attempt->parts->gate->weights, &attempt->place, weight,
	    may_be_awaited ? &job->output.has_turn : NULL);
	if (weight == 0)
		complain(job, "its --weight is no number from 1 on");
	return weight > 0;
}

/* Makes the command of the job. False when that cannot be; it has been said. */
bool attempt_fill_command(struct attempt *attempt, struct job *job)
{
	const struct template_values values = attempt_values(attempt, job);

	command_fill(attempt->parts->command, &values, &attempt->arguments);
	if (!describe(attempt, job, &values))
		return false;
	if (job->problem) {
		complain_problem(job);
		return false;
	}
	if (!weigh(attempt, job, &values))
		return false;
	if (!strlist_failed(&attempt->arguments) && fill_tag(attempt, job, &values) &&
	    fill_directory(attempt, &values) && take_command(attempt, &values))
		return true;
	complain_why(job, "building its command", ENOMEM);
	return false;
}

/* Makes the line that shows the command. False without memory; that has been said. */
bool attempt_quote_command(struct attempt *attempt, const struct job *job)
{
	const struct template_values values = attempt_values(attempt, job);

	if (command_show(attempt->parts->command, &values, &attempt->arguments, &attempt->line))
		;
	else if (attempt->parts->options->trace_escapes)
		escape_quote(&attempt->arguments, &attempt->line);
	else
		shell_quote(&attempt->arguments, block_name(&job->block), &attempt->line);
	if (!strlist_failed(&attempt->line))
		return true;
	complain_why(job, "printing its command", ENOMEM);
	return false;
}

/* Prints the command to `fd`. False without memory; that has been said. */
bool attempt_print_command(struct attempt *attempt, const struct job *job, int fd)
{
	if (!attempt_quote_command(attempt, job))
		return false;
	/* -t: a message, that does not come within a line of another job. */
	if (fd == STDERR_FILENO)
		console_say(attempt->line.bytes, attempt->line.used - 1);
	else if (output_line(attempt->parts->output, fd, &attempt->line) != 0)
		run_state_lose_output(attempt->parts->state, errno);
	return true;
}

/* Asks the user whether the command may run, where it has to be asked, or prints it under -t. */
bool attempt_announce(struct attempt *attempt, const struct job *job)
{
	const struct attempt_options *options = attempt->parts->options;

	if (options->prints_command && attempt->parts->ungroup)
		attempt_print_command(attempt, job, STDOUT_FILENO);
	if (!options->asks) {
		if (options->trace)
			attempt_print_command(attempt, job, STDERR_FILENO);
		return true;
	}
	if (!attempt_quote_command(attempt, job))
		return false;
	/* Without the newline and the NUL. */
	enum answer answer =
	    prompt_ask(attempt->parts->state, attempt->line.bytes, attempt->line.used - 2);
	if (answer == ANSWER_NONE) {
		message_errno("failed to open /dev/tty for reading");
		run_state_stop(attempt->parts->state, RUN_DRAINS, 1, 0);
	}
	return answer == ANSWER_YES;
}

/* The command's name; argv may have a shell before it. */
const char *attempt_program(const struct attempt *attempt)
{
	return strlist_at(&attempt->arguments, 0);
}
