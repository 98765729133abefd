/*
 * command_options: what the user has said about the command of a job.
 */
#ifndef PEXEC_COMMAND_COMMAND_OPTIONS_H
#define PEXEC_COMMAND_COMMAND_OPTIONS_H

#include <stdbool.h>

#include "base/strlist.h"

/* What stands for a part of the item, or for a number, in the place of {.} and the like; NULL: that
 * does itself. */
struct placeholder_names {
	const char *no_extension, *base, *directory, *base_no_extension, *seq, *slot;
};

struct command_options {
	struct strings words;   /* the command line as typed; none: every item is a command */
	const char *script;     /* -c; NULL: none */
	const char *replace;    /* -I: the placeholder of the item; "{}" without -I */
	bool plain_words;       /* `replace` alone is a placeholder, and not in the command's name;
				   NULL: none is, and the items come behind the words */
	bool found_late;        /* the program is looked for when a job starts, not before */
	bool joins_items;       /* under `shell`: items stand side by side in the place of {}; else
				   the word around it is repeated for each */
	bool items_are_columns; /* {} stands for the columns, where items have some */
	bool name_is_text;      /* a command whose name has a placeholder in it is text, in which
				   values are read by the shell */
	bool argv_is_command;   /* the shell takes the words as they are, and reads none */
	unsigned quotes_more;   /* the command that is shown is quoted so many times more */
	bool shows_text;        /* a command is shown as it was typed, with its values in it */
	bool lacking_are_none;  /* under `shell`: a column that an item lacks is no word; else it is
				   an empty one */
	bool takes_no_item;     /* the item is not added to a command without a placeholder */
	bool plus;              /* --plus: there are more placeholders */
	struct placeholder_names names; /* other ones of placeholders */
	const char *results;    /* the name of files with results, which may have placeholders */
	const char *directory;  /* jobs run there, with placeholders; NULL: where pexec does */
	bool tag;               /* --tag */
	const char *tag_string; /* --tagstring, or the one of --tag; NULL: lines have no tag */
	const char *key;        /* --key; NULL: jobs have none */
	const char *weight;     /* --weight; NULL: each job takes one slot */
	bool splits;            /* items have columns of their own (--colsep, --csv) */
	bool fills;             /* -X: a job has as many items as fit */
	bool several;           /* a job may have several items, or an item several values */
	const char *shell;      /* --shell: what runs scripts and reads the words; NULL: sh, and it
				   reads none */
	const char *shell_is_named_by; /* what the user sets to have another shell; NULL:
					  --shell, which is what messages begin with */
	const char *started_in; /* the directory that typed names are relative to, without a slash
				   at its end; NULL: the working directory never changes */
};

#endif
