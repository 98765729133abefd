/*
 * parallel_table: the options of GNU parallel, and what was typed of them.
 */
#ifndef PEXEC_CLI_PARALLEL_PARALLEL_TABLE_H
#define PEXEC_CLI_PARALLEL_PARALLEL_TABLE_H

#include <stdbool.h>

#include "cli/option_row.h"

/* How many arguments an option of the kind of -n has given. */
enum { NO_COUNT = -1 };

/* What parallel_rules.c makes struct options from. */
struct parallel_typed {
	/* input */
	struct strings files;       /* -a */
	const char *separator;      /* --arg-sep: ::: */
	const char *file_separator; /* --arg-file-sep: :::: */
	bool is_delimited;          /* -0 or -d */
	const char *header;         /* --header; NULL: there is none */
	const char *colsep;         /* --colsep as typed; NULL: none */
	bool skips_first_line;

	/* blocks of the input */
	bool pipe, pipe_part;
	bool round_robin;
	bool strips_ends; /* --rrs */
	bool tee;         /* each job has all of the input */
	bool cat, fifo;   /* a file, or a FIFO, has the block, not standard input */

	/* how many items a command has */
	long long max_args;  /* -n; NO_COUNT: not typed */
	long long max_lines; /* -l; 0: not typed */
	/* The same, and a word is repeated for each item. */
	long long max_replace_args;  /* -N; NO_COUNT: not typed */
	long long max_replace_lines; /* -L; 0: not typed */
	bool fills;                  /* -X, -m, --xargs */
	bool repeats;                /* -X: a word is repeated for each item */
	bool keeps_together;         /* --xargs: what is left is not shared out to all slots */

	/* the command */
	bool quotes;          /* -q */
	const char *parens;   /* --parens: around expressions of Perl */
	unsigned quotes_only; /* --shellquote: how many times */

	/* output */
	bool prints_command; /* -v */
	bool silent;
	bool tag; /* --tag */
	const char *tag_string;
	bool unordered;        /* --no-keep-order */
	bool as_files;         /* --files */
	bool groups, ungroups; /* --group, -u */
	bool terminal;         /* --tty */

	/* where, and when */
	const char *directory; /* --workdir */
	const char *delay;
	const char *temporary; /* --tmpdir */

	char *login_jobs;            /* N of -S N/: */
	bool on_all, on_all_without; /* --onall; --nonall, which gives the command no items */

	/* sem */
	bool semaphore;
	const char *id;
	const char *semaphore_timeout;
	bool foreground, background, waits;
};

extern struct parallel_typed parallel_typed;

extern const struct option_table parallel_table;

#endif
