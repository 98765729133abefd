#include "cli/own_rules.h"

#include <err.h>
#include <string.h>

#include "cli/block_rules.h"
#include "cli/operands.h"
#include "cli/option_checks.h"
#include "cli/option_table.h"
#include "cli/option_types.h"
#include "cli/shard_rules.h"
#include "cli/usage_error.h"
#include "record/results_table.h"

/* --csv: -C gives the separator, a byte. */
static void settle_csv(struct queue_options *queue)
{
	const char *text = queue->separator_text;

	if (!queue->csv)
		return;
	queue->csv_separator = ',';
	if (text && (!read_byte(text, &queue->csv_separator) || queue->csv_separator == '\0' ||
			strchr("\"\r\n", queue->csv_separator)))
		errx(1, "--csv: what -C names has to be one byte, and neither a quote nor the end "
			"of a line");
}

/* How many records a block has, or items a job. */
static void settle_blocks(struct options *options)
{
	struct queue_options *queue = &options->queue;

	queue->pipe |= queue->by_record;
	if (queue->pipe && queue->batch != BATCH_DEFAULT)
		queue->block_records = queue->batch;
	else if (queue->by_record)
		queue->block_records = 1;
	if (queue->pipe || queue->batch == BATCH_DEFAULT)
		queue->batch = 1;
	if (queue->spreads && !options->attempt.answers &&
	    (options->attempt.retries > 1 || options->record.journal.resume != RESUME_NO))
		errx(1, "--spread: what a job has had is not known without --ack: no --retries, "
			"--resume and --resume-failed");
	/* A block that is answered is a job, whatever process makes it. */
	queue->spreads &= !options->attempt.answers;
	options->command.takes_no_item = queue->pipe;
	if (queue->pipe)
		block_rules_settle(options, 1);
	else if (options->blocks.header && strcmp(options->blocks.header, ":") != 0)
		errx(1, "--header=N and --header=RE are about --pipe: it is missing");
	queue->header = options->blocks.header && !queue->pipe;
}

/* --tty: jobs are in the foreground of the terminal, and write to it. */
static void settle_terminal(struct options *options)
{
	options->attempt.joins_group = options->output.ungroup = true;
	if (!options->pool.jobs)
		options->pool.jobs = "1";
}

/* Settles what was left out, and what follows from the options, where that depends on others. */
static void settle_defaults(struct options *options)
{
	struct queue_options *queue = &options->queue;

	shard_rules_settle(options, &option_table);
	settle_csv(queue);
	settle_blocks(options);
	/* As in GNU parallel: columns are trimmed, whole items are left as they are, and so are
	 * fields of CSV, as RFC 4180 has it. */
	if (queue->trim == TRIM_DEFAULT)
		queue->trim = queue->column_separator && !queue->csv ? TRIM_BOTH : TRIM_NONE;
	if (queue->source && !queue->every_ms)
		queue->rounds = 1;
	if (queue->next && !queue->every_ms)
		queue->every_ms = 1000;
	if (options->command.tag && !options->command.tag_string)
		options->command.tag_string = options->command.replace;
	options->record.results_are_table =
	    options->record.results && results_table_is_name(options->record.results);
	if (options->attempt.opens_tty)
		settle_terminal(options);
	if (options->daemon && !options->directory)
		options->directory = "/";
}

static void settle_own(struct options *options, char *operands[])
{
	operands_parse(options, operands);
	check_options(&option_table, options);
	settle_defaults(options);
}

const struct personality own_rules = {
    .name = "pexec",
    .table = &option_table,
    .settle = settle_own,
    .usage_error = usage_error,
    .usage_status = 1,
    .compares_files = true,
};
