#include "cli/xargs/xargs_rules.h"

#include <err.h>
#include <errno.h>
#include <langinfo.h>
#include <limits.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/escape.h"
#include "base/path.h"
#include "cli/operands.h"
#include "cli/xargs/xargs_limits.h"
#include "cli/xargs/xargs_table.h"
#include "cli/xargs/xargs_types.h"
#include "pace/slot_count.h"

/* --- where items come from, and what separates them --- */

/* Ends pexec when the file of items cannot be read. */
static void check_file(const char *name)
{
	char shown[ESCAPED_NAME];
	int error;

	if (path_is_stdin(name) || access(name, R_OK) == 0)
		return;
	error = errno;
	/* Quotes are those of the user's language. */
	locale_t users = newlocale(LC_CTYPE_MASK, "", (locale_t)0);
	bool is_utf8 = users && strcmp(nl_langinfo_l(CODESET, users), "UTF-8") == 0;
	if (users)
		freelocale(users);
	escape_name(shown, name);
	errno = error;
	err(1, "Cannot open input file %s%s%s", is_utf8 ? "\u2018" : "'", shown,
	    is_utf8 ? "\u2019" : "'");
}

static void settle_separation(struct queue_options *queue)
{
	const char *file = xargs_typed.file ? xargs_typed.file : "-";
	const char *end = xargs_typed.end && *xargs_typed.end ? xargs_typed.end : NULL;

	check_file(file);
	operands_add_word(&queue->files, file);
	if (xargs_typed.is_delimited && end)
		warnx("warning: the -E option has no effect if -0 or -d is used.\n");
	if (xargs_typed.is_delimited)
		queue->separation = SEPARATE_DELIMITER;
	else if (xargs_typed.replace)
		queue->separation = SEPARATE_QUOTED_LINES;
	queue->end_of_items = xargs_typed.is_delimited ? NULL : end;
}

/* --- how many of them a command has --- */

static void settle_batch(struct options *options)
{
	struct queue_options *queue = &options->queue;
	long long items = xargs_typed.max_args;

	queue->batch_bytes = xargs_line_bytes((size_t)xargs_typed.max_chars);
	queue->batch = items < INT_MAX ? (size_t)items : INT_MAX;
	queue->batch_lines = (size_t)xargs_typed.max_lines;
	queue->exit_on_size |= xargs_typed.max_lines > 0 || xargs_typed.replace;
	queue->runs_without_items = !xargs_typed.is_left_out && !xargs_typed.replace;
	if (!xargs_typed.replace)
		return;
	/* It would be found everywhere, for ever. */
	if (*xargs_typed.replace == '\0')
		errx(1, "command too long");
	queue->batch = 1;
	options->command.replace = xargs_typed.replace;
}

/* --- how it is run --- */

static void settle_procs(struct pool_options *pool)
{
	static char jobs[24];
	long long most = xargs_typed.max_procs < MAX_SLOTS ? xargs_typed.max_procs : 0;

	/* 0 stands for the most that there can be. */
	snprintf(jobs, sizeof jobs, "%lld", most);
	pool->jobs = jobs;
}

/* --process-slot-var: the variable is ours, whatever it was. */
static void settle_slot_variable(const char *name)
{
	char shown[ESCAPED_NAME];

	if (!name)
		return;
	if (strchr(name, '='))
		errx(1, "option --process-slot-var may not be set to a value which includes `='");
	if (unsetenv(name) != 0)
		err(1, "failed to unset environment variable %s", escape_name(shown, name));
}

static void settle_xargs(struct options *options, char *operands[])
{
	static char *echo[] = {"echo", NULL};
	struct strings *words = &options->command.words;

	*words = (struct strings){.at = *operands ? operands : echo};
	while (words->at[words->count])
		words->count++;
	settle_separation(&options->queue);
	/* The last command has all that is left, also with -P. */
	options->queue.keeps_together = true;
	/* What is not read for items is for the commands. */
	options->share_stdin = operands_count_stdin(options) == 0;
	settle_slot_variable(options->attempt.slot_variable);
	settle_batch(options);
	settle_procs(&options->pool);
	if (xargs_typed.shows_limits)
		xargs_show_limits(options->queue.batch_bytes);
}

/* getopt has said what is wrong. */
static void say_usage(const struct option_table *table, int found, char *argv[])
{
	(void)table, (void)found, (void)argv;
	xargs_refer_to_help();
}

const struct personality xargs_rules = {
    .name = "xargs",
    .table = &xargs_table,
    .settle = settle_xargs,
    .usage_error = say_usage,
    .usage_status = 1,
    .getopt_complains = true,
};
