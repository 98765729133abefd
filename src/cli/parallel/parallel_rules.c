#include "cli/parallel/parallel_rules.h"

#include <ctype.h>
#include <err.h>
#include <errno.h>
#include <getopt.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/escape.h"
#include "cli/operands.h"
#include "cli/option_types.h"
#include "cli/parallel/parallel_arguments.h"
#include "cli/parallel/parallel_blocks.h"
#include "cli/parallel/parallel_help.h"
#include "cli/parallel/parallel_lists.h"
#include "cli/parallel/parallel_retry.h"
#include "cli/parallel/parallel_shell.h"
#include "cli/parallel/parallel_table.h"
#include "cli/parallel/parallel_types.h"
#include "cli/parallel/sem.h"
#include "record/results_table.h"

/* --- the items --- */

/* Compiles what separates columns. */
static void set_separator(struct options *options, const char *text)
{
	const struct option_row row = {.name = {'C', "colsep"},
	    /* NOLINTNEXTLINE(bugprone-sizeof-expression): the size of the pointer is meant */
	    .field = FIELD(queue.column_separator)};
	const struct given_option given = {
	    .row = &row, .name = &row.name, .text = text, .by = &parallel_rules};

	parse_expression(&given, options);
}

static void settle_columns(struct options *options)
{
	struct queue_options *queue = &options->queue;
	const char *typed = parallel_typed.colsep;

	queue->header = parallel_typed.header != NULL;
	if (queue->trim == TRIM_DEFAULT)
		queue->trim = typed ? TRIM_BOTH : TRIM_NONE;
	if (queue->csv) {
		queue->csv_separator = ',';
		if (typed && !read_byte(typed, &queue->csv_separator))
			errx(255, "--csv: what -C names has to be one byte");
		return;
	}
	if (!typed && queue->header)
		typed = "\t";
	if (typed)
		set_separator(options, parallel_translate_expression(typed));
}

/* How many items a command has, and how they stand in it. */
static void settle_batch(struct options *options)
{
	const struct parallel_typed *typed = &parallel_typed;
	bool fills = typed->fills || typed->repeats || typed->keeps_together;
	bool joins_lines = typed->fills || typed->keeps_together;
	bool repeats = typed->repeats || typed->max_replace_args != NO_COUNT ||
		       (typed->max_replace_lines > 0 && !joins_lines);
	long long args = parallel_typed_args(), lines = parallel_typed_lines();
	long long most = args == NO_COUNT && lines > 0 ? lines : args;

	if (most == 0) {
		options->command.takes_no_item = true;
		most = 1;
	}
	if (most > 0)
		options->queue.batch = (size_t)most;
	else if (fills)
		options->queue.batch = 0;
	if (options->queue.batch_bytes > 0)
		options->queue.misfit = MISFIT_ALONE_ENDS_RUN;
	options->queue.keeps_together = typed->keeps_together;
	options->command.joins_items = !repeats;
	/* As xargs -L has it. */
	options->queue.ends.blank_goes_on = typed->max_lines > 0 || typed->max_replace_lines > 0;
	if (typed->skips_first_line)
		options->queue.skip = 1;
}

/* --- the command --- */

static _Noreturn void refuse_perl(void)
{
	errx(255, "pexec has no {= =}: there is no Perl in it; use --plus, or the shell in the "
		  "command");
}

/* Ends pexec where a replacement string is there that only Perl can read. */
static void check_for_perl(const struct options *options)
{
	const struct strings *words = &options->command.words;
	const char *const others[] = {
	    parallel_typed.tag_string, options->record.results, parallel_typed.directory};
	bool is_open = false; /* the words are joined: it may end in a later one */
	size_t half = strlen(parallel_typed.parens) / 2;
	const char *closes = parallel_typed.parens + half;
	char *opens = strndup(parallel_typed.parens, half);

	if (!opens)
		err(255, "reading the command line");
	for (size_t i = 0; half > 0 && i < words->count; i++) {
		const char *begin = strstr(words->at[i], opens);
		is_open |= begin != NULL;
		if (is_open && strstr(begin ? begin : words->at[i], closes))
			refuse_perl();
	}
	for (size_t i = 0; half > 0 && i < sizeof others / sizeof *others; i++) {
		const char *begin = others[i] ? strstr(others[i], opens) : NULL;
		if (begin && strstr(begin, closes))
			refuse_perl();
	}
	free(opens);
}

