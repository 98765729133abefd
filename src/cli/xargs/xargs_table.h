/*
 * xargs_table: the options of xargs, and what was typed of them.
 */
#ifndef PEXEC_CLI_XARGS_XARGS_TABLE_H
#define PEXEC_CLI_XARGS_XARGS_TABLE_H

#include <stdbool.h>

#include "cli/option_row.h"

/* What xargs_rules.c makes struct options from. */
struct xargs_typed {
	const char *file;  /* -a; NULL: standard input */
	bool is_delimited; /* -0 or -d: by queue.delimiter, else by blanks and newlines */
	const char *end;   /* -E, -e; NULL: no item ends the queue */

	/* how many items a command has: the last one that was typed holds */
	const char *replace; /* -I, -i; NULL: items are added to the command */
	long long max_args;  /* -n; 0: as many as fit */
	long long max_lines; /* -L, -l; 0: lines do not count */

	long long max_chars; /* -s; 0: the default */
	long long max_procs; /* -P; 0: as many as there can be */
	bool is_left_out;    /* -r: nothing is run where there are no items */
	bool shows_limits;   /* --show-limits */
};

extern struct xargs_typed xargs_typed;

extern const struct option_table xargs_table;

#endif
