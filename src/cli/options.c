#include "cli/options.h"

#include <ctype.h>
#include <err.h>
#include <getopt.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/escape.h"
#include "base/path.h"
#include "base/system_limits.h"
#include "cli/file_checks.h"
#include "cli/operands.h"
#include "cli/option_types.h"
#include "cli/personality.h"
#include "pace/slot_count.h"
#include "queue/split.h"
#include "record/results_table.h"

/* The table as getopt_long takes it. */
struct getopt_table {
	char letters[3 * MOST_OPTION_NAMES + 3];
	struct option names[MOST_OPTION_NAMES + 1];
};

static int argument_of(const struct option_row *row)
{
	if (!row->argument)
		return no_argument;
	return row->may_stand_alone ? optional_argument : required_argument;
}

/* Adds a letter to the list of them, with a colon or two for its argument. Returns its end. */
static char *add_letter(char *to, int letter, int argument)
{
	static const char *const colons[] = {
	    [no_argument] = "", [required_argument] = ":", [optional_argument] = "::"};

	*to++ = (char)letter;
	return stpcpy(to, colons[argument]);
}

static void fill_getopt_table(struct getopt_table *table, const struct personality *by)
{
	const struct option_row *row;
	char *letters = table->letters;
	size_t count = 0;

	*letters++ = '+'; /* options end at the command, which has its own */
	if (!by->getopt_complains)
		*letters++ = ':'; /* a missing argument is told from an unknown option */
	for (size_t i = 0; i < option_name_count(by->table); i++) {
		const struct option_name *name = option_name_at(by->table, i, &row);
		if (name && name->name)
			table->names[count++] = (struct option){.name = name->name,
			    .has_arg = argument_of(row),
			    /* getopt takes the beginning of names that have the same value. */
			    .val = option_getopt_value(
				by->table, by->getopt_complains ? i - i % OPTION_NAMES : i)};
		if (name && name->letter)
			/* -h takes nothing: what is joined with it are letters of other options. */
			letters = add_letter(letters, name->letter,
			    row->takes_next_word ? no_argument : argument_of(row));
	}
	*letters = '\0';
	table->names[count] = (struct option){.name = NULL};
}

/* May the word behind an option without an argument be that? */
static bool is_value_of(const struct option_row *row, const char *word)
{
	return row->least > 0 ? isdigit((unsigned char)*word) : *word != '-';
}

static void read_options(
    struct options *options, const struct personality *by, int argc, char *argv[])
{
	struct getopt_table table;

	fill_getopt_table(&table, by);
	opterr = by->getopt_complains;
	for (int found, place = -1;
	     (found = getopt_long(argc, argv, table.letters, table.names, &place)) != -1;
	     place = -1) {
		struct given_option given = {.text = optarg, .by = by};
		options->control.given++;
		if (found == '?' || found == ':')
			by->usage_error(by->table, found, argv);
		given.name = option_by_getopt(by->table, found, &given.row);
		if (given.row->as_if && !given.text)
			given.text = given.row->as_if;
		if (given.row->takes_next_word && place >= 0 && !given.text && argv[optind])
			given.text = argv[optind++];
		if (given.row->takes_next_value && optarg == NULL && argv[optind] &&
		    is_value_of(given.row, argv[optind]))
			given.text = argv[optind++];
		given.row->parse(&given, options);
		/* The user may add it; getopt would take it for the command. */
		if (given.row->ignored_word && argv[optind] &&
		    strcmp(argv[optind], given.row->ignored_word) == 0)
			optind++;
	}
}

/* Makes the name of a file hold in any directory. */
static void settle_name(const char *here, const char **name)
{
	if (!*name)
		return;
	*name = path_resolve(here, *name);
	if (!*name)
		err(1, "reading the command line");
}

/* As settle_name, of a file of items: "-" is standard input wherever the run is. */
static void settle_input(const char *here, const char **name)
{
	if (*name && !path_is_stdin(*name))
		settle_name(here, name);
}

static void settle_inputs(const char *here, struct strings *names)
{
	for (size_t i = 0; i < names->count; i++)
		settle_input(here, (const char **)&names->at[i]);
}

