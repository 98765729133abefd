#include "cli/parallel/parallel_table.h"

#include <limits.h>
#include <signal.h>
#include <stddef.h>

#include "cli/option_types.h"
#include "cli/parallel/parallel_help.h"
#include "cli/parallel/parallel_types.h"

struct parallel_typed parallel_typed = {.parens = "{==}",
    .max_args = NO_COUNT,
    .max_replace_args = NO_COUNT,
    .separator = ":::",
    .file_separator = "::::"};

static const struct options defaults = {
    .queue.delimiter = '\n',
    .queue.batch = 1,
    .queue.trim = TRIM_DEFAULT,
    .queue.fills_lists = true,
    .command.replace = "{}",
    .command.joins_items = true,
    .command.items_are_columns = true,
    .command.lacking_are_none = true,
    .command.name_is_text = true,
    .pool.grace_ms = 5000,
    .pool.termination = {.steps = {{SIGTERM, 200}, {SIGTERM, 100}, {SIGTERM, 50}, {SIGKILL, 25}},
	.count = 4},
    .pool.quiet = true,
    .pool.status = STATUS_COUNTS_FAILED,
    .attempt.drop_retried = true,
    .attempt.may_lack_tty = true,
    .attempt.unchosen_fail = true,
    .attempt.seq_name = "PARALLEL_SEQ",
    .attempt.slot_name = "PARALLEL_JOBSLOT",
    .record.table_as_parallel = true,
    .output.linger_ms = -1,
    .output.buffer_bytes = (size_t)64 * 1024 * 1024,
    .lock.wait_ms = -1,
    .lock.status = -1,
    .room.first_waits = true,
    .is_unmanaged = true,
};

static const struct option_choice trims[] = {{.name = "n", .value = TRIM_NONE},
    {.name = "l", .value = TRIM_LEFT}, {.name = "r", .value = TRIM_RIGHT},
    {.name = "lr", .also = "rl", .value = TRIM_BOTH}, {.name = NULL}};

/* What is said of options that pexec does not have. */
static const char here_alone[] = "jobs run on this machine alone; a job may be an ssh command";
static const char no_pipe[] = "a record goes to whichever job has room: --pipe --round-robin";
static const char no_perl[] = "there is no Perl in pexec; use --plus, or the shell in the command";
static const char no_sql[] = "jobs of a database: pexec --next COMMAND, or --results FILE.csv";
static const char no_terminal[] = "jobs have no terminal of their own; look at them with --lb";
static const char no_embed[] = "a script can call pexec --as parallel";
static const char no_filter[] = "test the values in the command: [ {1} -lt {2} ] && ...";
static const char retired[] = "this option has been retired";

/* Macros for rows in which nothing but names and a field differ. */
/* clang-format off */
#define REFUSED(option, why, ...) \
	{.name = {0, option}, .also = {__VA_ARGS__}, .parse = refuse_option, .empty_reason = why}
#define REFUSED_WITH(option, why, ...) \
	{.name = {0, option}, .also = {__VA_ARGS__}, .argument = "X", .parse = refuse_option, \
	 .empty_reason = why}
#define REMOTE(option, ...) {.name = {0, option}, .also = {__VA_ARGS__}, .parse = ignore_remote}
#define REMOTE_WITH(option, ...) \
	{.name = {0, option}, .also = {__VA_ARGS__}, .argument = "X", .parse = ignore_remote}
#define IGNORED(option, ...) {.name = {0, option}, .also = {__VA_ARGS__}, .parse = ignore_option}
#define IGNORED_WITH(option, ...) \
	{.name = {0, option}, .also = {__VA_ARGS__}, .argument = "X", .parse = ignore_option}
/* clang-format on */