static void settle_command(struct options *options)
{
	struct command_options *command = &options->command;

	check_for_perl(options);
	command->shell = parallel_shell_choose();
	command->shell_is_named_by = "PARALLEL_SHELL";
	command->shows_text = true;
	command->argv_is_command = parallel_typed.quotes;
	/* With --dry-run as well, what would be quoted is shown. */
	if (!options->attempt.dry_run)
		command->quotes_more = parallel_typed.quotes_only;
	options->attempt.dry_run |= parallel_typed.quotes_only > 0;
}

static char *unescape(const char *text)
{
	char *to = malloc(strlen(text) + 1);

	if (!to)
		err(255, "reading the command line");
	unescape_text(to, text);
	return to;
}

/* --- the output, and the records --- */

/* --files: what a job prints goes to a file, and its name to stdout. */
static void settle_files(struct options *options)
{
	const char *folder = getenv("TMPDIR");
	char *name;

	if (asprintf(&name, "%s/par%ld-{#}.par", folder && *folder ? folder : "/tmp",
		(long)getpid()) < 0)
		err(255, "--files");
	options->record.results = name;
	options->record.results_by_value = options->record.stdout_alone = true;
}

/* --tty: one job at a time has the terminal, and writes to it. */
static void settle_terminal(struct options *options)
{
	if (parallel_typed.terminal) {
		options->attempt.opens_tty = true;
		parallel_typed.ungroups |= !parallel_typed.groups;
		if (!options->pool.jobs)
			options->pool.jobs = "1";
	}
	options->attempt.joins_group = options->attempt.opens_tty;
}

static void settle_output(struct options *options)
{
	struct output_options *output = &options->output;
	const char *results = options->record.results;

	if (parallel_typed.unordered)
		output->ordered = false;
	if (parallel_typed.tag_string)
		options->command.tag_string = unescape(parallel_typed.tag_string);
	else if (parallel_typed.tag)
		options->command.tag_string = options->command.replace;
	options->record.results_are_table = results && results_table_is_name(results);
	options->record.results_by_value = results && !options->record.results_are_table;
	if (parallel_typed.as_files && !results)
		settle_files(options);
	options->attempt.prints_results =
	    parallel_typed.as_files && options->record.results_by_value;
	if (options->record.results_by_value) {
		options->command.results = options->record.results;
		options->record.results_go_on = options->record.journal.resume != RESUME_NO;
		output->only_copied = true;
	}
	output->ungroup = parallel_typed.ungroups;
	if (output->ungroup && (results || parallel_typed.as_files))
		output->ungroup = false;
	if (output->ungroup) {
		output->ordered = output->by_line = false;
		options->command.tag_string = NULL;
	}
	bool has_command = parallel_typed.prints_command && !parallel_typed.silent;
	options->attempt.keeps_command = has_command && options->record.results_by_value;
	options->attempt.prints_command = has_command && !options->attempt.keeps_command;
}

/* Ends pexec when the journal cannot be written, with the status of parallel. */
static void check_journal(const char *name)
{
	char shown[ESCAPED_NAME], *copy = strdup(name);
	bool is_writable = access(name, W_OK) == 0 ||
			   (errno == ENOENT && copy && access(dirname(copy), W_OK | X_OK) == 0);

	free(copy);
	if (!is_writable)
		err(255, "Cannot write to --joblog %s", escape_name(shown, name));
}