/* When the run moves to another directory, the names that were typed hold in this one. */
static void settle_directory(struct options *options, const struct option_table *table)
{
	if (!options->directory)
		return;
	char *here = getcwd(NULL, 0);
	if (!here)
		err(1, "finding out the working directory");
	if (strcmp(here, "/") == 0)
		*here = '\0';
	options->command.started_in = here;
	for (size_t i = 0; i < table->count; i++) {
		const struct option_row *row = &table->rows[i];
		void *field = option_field_of(row, options);
		bool is_stream =
		    field == &options->record.results || field == &options->events.stream;
		if (row->is_path && row->parse == parse_list)
			settle_inputs(here, field);
		else if (row->is_path && !is_stream)
			settle_name(here, field);
	}
	/* A name like -.csv stands for our standard output, wherever the run is. */
	if (options->record.results && !results_table_is_stdout(options->record.results))
		settle_name(here, &options->record.results);
	if (options->events.stream && !event_files_is_descriptor(options->events.stream))
		settle_name(here, &options->events.stream);
	/* The row of --report has the page alone, and that of --joblog our own. */
	settle_name(here, &options->events.report);
	settle_name(here, &options->record.journal.parts);
	for (size_t i = 0; i < options->queue.input_count; i++)
		settle_input(here, &options->queue.inputs[i].file);
}

/* -j: a number in one of its forms, auto, or the file that has it. */
static unsigned count_slots(struct options *options, const struct personality *by)
{
	char reason[SLOT_COUNT_REASON], shown[ESCAPED_NAME];
	const char *text = options->pool.jobs;
	unsigned slots;

	escape_name(shown, text);
	if (slot_range_is_asked(text)) {
		if (!slot_range_parse(text, &options->pool.range, reason))
			errx(by->usage_status, "-j %s: %s", shown, reason);
		return options->pool.range.most;
	}
	if (slot_count_parse(text, &slots, reason))
		return slots;
	if (!strchr(text, '/') && access(text, F_OK) != 0)
		errx(by->usage_status, "-j %s: %s", shown, reason);
	options->control.slots_file = text;
	struct slot_setting setting;
	bool empty;
	if (!slot_setting_read(text, &setting, reason, &empty))
		errx(by->usage_status, "-j %s: %s", shown, reason);
	options->pool.range = setting.range;
	return setting.slots;
}

/*
 * Is what -X leaves at the end of the queue shared out to all slots? Not where the queue grows, nor
 * where a command takes items off another one: those are lost with the run until they have a job.
 */
static bool share_is_wanted(const struct options *options)
{
	const struct queue_options *queue = &options->queue;

	return queue->batch == 0 && !queue->keeps_together && !queue->follow && !queue->next;
}

static void settle_slots(struct options *options, const struct personality *by)
{
	options->pool.slots = options->pool.jobs ? count_slots(options, by) : system_cpus();
	if (share_is_wanted(options))
		options->queue.shares = options->pool.slots;
	/* Commands that are only printed are printed in the order of the queue. */
	if (options->attempt.dry_run) {
		options->pool.slots = 1;
		options->pool.range = (struct slot_range){0};
	}
}

/* The bytes of all files that are cut up; 0: there is something else among them. */
static uint64_t bytes_of_files(const struct strings *files)
{
	uint64_t bytes = 0;
	struct stat status;

	for (size_t i = 0; i < files->count; i++) {
		bool is_there = path_is_stdin(files->at[i]) ? fstat(STDIN_FILENO, &status) == 0
							    : stat(files->at[i], &status) == 0;
		if (!is_there || !S_ISREG(status.st_mode))
			return 0;
		bytes += (uint64_t)status.st_size;
	}
	return bytes;
}

/*
 * How large a block is, where that was not typed: 1 MiB. But of files that are so large that there
 * would be more than 128, so that each is worth its process, up to 16 MiB: that was twice as fast
 * with cat(1). It does not depend on the number of slots, which may be another one with --resume.
 * --block -N: the files are cut into N blocks a slot.
 */
static void settle_block_size(struct options *options)
{
	const uint64_t least = (uint64_t)1024 * 1024, most = 16 * least, count = 128;
	struct queue_options *queue = &options->queue;
	uint64_t each = (uint64_t)queue->blocks_each * options->pool.slots, bytes;

	if (!queue->pipe || (queue->block_bytes > 0 && each == 0))
		return;
	bool is_even = !queue->spreads && !options->attempt.answers;
	bytes = is_even ? bytes_of_files(&queue->files) : 0;
	if (each > 0 && bytes > 0)
		queue->block_bytes = (size_t)((bytes + each - 1) / each);
	else if (bytes / count > least)
		queue->block_bytes = (size_t)(bytes / count < most ? bytes / count : most);
	else
		queue->block_bytes = (size_t)least;
}

/*
 * All slots together keep as much of the input in memory as of the output, but each some blocks.
 * The pipes of a user share 64 MiB (pipe(7)): those that are widened for blocks take a quarter of
 * it, and with more slots none is.
 */
