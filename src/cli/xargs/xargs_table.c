#include "cli/xargs/xargs_table.h"

#include <signal.h>
#include <stddef.h>

#include "cli/option_types.h"
#include "cli/xargs/xargs_help.h"
#include "cli/xargs/xargs_types.h"

struct xargs_typed xargs_typed = {.max_procs = 1};

static const struct options defaults = {
    .queue.separation = SEPARATE_BLANKS,
    .queue.cuts_at_nul = true,
    .queue.misfit = MISFIT_ENDS_RUN,
    .command.plain_words = true,
    .command.found_late = true,
    .output.ungroup = true,
    .output.buffer_bytes = (size_t)64 * 1024 * 1024,
    .pool.grace_ms = 5000,
    .pool.termination = {.steps = {{SIGTERM, 200}, {SIGTERM, 100}, {SIGTERM, 50}, {SIGKILL, 25}},
	.count = 4},
    .pool.quiet = true,
    .pool.outlives_reader = true,
    .attempt.failures = FAILURE_MAY_END_RUN,
    .attempt.trace_escapes = true,
    .attempt.joins_group = true,
    .attempt.sh_runs_scripts = true,
    .attempt.bare_environment = true,
    .colors = COLORS_NEVER,
    .lock.wait_ms = -1,
    .lock.status = -1,
    .is_unmanaged = true,
};

/* In the order in which getopt names those that a beginning may stand for. */
static const struct option_row rows[] = {
    {
	.name = {'0', "null"},
	.parse = parse_null,
	.field = FIELD(queue.delimiter),
    },
    {
	.name = {'a', "arg-file"},
	.argument = "FILE",
	.parse = parse_text,
	.field = OWN_FIELD(xargs_typed.file),
    },
    {
	.name = {'d', "delimiter"},
	.argument = "CHARACTER",
	.parse = parse_delimiter,
	.field = FIELD(queue.delimiter),
    },
    {
	.name = {'E', NULL},
	.argument = "END",
	.parse = parse_text,
	.field = OWN_FIELD(xargs_typed.end),
    },
    {
	.name = {'e', "eof"},
	.argument = "END",
	.may_stand_alone = true,
	.parse = parse_text,
	.field = OWN_FIELD(xargs_typed.end),
    },
    {
	.name = {'I', NULL},
	.argument = "R",
	.parse = parse_replace,
    },
    {
	.name = {'i', "replace"},
	.argument = "R",
	.may_stand_alone = true,
	.as_if = "{}",
	.parse = parse_replace,
    },
    {
	.name = {'L', NULL},
	.argument = "MAX-LINES",
	.parse = parse_max_lines,
    },
    {
	.name = {'l', "max-lines"},
	.argument = "MAX-LINES",
	.may_stand_alone = true,
	.as_if = "1",
	.parse = parse_max_lines,
    },
    {
	.name = {'n', "max-args"},
	.argument = "MAX-ARGS",
	.parse = parse_max_args,
    },
    {
	.name = {'o', "open-tty"},
	.parse = parse_flag,
	.field = FIELD(attempt.opens_tty),
    },
    {
	.name = {'p', "interactive"},
	.parse = parse_flag,
	.field = FIELD(attempt.asks),
    },
    {
	.name = {'r', "no-run-if-empty"},
	.parse = parse_flag,
	.field = OWN_FIELD(xargs_typed.is_left_out),
    },
    {
	.name = {'s', "max-chars"},
	.argument = "MAX-CHARS",
	.parse = parse_max_chars,
    },
    {
	.name = {'t', "verbose"},
	.parse = parse_flag,
	.field = FIELD(attempt.trace),
    },
    {
	.name = {0, "show-limits"},
	.parse = parse_flag,
	.field = OWN_FIELD(xargs_typed.shows_limits),
    },
    {
	.name = {'x', "exit"},
	.parse = parse_flag,
	.field = FIELD(queue.exit_on_size),
    },
    {
	.name = {'P', "max-procs"},
	.argument = "MAX-PROCS",
	.parse = parse_max_procs,
    },
    {
	.name = {0, "process-slot-var"},
	.argument = "VAR",
	.parse = parse_text,
	.field = FIELD(attempt.slot_variable),
    },
    {
	.name = {0, "version"},
	.parse = print_xargs_version,
    },
    {
	.name = {0, "help"},
	.parse = print_xargs_help,
    },
};

const struct option_table xargs_table = {rows, sizeof rows / sizeof *rows, &defaults};