static void settle_journal(struct journal_options *journal, bool has_results)
{
	journal->by_numbers = true;
	if (journal->resume != RESUME_NO && !journal->path && !has_results)
		errx(
		    255, "--resume, --resume-failed and --retry-failed need --joblog or --results");
	if (!journal->path)
		journal->resume = RESUME_NO;
	if (journal->path && *journal->path == '+') {
		journal->path++;
		journal->appends = true;
	}
	if (journal->path)
		check_journal(journal->path);
}

/* --- where and when --- */

/* -S, --onall, --nonall: of this machine, with the commands one after the other. */
static void settle_machine(struct options *options)
{
	bool on_all = parallel_typed.on_all || parallel_typed.on_all_without;

	if (!options->pool.jobs)
		options->pool.jobs = parallel_typed.login_jobs;
	if (on_all)
		options->pool.jobs = "1";
	if (on_all && parallel_typed.tag && !parallel_typed.tag_string)
		parallel_typed.tag_string = ":";
}

/* --workdir: `.` is here, and `...` a new folder for each job. */
static const char *directory_of(const char *typed)
{
	char host[256] = "localhost", *name;
	const char *home = getenv("HOME");

	if (strcmp(typed, ".") == 0)
		return NULL;
	if (strcmp(typed, "...") != 0)
		return typed;
	gethostname(host, sizeof host - 1);
	if (asprintf(&name, "%s/.parallel/tmp/%s-%ld-{#}", home ? home : "", host, (long)getpid()) <
	    0)
		err(255, "--workdir");
	return name;
}

static void settle_place(struct options *options)
{
	if (parallel_typed.delay)
		options->pool.delay_ms = read_duration("--delay", parallel_typed.delay);
	if (parallel_typed.directory)
		options->command.directory = directory_of(parallel_typed.directory);
}

/* What jobs have in their environment, and we act by. */
static void settle_environment(void)
{
	static char pid[24];

	if (parallel_typed.temporary && setenv("TMPDIR", parallel_typed.temporary, 1) != 0)
		err(255, "--tmpdir");
	/* These are those of another parallel, if we are a job of it. */
	unsetenv("PARALLEL_SEQ");
	unsetenv("PARALLEL_JOBSLOT");
	snprintf(pid, sizeof pid, "%ld", (long)getpid());
	if (setenv("PARALLEL_PID", pid, 1) != 0)
		err(255, "PARALLEL_PID");
}

/* Each step settles fields of its own, and may look at those of the steps before it. */
static void settle_parallel(struct options *options, char *operands[])
{
	settle_environment();
	settle_machine(options);
	if (sem_is_meant())
		sem_settle(options, operands);
	else if (!parallel_retry_settle(options) && !parallel_blocks_settle(options, operands))
		parallel_lists_settle(options, operands);
	settle_columns(options);
	if (!options->queue.pipe)
		settle_batch(options);
	settle_command(options);
	settle_terminal(options);
	settle_output(options);
	settle_journal(&options->record.journal, options->record.results != NULL);
	settle_place(options);
	options->pool.halt.sets_status = true;
}

/* getopt has said what is wrong. */
static void say_usage(const struct option_table *table, int found, char *argv[])
{
	(void)table, (void)found, (void)argv;
	parallel_refer_to_help();
}

const struct personality parallel_rules = {
    .name = "parallel",
    .table = &parallel_table,
    .prepare = parallel_arguments_prepare,
    .settle = settle_parallel,
    .usage_error = say_usage,
    .usage_status = 255,
    .getopt_complains = true,
};

static void settle_sem(struct options *options, char *operands[])
{
	parallel_typed.semaphore = true;
	settle_parallel(options, operands);
}

const struct personality sem_rules = {
    .name = "sem",
    .table = &parallel_table,
    .prepare = parallel_arguments_prepare,
    .settle = settle_sem,
    .usage_error = say_usage,
    .usage_status = 255,
    .getopt_complains = true,
};