static void settle_block_memory(struct options *options)
{
	const size_t most_pipes = 16;
	size_t each = options->output.buffer_bytes / options->pool.slots;
	size_t least = 4 * options->queue.block_bytes;

	options->queue.block_memory =
	    each > least || options->output.buffer_bytes < least ? each : least;
	options->queue.moves_blocks = options->pool.slots <= most_pipes;
}

/* Tells the queue what other subsystems act by as well. */
static void share_with_queue(struct options *options)
{
	const struct journal_options *journal = &options->record.journal;
	bool dry_run = options->attempt.dry_run;

	options->queue.grace_ms = options->pool.grace_ms;
	options->queue.counts_ahead =
	    ((options->pool.progress.kind != PROGRESS_NONE && !options->pool.progress.total) ||
		options->queue.claims) &&
	    !options->queue.pipe;
	settle_block_size(options);
	settle_block_memory(options);
	options->queue.hides_blocks = journal->by_numbers;
	options->queue.hashes_blocks =
	    journal->path && !options->queue.spreads && !journal->by_numbers;
	options->queue.even_columns =
	    options->record.results_are_table && results_table_is_even(options->record.results);
	options->queue.growth = (struct follow_options){
	    .name = options->queue.files.count > 0 ? options->queue.files.at[0] : NULL,
	    .delimiter = options->queue.delimiter,
	    .journal = journal->path,
	    /* A batch may have items of two files. */
	    .keeps_place = journal->path && options->queue.batch == 1 &&
			   (!dry_run || journal->resume != RESUME_NO),
	    .sync = journal->sync,
	    .resumes = journal->resume != RESUME_NO,
	    .dry_run = dry_run,
	};
}

/* Tells each subsystem what others act by as well. */
static void share(struct options *options)
{
	bool dry_run = options->attempt.dry_run;

	share_with_queue(options);
	options->record.journal.shard = options->queue.shard;
	options->command.splits = split_is_on(&options->queue);
	options->pool.found = options->record.journal.path;
	options->pool.begins_with_found = options->record.journal.resume != RESUME_NO;
	options->pool.is_verbose = options->attempt.trace;
	options->command.fills = options->queue.batch == 0;
	options->command.several =
	    options->queue.batch != 1 ||
	    options->queue.input_count + (options->queue.files.count > 0) > 1;
	options->record.journal.dry_run = options->record.acknowledge.dry_run = dry_run;
	options->record.acknowledge.names_lost = options->queue.next != NULL;
	options->queue.gives_back = options->record.acknowledge.back != NULL;
	options->output.keeps_tail = options->record.report && !dry_run;
	options->output.recorded = options->record.results_are_table;
	options->output.slots = options->pool.slots;
	options->control.started_in = options->command.started_in;
	options->control.words = &options->command.words;
	options->attempt.tells_waiter = options->steps_aside;
	options->log.discards = options->daemon && !options->log.path && !options->log.syslog;
}

void options_parse(struct options *options, int argc, char *argv[])
{
	const struct personality *by = personality_choose(&argc, &argv);

	if (by->prepare)
		by->prepare(&argc, &argv);
	*options = *by->table->defaults;
	read_options(options, by, argc, argv);
	by->settle(options, argv + optind);
	settle_directory(options, by->table);
	settle_slots(options, by);
	share(options);
	if (by->compares_files)
		check_files(options);
}

bool options_is_ctl_call(const struct options *options)
{
	const struct strings *words = &options->command.words;

	return options->control.socket && options->control.given == 1 &&
	       options->queue.input_count == 0 && words->count > 0 &&
	       ctl_is_command(words->at[0]) && strcmp(words->at[-1], "--") != 0;
}

/* Can commands come from standard input? From /dev/null and an empty file there is none. */
static bool stdin_has_commands(void)
{
	struct stat status;

	return fstat(STDIN_FILENO, &status) != 0 ||
	       (!S_ISCHR(status.st_mode) && !(S_ISREG(status.st_mode) && status.st_size == 0));
}

bool options_is_report_call(const struct options *options)
{
	const struct journal_options *journal = &options->record.journal;
	struct stat status;

	if (!(options->record.report || options->events.report) || !journal->path ||
	    options->command.words.count > 0 || options->queue.input_count > 0)
		return false;
	/* As a run it would have no jobs, and empty the journal that a page is wanted of. */
	return (options->record.report && options->control.given == 2) ||
	       (journal->resume == RESUME_NO && !stdin_has_commands() &&
		   stat(journal->path, &status) == 0 && status.st_size > 0);
}