static const struct option_row rows[] = {
    /* where the items come from */
    {
	.name = {'a', "arg-file"},
	.also = {{0, "argfile"}},
	.argument = "FILE",
	.parse = parse_list,
	.field = OWN_FIELD(parallel_typed.files),
    },
    {
	.name = {'0', "null"},
	.parse = parse_nul_delimiter,
    },
    {
	.name = {'d', "delimiter"},
	.argument = "DELIM",
	.parse = parse_any_delimiter,
    },
    {
	.name = {'E', NULL},
	.argument = "EOF",
	.parse = parse_text_or_none,
	.field = FIELD(queue.end_of_items),
    },
    {
	.name = {'e', "eof"},
	.argument = "EOF",
	.may_stand_alone = true,
	.takes_next_value = true,
	.as_if = "",
	.parse = parse_text_or_none,
	.field = FIELD(queue.end_of_items),
    },
    {
	.name = {'C', "colsep"},
	.also = {{0, "col-sep"}},
	.argument = "REGEXP",
	.parse = parse_text,
	.field = OWN_FIELD(parallel_typed.colsep),
    },
    {
	.name = {0, "csv"},
	.parse = parse_flag,
	.field = FIELD(queue.csv),
    },
    {
	.name = {0, "header"},
	.argument = "REGEXP",
	.parse = parse_text,
	.field = OWN_FIELD(parallel_typed.header),
    },
    {
	.name = {0, "trim"},
	.argument = "n|l|r|lr",
	.parse = parse_choice,
	.field = FIELD(queue.trim),
	.choices = trims,
    },
    {
	.name = {0, "shuf"},
	.parse = parse_flag,
	.field = FIELD(queue.shuffle),
    },
    {
	.name = {'r', "no-run-if-empty"},
	.also = {{0, "norunifempty"}},
	.parse = parse_flag,
	.field = FIELD(queue.no_empty),
    },
    {
	.name = {0, "link"},
	.also = {{0, "xapply"}},
	.parse = parse_flag,
	.field = FIELD(queue.link),
    },
    {
	.name = {0, "arg-sep"},
	.also = {{0, "argsep"}},
	.argument = "SEP",
	.parse = parse_text,
	.field = OWN_FIELD(parallel_typed.separator),
    },
    {
	.name = {0, "arg-file-sep"},
	.also = {{0, "argfilesep"}},
	.argument = "SEP",
	.parse = parse_text,
	.field = OWN_FIELD(parallel_typed.file_separator),
    },
    {
	.name = {0, "skip-first-line"},
	.also = {{0, "skipfirstline"}},
	.parse = parse_flag,
	.field = OWN_FIELD(parallel_typed.skips_first_line),
    },

    /* the command, and how many items it has */
    {
	.name = {'I', NULL},
	.argument = "STR",
	.parse = parse_placeholder,
	.field = FIELD(command.replace),
    },
    {
	.name = {'i', "replace"},
	.argument = "STR",
	.may_stand_alone = true,
	.takes_next_value = true,
	.as_if = "{}",
	.parse = parse_placeholder,
	.field = FIELD(command.replace),
    },
    {
	.name = {0, "extensionreplace"},
	.also = {{0, "er"}},
	.argument = "STR",
	.parse = parse_placeholder,
	.field = FIELD(command.names.no_extension),
    },
    {
	.name = {0, "basenamereplace"},
	.also = {{0, "bnr"}},
	.argument = "STR",
	.parse = parse_placeholder,
	.field = FIELD(command.names.base),
    },
    {
	.name = {0, "dirnamereplace"},
	.also = {{0, "dnr"}},
	.argument = "STR",
	.parse = parse_placeholder,
	.field = FIELD(command.names.directory),
    },
    {
	.name = {0, "basenameextensionreplace"},
	.also = {{0, "bner"}},
	.argument = "STR",
	.parse = parse_placeholder,
	.field = FIELD(command.names.base_no_extension),
    },
    {
	.name = {0, "seqreplace"},
	.argument = "STR",
	.parse = parse_placeholder,
	.field = FIELD(command.names.seq),
    },
    {
	.name = {0, "slotreplace"},
	.argument = "STR",
	.parse = parse_placeholder,
	.field = FIELD(command.names.slot),
    },
    {
	.name = {0, "plus"},
	.parse = parse_flag,
	.field = FIELD(command.plus),
    },
    {
	.name = {'n', "max-args"},
	.also = {{0, "maxargs"}},
	.argument = "N",
	.parse = parse_count,
	.field = OWN_FIELD(parallel_typed.max_args),
	.least = 0,
    },
    {
	.name = {'N', "max-replace-args"},
	.also = {{0, "maxreplaceargs"}},
	.argument = "N",
	.parse = parse_count,
	.field = OWN_FIELD(parallel_typed.max_replace_args),
	.least = 0,
    },
    {
	.name = {'L', NULL},
	.argument = "N",
	.parse = parse_count,
	.field = OWN_FIELD(parallel_typed.max_replace_lines),
	.least = 1,
    },
    {
	.name = {'l', "max-lines"},
	.also = {{0, "maxlines"}},
	.argument = "N",
	.may_stand_alone = true,
	.takes_next_value = true,
	.as_if = "1",
	.parse = parse_count,
	.field = OWN_FIELD(parallel_typed.max_lines),
	.least = 1,
    },
    {
	.name = {'X', NULL},
	.parse = parse_flag,
	.field = OWN_FIELD(parallel_typed.repeats),
    },
    {
	.name = {'m', NULL},
	.parse = parse_flag,
	.field = OWN_FIELD(parallel_typed.fills),
    },
    {
	.name = {0, "xargs"},
	.parse = parse_flag,
	.field = OWN_FIELD(parallel_typed.keeps_together),
    },
    {
	.name = {'s', "max-chars"},
	.also = {{0, "maxchars"}},
	.argument = "BYTES",
	.parse = parse_bytes,
	.field = FIELD(queue.batch_bytes),
    },
    {
	.name = {'x', "exit"},
	.parse = parse_flag,
	.field = FIELD(queue.exit_on_size),
    },
    {
	.name = {'q', "quote"},
	.parse = parse_flag,
	.field = OWN_FIELD(parallel_typed.quotes),
    },
    {
	.name = {0, "parens"},
	.argument = "PAIR",
	.parse = parse_text,
	.field = OWN_FIELD(parallel_typed.parens),
    },
    {
	.name = {0, "shellquote"},
	.also = {{0, "shell-quote"}, {0, "shell_quote"}},
	.parse = parse_shellquote,
    },
    {
	.name = {0, "dry-run"},
	.also = {{0, "dryrun"}, {0, "dr"}},
	.parse = parse_flag,
	.field = FIELD(attempt.dry_run),
    },
    {
	.name = {'t', "verbose"},
	.parse = parse_flag,
	.field = FIELD(attempt.trace),
    },
    {
	.name = {'v', NULL},
	.parse = parse_flag,
	.field = OWN_FIELD(parallel_typed.prints_command),
    },
    {
	.name = {0, "silent"},
	.parse = parse_flag,
	.field = OWN_FIELD(parallel_typed.silent),
    },
    {
	.name = {'p', "interactive"},
	.parse = parse_flag,
	.field = FIELD(attempt.asks),
    },
    {
	.name = {0, "tty"},
	.parse = parse_flag,
	.field = OWN_FIELD(parallel_typed.terminal),
    },
    {
	.name = {'o', "open-tty"},
	.also = {{0, "opentty"}},
	.parse = parse_flag,
	.field = FIELD(attempt.opens_tty),
    },

    /* slots */
    {
	.name = {'j', "jobs"},
	.also = {{'P', "max-procs"}, {0, "maxprocs"}},
	.argument = "N",
	.parse = parse_text,
	.field = FIELD(pool.jobs),
    },
    {
	.name = {0, "delay"},
	.argument = "TIME",
	.parse = parse_text,
	.field = OWN_FIELD(parallel_typed.delay),
    },
    {
	.name = {0, "load"},
	.also = {{0, "max-load"}, {0, "maxload"}},
	.argument = "N",
	.parse = parse_any_load,
	.field = FIELD(room.load),
    },
    {
	.name = {0, "memfree"},
	.argument = "SIZE",
	.parse = parse_free_memory,
	.field = FIELD(room.memfree),
    },
    {
	.name = {0, "memsuspend"},
	.argument = "SIZE",
	.parse = parse_bytes,
	.field = FIELD(room.memsuspend),
    },
    {
	.name = {0, "limit"},
	.argument = "COMMAND",
	.parse = parse_limit_command,
	.field = FIELD(room.limit),
    },
    {
	.name = {0, "nice"},
	.argument = "N",
	.parse = parse_number,
	.field = FIELD(nice),
	.least = -20,
	.most = 19,
    },
    {
	.name = {0, "process-slot-var"},
	.also = {{0, "processslotvar"}},
	.argument = "NAME",
	.parse = parse_name,
	.field = FIELD(attempt.slot_variable),
    },

    /* output */
    {
	.name = {'k', "keep-order"},
	.also = {{0, "keeporder"}},
	.parse = parse_flag,
	.field = FIELD(output.ordered),
    },
    {
	.name = {0, "no-keep-order"},
	.also = {{0, "nokeeporder"}, {0, "no-k"}, {0, "nok"}},
	.parse = parse_flag,
	.field = OWN_FIELD(parallel_typed.unordered),
    },
    {
	.name = {'u', "ungroup"},
	.parse = parse_flag,
	.field = OWN_FIELD(parallel_typed.ungroups),
    },
    {
	.name = {0, "group"},
	.parse = parse_flag,
	.field = OWN_FIELD(parallel_typed.groups),
    },
    {
	.name = {0, "line-buffer"},
	.also = {{0, "linebuffer"}, {0, "lb"}, {0, "line-buffered"}, {0, "linebuffered"}},
	.parse = parse_flag,
	.field = FIELD(output.by_line),
    },
    {
	.name = {0, "tag"},
	.parse = parse_flag,
	.field = OWN_FIELD(parallel_typed.tag),
    },
    {
	.name = {0, "ctag"},
	.parse = parse_coloured_tag,
    },
    {
	.name = {0, "tagstring"},
	.also = {{0, "tag-string"}},
	.argument = "STR",
	.parse = parse_text,
	.field = OWN_FIELD(parallel_typed.tag_string),
    },
    {
	.name = {0, "ctagstring"},
	.also = {{0, "ctag-string"}},
	.argument = "STR",
	.parse = parse_coloured_tag,
    },
    {
	.name = {0, "progress"},
	.also = {{0, "bar"}, {0, "eta"}},
	.parse = parse_constant,
	.field = FIELD(pool.progress.kind),
	.constant = PROGRESS_TERMINAL,
    },
    {
	.name = {0, "total-jobs"},
	.also = {{0, "totaljobs"}, {0, "total"}},
	.argument = "N",
	.parse = parse_number,
	.field = FIELD(pool.progress.total),
	.least = 0,
	.most = LLONG_MAX,
    },
    {
	.name = {0, "color"},
	.also = {{0, "colour"}},
	.parse = parse_flag,
	.field = FIELD(attempt.colours),
    },
    {
	.name = {0, "color-failed"},
	.also = {{0, "cf"}, {0, "colour-failed"}, {0, "color-fail"}, {0, "colour-fail"}},
	.parse = parse_flag,
	.field = FIELD(attempt.colours_failed),
    },
    {
	.name = {0, "results"},
	.also = {{0, "result"}, {0, "res"}},
	.argument = "NAME",
	.parse = parse_name,
	.field = FIELD(record.results),
    },
    {
	.name = {0, "files"},
	.also = {{0, "output-as-files"}, {0, "outputasfiles"}},
	.parse = parse_flag,
	.field = OWN_FIELD(parallel_typed.as_files),
    },

    /* what comes of jobs */
    {
	.name = {0, "halt"},
	.also = {{0, "halt-on-error"}, {0, "haltonerror"}},
	.argument = "WHEN,WHY",
	.parse = parse_halt,
	.field = FIELD(pool.halt),
    },
    {
	.name = {0, "retries"},
	.argument = "N",
	.parse = parse_retries,
	.field = FIELD(attempt.retries),
    },
    {
	.name = {0, "timeout"},
	.argument = "TIME",
	.parse = parse_limit,
	.field = FIELD(pool.timeout_ms),
    },
    {
	.name = {0, "termseq"},
	.also = {{0, "term-seq"}},
	.argument = "SEQ",
	.parse = parse_termination,
	.field = FIELD(pool.termination),
    },
    {
	.name = {0, "joblog"},
	.also = {{0, "jl"}},
	.argument = "FILE",
	.parse = parse_name,
	.field = FIELD(record.journal.path),
    },
    {
	.name = {0, "resume"},
	.parse = parse_constant,
	.field = FIELD(record.journal.resume),
	.constant = RESUME_NEW,
    },
    {
	.name = {0, "resume-failed"},
	.also = {{0, "resumefailed"}},
	.parse = parse_constant,
	.field = FIELD(record.journal.resume),
	.constant = RESUME_FAILED,
    },
    {
	.name = {0, "retry-failed"},
	.also = {{0, "retryfailed"}},
	.parse = parse_constant,
	.field = FIELD(record.journal.resume),
	.constant = RESUME_FAILED_ONLY,
    },

    /* where it runs */
    {
	.name = {0, "workdir"},
	.also = {{0, "work-dir"}, {0, "wd"}},
	.argument = "DIR",
	.parse = parse_name,
	.field = OWN_FIELD(parallel_typed.directory),
    },
    {
	.name = {0, "tmpdir"},
	.also = {{0, "tempdir"}},
	.argument = "DIR",
	.parse = parse_name,
	.field = OWN_FIELD(parallel_typed.temporary),
    },
    {
	.name = {'S', "sshlogin"},
	.argument = "LOGIN",
	.parse = parse_login,
    },

    {
	.name = {0, "onall"},
	.parse = parse_flag,
	.field = OWN_FIELD(parallel_typed.on_all),
    },
    {
	.name = {0, "nonall"},
	.parse = parse_flag,
	.field = OWN_FIELD(parallel_typed.on_all_without),
    },

    /* sem */
    {
	.name = {0, "semaphore"},
	.parse = parse_flag,
	.field = OWN_FIELD(parallel_typed.semaphore),
    },
    {
	.name = {0, "semaphore-name"},
	.also = {{0, "semaphorename"}, {0, "id"}},
	.argument = "NAME",
	.parse = parse_text,
	.field = OWN_FIELD(parallel_typed.id),
    },
    {
	.name = {0, "semaphore-timeout"},
	.also = {{0, "semaphoretimeout"}, {0, "st"}},
	.argument = "TIME",
	.parse = parse_text,
	.field = OWN_FIELD(parallel_typed.semaphore_timeout),
    },
    {
	.name = {0, "fg"},
	.parse = parse_flag,
	.field = OWN_FIELD(parallel_typed.foreground),
    },
    {
	.name = {0, "bg"},
	.parse = parse_flag,
	.field = OWN_FIELD(parallel_typed.background),
    },
    {
	.name = {0, "wait"},
	.parse = parse_flag,
	.field = OWN_FIELD(parallel_typed.waits),
    },

    /* what is printed; but for --show-limits nothing is run */
    {
	.name = {'V', "version"},
	.parse = print_parallel_version,
    },
    {
	.name = {'h', "help"},
	.parse = print_parallel_help,
    },
    {
	.name = {0, "minversion"},
	.also = {{0, "min-version"}},
	.argument = "N",
	.parse = print_minimal_version,
    },
    {
	.name = {0, "number-of-cpus"},
	.also = {{0, "numberofcpus"}, {0, "number-of-cores"}, {0, "numberofcores"}},
	.parse = print_cores,
    },
    {
	.name = {0, "number-of-sockets"},
	.also = {{0, "numberofsockets"}},
	.parse = print_sockets,
    },
    {
	.name = {0, "number-of-threads"},
	.also = {{0, "numberofthreads"}},
	.parse = print_threads,
    },
    {
	.name = {0, "max-line-length-allowed"},
	.also = {{0, "maxlinelengthallowed"}},
	.parse = print_line_length,
    },
    {
	.name = {0, "show-limits"},
	.also = {{0, "showlimits"}},
	.parse = print_limits,
    },
    {
	.name = {0, "record-env"},
	.also = {{0, "recordenv"}},
	.parse = record_environment,
    },

    /* what is so without them, or does not matter here */
    IGNORED("will-cite", {0, "willcite"}, {0, "nn"}, {0, "nonotice"}, {0, "no-notice"}),
    IGNORED("citation", {0, "bibtex"}),
    IGNORED("gnu"),
    IGNORED("tollef"),
    IGNORED("plain"),
    IGNORED_WITH("profile", {'J', NULL}),
    IGNORED("compress"),
    IGNORED_WITH("compress-program", {0, "use-compress-program"}, {0, "usecompressprogram"},
	{0, "compressprogram"}),
    IGNORED_WITH("decompress-program", {0, "use-decompress-program"}, {0, "usedecompressprogram"},
	{0, "decompressprogram"}),
    IGNORED_WITH("env"),
    IGNORED("noswap"),
    IGNORED_WITH("debug", {'D', NULL}),
    IGNORED("use-sockets-instead-of-threads"),
    IGNORED("use-cores-instead-of-threads"),
    IGNORED("use-cpus-instead-of-cores"),
    IGNORED_WITH("ssh-delay", {0, "sshdelay"}),
    IGNORED_WITH("rsync-opts", {0, "rsyncopts"}),
    IGNORED_WITH("ssh"),
    IGNORED("controlmaster", {'M', NULL}),
    IGNORED("filter-hosts", {0, "filterhosts"}, {0, "filter-host"}),

    /* blocks of the input */
    {
	.name = {0, "pipe"},
	.also = {{0, "spreadstdin"}},
	.parse = parse_flag,
	.field = OWN_FIELD(parallel_typed.pipe),
    },
    {
	.name = {0, "pipe-part"},
	.also = {{0, "pipepart"}},
	.parse = parse_flag,
	.field = OWN_FIELD(parallel_typed.pipe_part),
    },
    {
	.name = {0, "round-robin"},
	.also = {{0, "roundrobin"}, {0, "round"}},
	.parse = parse_flag,
	.field = OWN_FIELD(parallel_typed.round_robin),
    },
    {
	.name = {0, "recstart"},
	.argument = "TEXT",
	.parse = parse_text,
	.field = FIELD(blocks.start),
    },
    {
	.name = {0, "recend"},
	.argument = "TEXT",
	.parse = parse_text,
	.field = FIELD(blocks.end),
    },
    {
	.name = {0, "regexp"},
	.also = {{0, "regex"}},
	.parse = parse_flag,
	.field = FIELD(blocks.regexp),
    },
    {
	.name = {0, "remove-rec-sep"},
	.also = {{0, "removerecsep"}, {0, "rrs"}},
	.parse = parse_flag,
	.field = OWN_FIELD(parallel_typed.strips_ends),
    },
    {
	.name = {0, "block-size"},
	.also = {{0, "blocksize"}, {0, "block"}},
	.argument = "SIZE",
	.parse = parse_block_size,
	.field = FIELD(queue.block_bytes),
    },
    {
	.name = {0, "tee"},
	.parse = parse_flag,
	.field = OWN_FIELD(parallel_typed.tee),
    },
    {
	.name = {0, "cat"},
	.parse = parse_flag,
	.field = OWN_FIELD(parallel_typed.cat),
    },
    {
	.name = {0, "fifo"},
	.parse = parse_flag,
	.field = OWN_FIELD(parallel_typed.fifo),
    },
    IGNORED_WITH("block-timeout", {0, "blocktimeout"}, {0, "bt"}),

    /* what is about other machines */
    REMOTE_WITH("transfer-file", {0, "transferfile"}, {0, "transfer-files"}, {0, "transferfiles"},
	{0, "tf"}),
    REMOTE("transfer"),
    REMOTE_WITH("return"),
    REMOTE_WITH("trc"),
    REMOTE("cleanup"),
    REMOTE_WITH("basefile", {0, "bf"}),

    /* what there is not */
    REFUSED_WITH("shard", no_pipe),
    REFUSED_WITH("bin", no_pipe),
    REFUSED_WITH("group-by", no_pipe, {0, "groupby"}),
    REFUSED_WITH("rpl", no_perl),
    REFUSED_WITH("filter", no_filter),
    REFUSED_WITH("sql-master", no_sql, {0, "sqlmaster"}),
    REFUSED_WITH("sql-worker", no_sql, {0, "sqlworker"}),
    REFUSED_WITH("sql-and-worker", no_sql, {0, "sqlandworker"}, {0, "sql"}),
    REFUSED("tmux", no_terminal),
    REFUSED("tmux-pane", no_terminal, {0, "tmuxpane"}),
    REFUSED("latest-line", no_terminal, {0, "latestline"}, {0, "ll"}),
    REFUSED_WITH("sshloginfile", here_alone, {0, "slf"}),
    REFUSED("hostgroups", here_alone, {0, "hostgroup"}, {0, "hostgrp"}, {0, "hgrp"}),
    REFUSED_WITH("template", no_perl, {0, "tmpl"}),
    REFUSED("embed", no_embed),
    REFUSED("session", no_embed),
    REFUSED_WITH("shell-completion", no_embed, {0, "shellcompletion"}),
    REFUSED("shebang", "it has to be the first option", {0, "hashbang"}, {0, "shebang-wrap"}),
    REFUSED_WITH("linkinputsource", "write :::+ or ::::+", {0, "xapplyinputsource"}),
    {.name = {'B', NULL}, .argument = "X", .parse = refuse_option, .empty_reason = retired},
    {.name = {'U', NULL}, .argument = "X", .parse = refuse_option, .empty_reason = retired},
    {.name = {'W', NULL}, .argument = "X", .parse = refuse_option, .empty_reason = retired},
    {.name = {'H', NULL}, .argument = "X", .parse = refuse_option, .empty_reason = retired},
    {.name = {'T', NULL}, .parse = refuse_option, .empty_reason = retired},
    {.name = {'Y', NULL}, .parse = refuse_option, .empty_reason = retired},
    {.name = {'g', NULL}, .parse = refuse_option, .empty_reason = retired},
};

const struct option_table parallel_table = {rows, sizeof rows / sizeof *rows, &defaults};
