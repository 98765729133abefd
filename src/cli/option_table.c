#include "cli/option_table.h"

#include <limits.h>
#include <signal.h>
#include <stddef.h>

#include "cli/help.h"
#include "cli/option_types.h"
#include "cli/shard_rules.h"
#include "pace/shared_semaphore.h"

/* Macros for lists in braces, which clang-format would take for blocks. */
/* clang-format off */

/* A list of relations, with its end. */
#define RELATIONS(...) (const struct option_relation[]){__VA_ARGS__, {.reason = NULL}}

/* What a command that gives the items, of the option `name`, cannot be combined with. */
#define FETCHED_EXCLUDES(name) \
	{{"arg-file", ":::"}, name " gives the items: there are none from -a, ::: or ::::"}, \
	{{"follow"}, name " gives the items: there is no file for --follow"}, \
	{{"header", "shuf", "link"}, \
	 name " gives items as they come: without --header, --shuf and --link"}, \
	{{"resume", "resume-failed", "retry-failed"}, \
	 name ": what it gives differs from run to run, there is nothing to resume"}

/* clang-format on */

static const struct option_choice trims[] = {{.name = "n", .value = TRIM_NONE},
    {.name = "l", .value = TRIM_LEFT}, {.name = "r", .value = TRIM_RIGHT},
    {.name = "lr", .also = "rl", .value = TRIM_BOTH}, {.name = NULL}};

static const struct option_choice color_times[] = {{.name = "auto", .value = COLORS_AUTO},
    {.name = "always", .value = COLORS_ALWAYS}, {.name = "never", .value = COLORS_NEVER},
    {.name = NULL}};

/* Relations that several options have. */

static const struct option_relation need_retries[] = {
    {{"retries"}, "--retry-delay and --drop-retried are about --retries: it is missing"},
    {.reason = NULL},
};

static const struct option_relation need_written_journal[] = {
    {{"joblog"}, "--sync and --joblog-usage say how --joblog is written: it is missing"},
    {.reason = NULL},
};

static const struct option_relation need_read_journal[] = {
    {{"joblog"}, "--resume, --resume-failed and --retry-failed need a --joblog to go by"},
    {.reason = NULL},
};

static const struct option_relation exclude_new_order[] = {
    {{"shuf"}, "--shuf makes another order each time: there is nothing to resume"},
    {.reason = NULL},
};

static const struct option_relation need_lock[] = {
    {{"lock"}, "--lock-wait and --lock-status say what to do about --lock: it is missing"},
    {.reason = NULL},
};

static const struct option_relation need_fetched[] = {
    {{"source", "next"}, "--every and --rounds are about --source or --next: none is here"},
    {.reason = NULL},
};

static const struct option_relation need_next[] = {
    {{"next"}, "--back gives back what --next has taken off its queue: it is missing"},
    {.reason = NULL},
};

static const struct option_relation need_pipe[] = {
    {{"pipe", "stdin"},
	"--block, --recend, --recstart and --spread are about --pipe: it is missing"},
    {.reason = NULL},
};

/* clang-format off */
#define BLOCKS_EXCLUDE \
	{{":::", "source", "next", "follow"}, \
	"--pipe and --stdin: blocks come from stdin and -a, not from lists, commands or --follow"}, \
	{{"csv", "colsep", "trim", "eof", "no-run-if-empty"}, \
	"--pipe and --stdin: records are not looked into: without --csv, --colsep, --trim, -E " \
	"and -r"}, \
	{{"shuf", "order", "link", "fill", "max-chars", "exit"}, \
	"--pipe and --stdin: blocks come in their order: without --shuf, --order, --link, -X, -s " \
	"and -x"}, \
	{{"tty", "share-stdin", "key", "done", "failed"}, \
	"--pipe and --stdin: a block is the standard input of a job, and no argument: without " \
	"--tty, --share-stdin, --key, --done and --failed"}

/* clang-format on */

static const struct option_relation exclude_from_blocks[] = {
    BLOCKS_EXCLUDE,
    {.reason = NULL},
};

static const struct option_relation exclude_from_records[] = {
    BLOCKS_EXCLUDE,
    {{"max-args", "block"},
	"--stdin gives a job one item, whatever its size: --pipe has -n and --block"},
    {.reason = NULL},
};

static const struct option_relation exclude_from_text[] = {
    {{"delimiter", "null"}, "--recend and --recstart say how records end: without -d and -0"},
    {.reason = NULL},
};

static const struct option_relation need_key[] = {
    {{"key"}, "--per-key is about --key: it is missing"},
    {.reason = NULL},
};

