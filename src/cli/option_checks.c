#include "cli/option_checks.h"

#include <err.h>
#include <string.h>
#include <unistd.h>

#include "cli/operands.h"
#include "record/results_table.h"

/* Is one of the options that a relation names there? ":::" stands for the lists. */
static bool any_is_set(const struct option_table *table, const struct option_relation *relation,
    const struct options *options)
{
	for (size_t i = 0; i < RELATED_OPTIONS && relation->others[i]; i++) {
		const char *other = relation->others[i];
		if (strcmp(other, ":::") == 0
			? options->queue.input_count > 0
			: option_is_set(table, option_find(table, other), options))
			return true;
	}
	return false;
}

/* Ends pexec when an option is there that the option of `row` excludes. */
static void check_excludes(
    const struct option_table *table, const struct option_row *row, const struct options *options)
{
	const struct option_relation *relation = row->excludes;

	for (; relation && relation->reason; relation++)
		if (option_is_set(table, row, options) && any_is_set(table, relation, options))
			errx(1, "%s", relation->reason);
}

/* Ends pexec when an option is missing that the option of `row` needs. */
static void check_needs(
    const struct option_table *table, const struct option_row *row, const struct options *options)
{
	const struct option_relation *relation = row->needs;

	for (; relation && relation->reason; relation++)
		if (option_is_set(table, row, options) && !any_is_set(table, relation, options))
			errx(1, "%s", relation->reason);
}

/* What depends on how many lists and files there are. */
static void check_items(const struct options *options)
{
	const struct queue_options *queue = &options->queue;

	/* --done and --failed are run for one item each time, which has to be one value. */
	if ((options->record.acknowledge.done || options->record.acknowledge.failed) &&
	    queue->input_count + (queue->files.count > 0) > 1)
		errx(1, "--done and --failed: items of several values cannot be acknowledged");
	if (queue->link && queue->files.count > 0)
		errx(1, "--link takes its lists from ::: and ::::, not from -a or stdin");
	if (operands_count_stdin(options) > 1)
		errx(1, "stdin (-) is named more than once: its items come only once");
	if (options->share_stdin && operands_count_stdin(options) > 0)
		errx(1, "--share-stdin: items come from stdin, there is nothing else in it for the "
			"jobs");
}

/* --daemon: it has neither a terminal to read from, nor without a log an output to write to. */
static void check_daemon(const struct options *options)
{
	const char *results = options->record.results;

	if (!options->daemon)
		return;
	if (operands_count_stdin(options) > 0 && isatty(STDIN_FILENO))
		errx(1, "--daemon: items cannot be read from the terminal in the background: "
			"give them with -a, ::: or a pipe");
	if (results && results_table_is_stdout(results) && !options->log.path &&
	    !options->log.syslog)
		errx(1, "--daemon: a table on standard output is read by none: name a file, or "
			"give a --log");
}

/* --rounds ends a run of --next by itself, but one of --source only where it is run again. */
static void check_rounds(const struct queue_options *queue)
{
	if (queue->source && queue->rounds && !queue->every_ms)
		errx(1, "--rounds: several rounds of --source need --every");
}

/* Was it typed that a job has several items? */
static bool has_batches(const struct queue_options *queue)
{
	return queue->batch != 1 && queue->batch != BATCH_DEFAULT;
}

/* -n, -L and -X: where each item is a command, a job cannot have several. */
static void check_batch(const struct options *options)
{
	if (has_batches(&options->queue) && options->command.words.count == 0 &&
	    !options->command.script)
		errx(1,
		    "-n and -X put several items into one command: without a command each item is "
		    "one itself");
}

/* --pipe: a block is no command. */
static void check_blocks(const struct options *options)
{
	if ((options->queue.pipe || options->queue.by_record) &&
	    options->command.words.count == 0 && !options->command.script)
		errx(1, "--pipe and --stdin: there is no command that could have a block as its "
			"standard input");
}

/* --follow: one file or FIFO; a run that is resumed counts jobs, and takes them for items. */
static void check_follow(const struct options *options)
{
	const struct queue_options *queue = &options->queue;

	if (!queue->follow)
		return;
	if (queue->input_count > 0)
		errx(1, "--follow waits for more of a file or FIFO: the lists of ::: and :::: are "
			"complete");
	if (queue->files.count > 1)
		errx(1, "--follow follows one file, and -a names several");
	if (options->record.journal.resume && (has_batches(queue) || queue->skip > 0))
		errx(1, "--follow with --resume: a job has one item, and none is skipped, so that "
			"-n, -L, -X and --skip have no place there");
}

/* To give an option that is missing is no help where others contradict each other: needs are last.
 */
void check_options(const struct option_table *table, const struct options *options)
{
	for (size_t i = 0; i < table->count; i++)
		check_excludes(table, &table->rows[i], options);
	check_items(options);
	check_daemon(options);
	check_rounds(&options->queue);
	check_blocks(options);
	check_batch(options);
	check_follow(options);
	for (size_t i = 0; i < table->count; i++)
		check_needs(table, &table->rows[i], options);
}
