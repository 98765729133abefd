/*
 * command_options: what the user has said about the command of a job.
 */
#ifndef PEXEC_COMMAND_COMMAND_OPTIONS_H
#define PEXEC_COMMAND_COMMAND_OPTIONS_H

#include <stdbool.h>

#include "base/strlist.h"

struct command_options {
	struct strings words;   /* the command line as typed; none: every item is a command */
	const char *script;     /* -c; NULL: none */
	const char *replace;    /* -I: the placeholder of the item; "{}" without -I */
	bool plain_words;       /* `replace` alone is a placeholder, and not in the command's name;
				   NULL: none is, and the items come behind the words */
	bool found_late;        /* the program is looked for when a job starts, not before */
	bool tag;               /* --tag */
	const char *tag_string; /* --tagstring, or the one of --tag; NULL: lines have no tag */
	bool splits;            /* items have columns of their own (--colsep, --csv) */
	bool fills;             /* -X: a job has as many items as fit */
	bool several;           /* a job may have several items, or an item several values */
	const char *shell;      /* --shell: what runs scripts and reads the words; NULL: sh, and it
				   reads none */
	const char *started_in; /* the directory that typed names are relative to, without a slash
				   at its end; NULL: the working directory never changes */
};

#endif