static const struct option_relation need_progress[] = {
    {{"progress"}, "--total says how many jobs --progress shows: it is missing"},
    {.reason = NULL},
};

static const struct option_relation need_memfree[] = {
    {{"memfree"}, "--memfree-kill is about --memfree: it is missing"},
    {.reason = NULL},
};

static const struct option_relation exclude_from_source[] = {
    {{"next"}, "--source and --next: the items come from one of them"},
    FETCHED_EXCLUDES("--source"),
    {.reason = NULL},
};

static const struct option_relation exclude_from_next[] = {
    FETCHED_EXCLUDES("--next"),
    {{"skip", "dry-run"},
	"--next takes items off their queue: with --skip or --dry-run they were lost"},
    {.reason = NULL},
};

/* --as behind another option, which has been read by other rules then. */
static void refuse_late(const struct given_option *given, struct options *options)
{
	(void)options;
	empty_argument(given, "it has to be the first option");
}

const struct options option_defaults = {
    .queue.delimiter = '\n',
    .queue.batch = BATCH_DEFAULT,
    .queue.per_key = 1,
    .queue.trim = TRIM_DEFAULT,
    .command.replace = "{}",
    .attempt.colours_tags = true,
    .pool.grace_ms = 5000,
    .pool.termination = {.steps = {{SIGTERM, 200}, {SIGTERM, 100}, {SIGTERM, 50}, {SIGKILL, 25}},
	.count = 4},
    .output.linger_ms = -1,
    .output.buffer_bytes = (size_t)64 * 1024 * 1024,
    .lock.wait_ms = -1,
    .lock.status = -1,
};

static const struct option_row option_rows[] = {
    {
	.name = {'a', "arg-file"},
	.group = GROUP_INPUT,
	.argument = "FILE",
	.help = "read items from FILE (- is stdin); repeatable",
	.parse = parse_list,
	.field = FIELD(queue.files),
	.is_path = true,
    },
    {
	.name = {'0', "null"},
	.group = GROUP_INPUT,
	.help = "items end with a NUL byte",
	.parse = parse_constant,
	.field = FIELD(queue.delimiter),
	.constant = '\0',
    },
    {
	.name = {'d', "delimiter"},
	.group = GROUP_INPUT,
	.argument = "C",
	.help = "items end with C (\\t \\0 \\xHH too)",
	.parse = parse_byte,
	.field = FIELD(queue.delimiter),
    },
    {
	.name = {'E', "eof"},
	.group = GROUP_INPUT,
	.argument = "STR",
	.help = "an item equal to STR ends the queue",
	.parse = parse_text_or_none,
	.field = FIELD(queue.end_of_items),
    },
    {
	.name = {'C', "colsep"},
	.group = GROUP_INPUT,
	.argument = "RE",
	.help = "split items into {1} {2}... at RE",
	.parse = parse_expression,
	/* NOLINTNEXTLINE(bugprone-sizeof-expression): the size of the pointer is meant */
	.field = FIELD(queue.column_separator),
    },
    {
	.name = {0, "csv"},
	.group = GROUP_INPUT,
	.help = "items are records of CSV, with quotes; -C is what separates fields",
	.parse = parse_flag,
	.field = FIELD(queue.csv),
	.excludes = RELATIONS(
	    {{"follow"}, "--follow takes every line for an item, and a record of --csv may have "
			 "several"},
	    {{"null", "delimiter"}, "--csv: a record ends with a newline"}),
    },
    {
	.name = {0, "header"},
	.group = GROUP_INPUT,
	.argument = "N|RE",
	.may_stand_alone = true,
	.help = "the first line names the columns: {name}; with --pipe "
		"each block begins with N lines, or what RE matches (1)",
	.parse = parse_text,
	.field = FIELD(blocks.header),
	.as_if = ":",
	.ignored_word = ":",
    },
    {
	.name = {0, "trim"},
	.group = GROUP_INPUT,
	.argument = "n|l|r|lr",
	.help = "take white space off the left, right or both",
	.parse = parse_choice,
	.field = FIELD(queue.trim),
	.choices = trims,
    },
    {
	.name = {0, "shuf"},
	.group = GROUP_INPUT,
	.help = "read the whole queue, then run it in random order",
	.parse = parse_flag,
	.field = FIELD(queue.shuffle),
    },
    {
	.name = {0, "order"},
	.group = GROUP_INPUT,
	.argument = "longest=JOURNAL",
	.help = "run the longest jobs (shortest=) first, by a --joblog",
	.parse = parse_order,
	.field = FIELD(queue.order_journal),
	.is_path = true,
	.excludes = RELATIONS({{"shuf"}, "--order and --shuf: the jobs have one order"},
	    {{"follow", "source", "next"}, "--order reads the whole queue before it runs any of "
					   "it: without --follow, --source and "
					   "--next"}),
    },
    {
	.name = {0, "skip"},
	.group = GROUP_INPUT,
	.argument = "N",
	.help = "leave out the first N items",
	.parse = parse_number,
	.field = FIELD(queue.skip),
	.least = 0,
	.most = LLONG_MAX,
    },
    {
	.name = {0, "shard"},
	.group = GROUP_INPUT,
	.argument = "K/N",
	.help = "run part K of N: each Nth job; auto: as srun, an array or mpirun says",
	.parse = parse_shard,
	.field = FIELD(queue.shard),
	.excludes = RELATIONS(
	    {{"follow", "source", "next"},
		"--shard takes its part of one queue that all runs read: without --follow, "
		"--source and --next"},
	    {{"shuf"}, "--shuf makes another order each time: --shard needs the same one in all "
		       "runs"},
	    {{"fill", "max-chars", "spread"},
		"--shard takes each Nth job: with --fill, --max-chars and --spread what is in a "
		"job differs from run to run"}),
    },
    {
	.name = {0, "share"},
	.group = GROUP_INPUT,
	.argument = "FILE",
	.help = "take jobs together with other runs of this queue, by FILE",
	.parse = parse_name,
	.field = FIELD(share),
	.is_path = true,
	.excludes = RELATIONS(
	    {{"follow", "source", "next"},
		"--share: all runs read the same queue: without --follow, --source and --next"},
	    {{"shuf", "order"}, "--share: the queue has one order in all runs, in which they take "
				"jobs: without --shuf and --order"},
	    {{"fill", "max-chars", "spread"},
		"--share: with --fill, --max-chars and --spread what is in a job differs from run "
		"to run"},
	    {{"keep-orphans"},
		"--share: jobs of a run that is killed are taken over by others when "
		"they are dead: without --keep-orphans"},
	    {{"dry-run"}, "--share: others would leave out the jobs that --dry-run only prints"}),
    },
    {
	.name = {0, "follow"},
	.group = GROUP_INPUT,
	.help = "wait for more at the end of the file or FIFO, as tail -F",
	.parse = parse_flag,
	.field = FIELD(queue.follow),
	.excludes = RELATIONS(
	    {{"shuf"}, "--shuf reads the queue to its end, and with --follow it has none"},
	    {{"header"}, "--follow takes every line for an item: --header has no place there"},
	    {{"retry-failed"}, "--retry-failed runs nothing new, and --follow waits for that: take "
			       "--resume-failed"}),
    },
    {
	.name = {'r', "no-run-if-empty"},
	.group = GROUP_INPUT,
	.help = "leave out empty items",
	.parse = parse_flag,
	.field = FIELD(queue.no_empty),
    },
    {
	.name = {0, "pipe"},
	.group = GROUP_INPUT,
	.help = "a block of records is the stdin of each job",
	.parse = parse_flag,
	.field = FIELD(queue.pipe),
	.excludes = exclude_from_blocks,
    },
    {
	.name = {0, "stdin"},
	.group = GROUP_INPUT,
	.help = "an item is the stdin of its job",
	.parse = parse_flag,
	.field = FIELD(queue.by_record),
	.excludes = exclude_from_records,
    },
    {
	.name = {0, "block"},
	.group = GROUP_INPUT,
	.argument = "SIZE",
	.help = "at most SIZE bytes a block (1M; of large files more)",
	.parse = parse_bytes,
	.field = FIELD(queue.block_bytes),
	.needs = need_pipe,
    },
    {
	.name = {0, "recend"},
	.group = GROUP_INPUT,
	.argument = "STR",
	.help = "a record ends with STR (\\n \\t \\xHH too)",
	.parse = parse_text,
	.field = FIELD(blocks.end),
	.needs = need_pipe,
	.excludes = exclude_from_text,
    },
    {
	.name = {0, "recstart"},
	.group = GROUP_INPUT,
	.argument = "STR",
	.help = "a record begins with STR",
	.parse = parse_text,
	.field = FIELD(blocks.start),
	.needs = need_pipe,
	.excludes = exclude_from_text,
    },
    {
	.name = {0, "regexp"},
	.group = GROUP_INPUT,
	.help = "--recend and --recstart are regular expressions",
	.parse = parse_flag,
	.field = FIELD(blocks.regexp),
	.needs = RELATIONS({{"recend", "recstart"},
	    "--regexp is about --recend and --recstart: they are missing"}),
    },
    {
	.name = {0, "spread"},
	.group = GROUP_INPUT,
	.help = "jobs live to the end: blocks go to whichever has room",
	.parse = parse_flag,
	.field = FIELD(queue.spreads),
	.needs = need_pipe,
	.excludes = RELATIONS({{"limit", "memfree-kill"},
	    "--spread: what a job has had cannot be given again: without --limit and "
	    "--memfree-kill"}),
    },
    {
	.name = {0, "ack"},
	.group = GROUP_INPUT,
	.help = "with --spread: a line of a job's stdout says that it has done a block",
	.parse = parse_flag,
	.field = FIELD(attempt.answers),
	.needs = RELATIONS({{"spread"}, "--ack is about --spread: it is missing"}),
	.excludes = RELATIONS({{"ungroup", "tty", "pty", "limit", "linger"},
	    "--ack: what a job prints is its answer: without -u, --tty, --pty, --limit and "
	    "--linger"}),
    },
    {
	.name = {0, "link"},
	.group = GROUP_INPUT,
	.help = "take ::: lists side by side, not every combination",
	.parse = parse_flag,
	.field = FIELD(queue.link),
    },

    {
	.name = {'I', "replace"},
	.group = GROUP_COMMAND,
	.argument = "STR",
	.help = "use STR instead of {}",
	.parse = parse_placeholder,
	.field = FIELD(command.replace),
    },
    {
	.name = {0, "plus"},
	.group = GROUP_COMMAND,
	.help = "more placeholders: {..} {+/} {%.txt} {/a/b} {^} {##}...",
	.parse = parse_flag,
	.field = FIELD(command.plus),
    },
    {
	.name = {'n', "max-args"},
	.also = {{'L', "max-lines"}, {'N', "max-replace-args"}},
	.group = GROUP_COMMAND,
	.argument = "N",
	.help = "N items a job",
	.parse = parse_number,
	.field = FIELD(queue.batch),
	.least = 1,
	.most = INT_MAX,
    },
    {
	.name = {'X', "fill"},
	.also = {{'m', "xargs"}},
	.group = GROUP_COMMAND,
	.help = "as many items a job as fit",
	.parse = parse_constant,
	.field = FIELD(queue.batch),
	.constant = 0,
    },
    {
	.name = {'s', "max-chars"},
	.group = GROUP_COMMAND,
	.argument = "BYTES",
	.help = "at most BYTES of command line",
	.parse = parse_bytes,
	.field = FIELD(queue.batch_bytes),
    },
    {
	.name = {'x', "exit"},
	.group = GROUP_COMMAND,
	.help = "end the run when something does not fit",
	.parse = parse_flag,
	.field = FIELD(queue.exit_on_size),
    },
    {
	.name = {'c', "script"},
	.group = GROUP_COMMAND,
	.argument = "SCRIPT",
	.help = "run sh -c SCRIPT sh ITEM",
	.parse = parse_text,
	.field = FIELD(command.script),
    },
    {
	.name = {0, "share-stdin"},
	.group = GROUP_COMMAND,
	.help = "jobs read our stdin, not /dev/null",
	.parse = parse_flag,
	.field = FIELD(share_stdin),
	.excludes =
	    RELATIONS({{"daemon"}, "--share-stdin gives jobs our stdin, and a daemon has none"},
		{{"source", "next"}, "--share-stdin: with --source and --next jobs have no stdin"}),
    },
    {
	.name = {'o', "tty"},
	.also = {{0, "open-tty"}},
	.group = GROUP_COMMAND,
	.help = "jobs have the terminal, one at a time without -j",
	.parse = parse_flag,
	.field = FIELD(attempt.opens_tty),
	.excludes = RELATIONS({{"daemon"}, "--tty gives jobs the terminal, and a daemon has none"},
	    {{"share-stdin"}, "--tty and --share-stdin: jobs have one standard input"},
	    {{"keep-order", "lb", "tag", "tagstring", "results", "drop-retried"},
		"--tty hands the terminal to the jobs: what they print cannot be ordered, tagged, "
		"kept, dropped or passed on line by line"}),
    },
    {
	.name = {0, "shell"},
	.group = GROUP_COMMAND,
	.argument = "SH",
	.may_stand_alone = true,
	.help = "a shell reads the command, and SCRIPT; SH does (/bin/sh)",
	.parse = parse_shell,
	.field = FIELD(command.shell),
	.as_if = "/bin/sh",
    },
    {
	.name = {0, "dry-run"},
	.group = GROUP_COMMAND,
	.help = "print the commands, run none",
	.parse = parse_flag,
	.field = FIELD(attempt.dry_run),
    },
    {
	.name = {'t', "verbose"},
	.also = {{'v', NULL}},
	.group = GROUP_COMMAND,
	.help = "print each command to stderr as it starts",
	.parse = parse_flag,
	.field = FIELD(attempt.trace),
    },

    {
	.name = {'j', "jobs"},
	.also = {{'P', "max-procs"}},
	.group = GROUP_SLOTS,
	.argument = "N",
	.help = "N slots; +N -N N% of the CPUs; 0 for the most; auto; or a FILE with it",
	.parse = parse_text,
	.field = FIELD(pool.jobs),
    },
    {
	.name = {0, "key"},
	.group = GROUP_SLOTS,
	.argument = "TEMPLATE",
	.help = "one job at a time with the same TEMPLATE ({1}...); others go first",
	.parse = parse_text,
	.field = FIELD(command.key),
    },
    {
	.name = {0, "per-key"},
	.group = GROUP_SLOTS,
	.argument = "N",
	.help = "N jobs with the same one",
	.parse = parse_number,
	.field = FIELD(queue.per_key),
	.least = 1,
	.most = INT_MAX,
	.needs = need_key,
    },
    {
	.name = {0, "weight"},
	.group = GROUP_SLOTS,
	.argument = "TEMPLATE",
	.help = "a job takes so many slots: a number in TEMPLATE ({2}...)",
	.parse = parse_text,
	.field = FIELD(command.weight),
    },

    {
	.name = {'k', "keep-order"},
	.group = GROUP_OUTPUT,
	.help = "output in the order of the queue, the first job's live",
	.parse = parse_flag,
	.field = FIELD(output.ordered),
    },
    {
	.name = {'u', "ungroup"},
	.group = GROUP_OUTPUT,
	.help = "jobs write straight to our stdout and stderr",
	.parse = parse_flag,
	.field = FIELD(output.ungroup),
	.excludes = RELATIONS({{"keep-order", "lb", "tag", "tagstring", "results", "drop-retried"},
	    "-u hands our own output to the jobs: it cannot be ordered, tagged, kept, dropped or "
	    "passed on line by line"}),
    },
    {
	.name = {0, "group"},
	.group = GROUP_OUTPUT,
	.help = "the output of a job whole, at its end: as it is without -u",
	.parse = parse_constant,
	.field = FIELD(output.ungroup),
	.constant = false,
    },
    {
	.name = {0, "lb"},
	.also = {{0, "line-buffer"}},
	.group = GROUP_OUTPUT,
	.help = "output line by line, as it comes",
	.parse = parse_flag,
	.field = FIELD(output.by_line),
    },
    {
	.name = {0, "tag"},
	.group = GROUP_OUTPUT,
	.help = "the item and a tab before each line of output",
	.parse = parse_flag,
	.field = FIELD(command.tag),
    },
    {
	.name = {0, "tagstring"},
	.group = GROUP_OUTPUT,
	.argument = "STR",
	.help = "STR ({} in it) and a tab instead",
	.parse = parse_text,
	.field = FIELD(command.tag_string),
    },
    {
	.name = {0, "color"},
	.also = {{0, "colour"}},
	.group = GROUP_OUTPUT,
	.argument = "WHEN",
	.help = "tags and messages in colours: auto (on a terminal), always, never",
	.parse = parse_choice,
	.field = FIELD(colors),
	.choices = color_times,
    },
    {
	.name = {0, "pty"},
	.group = GROUP_OUTPUT,
	.help = "jobs print to a terminal, one each: colours stay",
	.parse = parse_flag,
	.field = FIELD(output.pty),
	.excludes = RELATIONS(
	    {{"ungroup"}, "-u hands our own output to the jobs, and --pty a terminal to each"},
	    {{"tty"}, "--tty hands our terminal to the jobs, and --pty one of its own to each"}),
    },
    {
	.name = {0, "results"},
	.group = GROUP_OUTPUT,
	.argument = "DIR",
	.help = "what came of each job in DIR/SEQ/; or in a FILE.csv .tsv .json",
	.parse = parse_name,
	.field = FIELD(record.results),
	.is_path = true,
    },
    {
	.name = {0, "linger"},
	.group = GROUP_OUTPUT,
	.argument = "T",
	.help = "wait no longer than T for output when the job's process has ended",
	.parse = parse_time,
	.field = FIELD(output.linger_ms),
    },
    {
	.name = {0, "buffer"},
	.group = GROUP_OUTPUT,
	.argument = "BYTES",
	.help = "memory for captured output (64m)",
	.parse = parse_bytes,
	.field = FIELD(output.buffer_bytes),
    },

    {
	.name = {0, "halt"},
	.also = {{0, "halt-on-error"}},
	.group = GROUP_OUTCOME,
	.argument = "WHEN,WHY",
	.help = "end the run: now|soon,fail|success|done=N or N%",
	.parse = parse_halt,
	.field = FIELD(pool.halt),
    },
    {
	.name = {0, "drain-on"},
	.group = GROUP_OUTCOME,
	.argument = "SIGNAL",
	.help = "at SIGNAL start nothing more, and let finish what runs",
	.parse = parse_signal,
	.field = FIELD(pool.drain_on),
    },
    {
	.name = {0, "fail-fast"},
	.group = GROUP_OUTCOME,
	.help = "the same as --halt now,fail=1",
	.parse = parse_halt,
	.field = FIELD(pool.halt),
	.as_if = "now,fail=1",
    },
    {
	.name = {0, "retries"},
	.group = GROUP_OUTCOME,
	.argument = "N",
	.help = "at most N attempts a job",
	.parse = parse_number,
	.field = FIELD(attempt.retries),
	.least = 1,
	.most = INT_MAX,
    },
    {
	.name = {0, "retry-delay"},
	.group = GROUP_OUTCOME,
	.argument = "T",
	.help = "wait T before the second attempt, then twice as long...",
	.parse = parse_time,
	.field = FIELD(attempt.retry_delay_ms),
	.needs = need_retries,
    },
    {
	.name = {0, "drop-retried"},
	.group = GROUP_OUTCOME,
	.help = "drop the output of attempts that are tried again",
	.parse = parse_flag,
	.field = FIELD(attempt.drop_retried),
	.needs = need_retries,
    },
    {
	.name = {0, "timeout"},
	.group = GROUP_OUTCOME,
	.argument = "T",
	.help = "end a job after T, or N% of the median",
	.parse = parse_timeout,
	.field = FIELD(pool.timeout_ms),
	.least = 1,
	.least_reason = "a job needs some time",
    },
    {
	.name = {0, "termseq"},
	.group = GROUP_OUTCOME,
	.argument = "SEQ",
	.help = "how jobs are ended: SIGNAL,MS,SIGNAL,MS...",
	.parse = parse_termination,
	.field = FIELD(pool.termination),
    },
    {
	.name = {0, "joblog"},
	.group = GROUP_OUTCOME,
	.argument = "FILE",
	.help = "add a line to FILE for every finished job",
	.parse = parse_name,
	.field = FIELD(record.journal.path),
	.is_path = true,
    },
    {
	.name = {0, "joblog-usage"},
	.group = GROUP_OUTCOME,
	.help = "and its processor time and memory",
	.parse = parse_flag,
	.field = FIELD(record.journal.usage),
	.needs = need_written_journal,
    },
    {
	.name = {0, "events"},
	.group = GROUP_OUTCOME,
	.argument = "FILE",
	.help = "a line of JSON for each thing that happens (-, &N: a descriptor)",
	.parse = parse_name,
	.field = FIELD(events.stream),
	.is_path = true,
    },
    {
	.name = {0, "report"},
	.group = GROUP_OUTCOME,
	.argument = "FILE",
	.help = "the run to look at: FILE.html, a page; FILE.json, a trace for Perfetto",
	.parse = parse_report,
	.field = FIELD(record.report),
	.is_path = true,
    },
    {
	.name = {0, "sync"},
	.group = GROUP_OUTCOME,
	.help = "keep FILE safe from a power cut",
	.parse = parse_flag,
	.field = FIELD(record.journal.sync),
	.needs = need_written_journal,
    },
    {
	.name = {0, "resume"},
	.group = GROUP_OUTCOME,
	.help = "leave out the jobs that FILE has",
	.parse = parse_constant,
	.field = FIELD(record.journal.resume),
	.constant = RESUME_NEW,
	.needs = need_read_journal,
	.excludes = exclude_new_order,
    },
    {
	.name = {0, "resume-failed"},
	.group = GROUP_OUTCOME,
	.help = "but run those that failed again",
	.parse = parse_constant,
	.field = FIELD(record.journal.resume),
	.constant = RESUME_FAILED,
	.needs = need_read_journal,
	.excludes = exclude_new_order,
    },
    {
	.name = {0, "retry-failed"},
	.group = GROUP_OUTCOME,
	.help = "run only those that failed",
	.parse = parse_constant,
	.field = FIELD(record.journal.resume),
	.constant = RESUME_FAILED_ONLY,
	.needs = need_read_journal,
	.excludes = exclude_new_order,
    },
    {
	.name = {0, "summary"},
	.group = GROUP_OUTCOME,
	.help = "what the run came to, in the end",
	.parse = parse_flag,
	.field = FIELD(pool.summary),
    },
    {
	.name = {0, "progress"},
	.also = {{0, "bar"}, {0, "eta"}},
	.group = GROUP_OUTCOME,
	.argument = "keep|T",
	.may_stand_alone = true,
	.help = "how far it is, in a line; keep: it stays; without a terminal one each T",
	.parse = parse_progress,
	.field = FIELD(pool.progress.kind),
    },
    {
	.name = {0, "total"},
	.group = GROUP_OUTCOME,
	.argument = "N",
	.help = "there will be N jobs, for --progress",
	.parse = parse_number,
	.field = FIELD(pool.progress.total),
	.least = 1,
	.most = LLONG_MAX,
	.needs = need_progress,
    },
    {
	.name = {'q', "quiet"},
	.also = {{0, "quote"}},
	.group = GROUP_OUTCOME,
	.help = "do not name the jobs that failed, in the end",
	.parse = parse_flag,
	.field = FIELD(pool.quiet),
    },

    {
	.name = {0, "delay"},
	.group = GROUP_PACE,
	.argument = "T",
	.help = "time between two starts",
	.parse = parse_time,
	.field = FIELD(pool.delay_ms),
    },
    {
	.name = {0, "semaphore"},
	.group = GROUP_PACE,
	.argument = "NAME[=N]",
	.help = "at most N (1) jobs at a time of all runs with this NAME",
	.parse = parse_semaphore,
	.field = FIELD(pool.semaphore),
	.most = SEMAPHORE_MOST,
    },
    {
	.name = {0, "jobserver"},
	.group = GROUP_PACE,
	.help = "make in the jobs shares the slots: -j for all of them together",
	.parse = parse_flag,
	.field = FIELD(pool.jobserver),
    },
    {
	.name = {0, "memfree"},
	.group = GROUP_PACE,
	.argument = "SIZE",
	.help = "start a job only while SIZE of memory is free",
	.parse = parse_bytes,
	.field = FIELD(room.memfree),
    },
    {
	.name = {0, "memfree-kill"},
	.group = GROUP_PACE,
	.help = "below half of that the youngest job is put back",
	.parse = parse_flag,
	.field = FIELD(room.memfree_kill),
	.needs = need_memfree,
    },
    {
	.name = {0, "memsuspend"},
	.group = GROUP_PACE,
	.argument = "SIZE",
	.help = "stop the youngest jobs while less than twice SIZE is free",
	.parse = parse_bytes,
	.field = FIELD(room.memsuspend),
    },
    {
	.name = {0, "load"},
	.group = GROUP_PACE,
	.argument = "N",
	.help = "start a job only while fewer than N processes run; N% of the CPUs",
	.parse = parse_load,
	.field = FIELD(room.load),
    },
    {
	.name = {0, "pressure"},
	.group = GROUP_PACE,
	.argument = "WHAT:N",
	.help = "start a job only while pressure on cpu, memory or io is below N%",
	.parse = parse_pressure,
	.field = FIELD(room.pressure),
    },
    {
	.name = {0, "limit"},
	.group = GROUP_PACE,
	.argument = "COMMAND",
	.help = "ask COMMAND: 0 start, 1 wait, 2 put the youngest job back",
	.parse = parse_text_or_none,
	.field = FIELD(room.limit),
    },
    {
	.name = {0, "nice"},
	.group = GROUP_PACE,
	.argument = "N",
	.help = "run at niceness +N",
	.parse = parse_number,
	.field = FIELD(nice),
	.least = -20,
	.most = 19,
    },

    {
	.name = {0, "source"},
	.group = GROUP_FETCHED,
	.argument = "COMMAND",
	.help = "the queue is what COMMAND prints",
	.parse = parse_text,
	.field = FIELD(queue.source),
	.excludes = exclude_from_source,
    },
    {
	.name = {0, "next"},
	.group = GROUP_FETCHED,
	.argument = "COMMAND",
	.help = "COMMAND prints the next items, or nothing",
	.parse = parse_text,
	.field = FIELD(queue.next),
	.excludes = exclude_from_next,
    },
    {
	.name = {0, "every"},
	.group = GROUP_FETCHED,
	.argument = "T",
	.help = "run --source again every T; --next, T after it found nothing (1s)",
	.parse = parse_time,
	.field = FIELD(queue.every_ms),
	.least = 1,
	.least_reason = "there is some time between two rounds",
	.needs = need_fetched,
    },
    {
	.name = {0, "rounds"},
	.group = GROUP_FETCHED,
	.argument = "N",
	.help = "end after N rounds, or after nothing N times",
	.parse = parse_number,
	.field = FIELD(queue.rounds),
	.least = 1,
	.most = LLONG_MAX,
	.needs = need_fetched,
    },
    {
	.name = {0, "done"},
	.group = GROUP_FETCHED,
	.argument = "COMMAND",
	.help = "run COMMAND for each job that has succeeded",
	.parse = parse_text,
	.field = FIELD(record.acknowledge.done),
    },
    {
	.name = {0, "failed"},
	.group = GROUP_FETCHED,
	.argument = "COMMAND",
	.help = "run COMMAND for each job that has failed",
	.parse = parse_text,
	.field = FIELD(record.acknowledge.failed),
    },
    {
	.name = {0, "back"},
	.group = GROUP_FETCHED,
	.argument = "COMMAND",
	.help = "run COMMAND for each item of --next that is neither",
	.parse = parse_text,
	.field = FIELD(record.acknowledge.back),
	.needs = need_next,
    },

    {
	.name = {0, "ctl"},
	.group = GROUP_LIFE,
	.argument = "SOCKET",
	.help = "obey there: status jobs events wait tail slots pause resume drain kill add",
	.parse = parse_name,
	.field = FIELD(control.socket),
	.empty_reason = "not the name of a socket",
    },
    {
	.name = {0, "grace"},
	.group = GROUP_LIFE,
	.argument = "T",
	.help = "time from the ending signal to SIGKILL (5s)",
	.parse = parse_time,
	.field = FIELD(pool.grace_ms),
    },
    {
	.name = {0, "keep-orphans"},
	.group = GROUP_LIFE,
	.help = "let jobs go on when pexec is killed by SIGKILL",
	.parse = parse_flag,
	.field = FIELD(pool.keep_orphans),
    },
    {
	.name = {0, "daemon"},
	.group = GROUP_LIFE,
	.help = "run in the background, once all is ready",
	.parse = parse_flag,
	.field = FIELD(daemon),
	.excludes = RELATIONS(
	    {{"dry-run"}, "--dry-run prints the commands, and a daemon has no place to print to"}),
    },
    {
	.name = {0, "chdir"},
	.also = {{0, "workdir"}, {0, "wd"}},
	.group = GROUP_LIFE,
	.argument = "DIR",
	.help = "run in DIR (a daemon: in /)",
	.parse = parse_name,
	.field = FIELD(directory),
	.is_path = true,
    },
    {
	.name = {0, "log"},
	.group = GROUP_LIFE,
	.argument = "FILE",
	.help = "output and messages go to FILE, opened anew on SIGHUP; or to syslog",
	.parse = parse_log,
	.field = FIELD(log.path),
	.is_path = true,
    },
    {
	.name = {0, "pidfile"},
	.group = GROUP_LIFE,
	.argument = "FILE",
	.help = "keep the process number in FILE; only one run has it",
	.parse = parse_name,
	.field = FIELD(lock.pidfile),
	.is_path = true,
    },
    {
	.name = {0, "lock"},
	.group = GROUP_LIFE,
	.argument = "FILE",
	.help = "one run at a time: exit when another has FILE",
	.parse = parse_name,
	.field = FIELD(lock.path),
	.is_path = true,
    },
    {
	.name = {0, "lock-wait"},
	.group = GROUP_LIFE,
	.argument = "T",
	.help = "but wait for it up to T",
	.parse = parse_time,
	.field = FIELD(lock.wait_ms),
	.needs = need_lock,
    },
    {
	.name = {0, "lock-status"},
	.group = GROUP_LIFE,
	.argument = "N",
	.help = "exit with N then (0)",
	.parse = parse_number,
	.field = FIELD(lock.status),
	.least = 0,
	.most = 255,
	.needs = need_lock,
    },
    {
	.name = {0, "as"},
	.group = GROUP_LIFE,
	.argument = "NAME",
	.help = "as the first option: follow the rules of the program NAME",
	.parse = refuse_late,
    },
    {
	.name = {'h', "help"},
	.group = GROUP_LIFE,
	.argument = "GROUP|OPTION",
	.may_stand_alone = true,
	.takes_next_word = true,
	.help = "this text; or what the manual says about one GROUP, or OPTION",
	.parse = print_help,
    },
    {
	.name = {'V', "version"},
	.group = GROUP_LIFE,
	.help = "the version",
	.parse = print_version,
    },
};

const struct option_table option_table = {
    option_rows, sizeof option_rows / sizeof *option_rows, &option_defaults};
