/*
 * command: what is run for every item: a template, where its program lies, and the tag before each
 * line of its output.
 */
#ifndef PEXEC_COMMAND_COMMAND_H
#define PEXEC_COMMAND_COMMAND_H

#include <stdbool.h>

#include "base/strlist.h"
#include "command/choice.h"
#include "command/template.h"

struct command {
	const struct command_options *options;
	struct choice choice; /* which jobs are run */
	struct template *template;
	struct template *tag;     /* NULL: lines have none */
	struct template *key;     /* NULL: jobs have none */
	struct template *weight;  /* NULL: each job takes one slot */
	struct template *results; /* the name of files with results; NULL: it is the same for all */
	struct template *directory; /* where jobs run; NULL: where pexec does */
	char *path;       /* of the program, found once; NULL: its name has the item in it */
	char *plain_path; /* of the program that a shell would do nothing but execute; or NULL */
	bool
	    finds; /* the program is looked for once: neither late, nor are commands only printed */
};

/*
 * Takes the options, and finds a program that every job has, so that it is said before anything is
 * read when there is none: exits with 127 then, with 126 when it cannot be run.
 */
void command_open(struct command *command, const struct command_options *options, bool dry_run);

/* Compiles the command, when the `names` of the columns are known. Exits as command_open. */
void command_compile(struct command *command, const struct strlist *names);

/*
 * Makes the words of a command: with its words, a command line as it is recorded, in one line,
 * without the slot, so that it is the same in every run. Ask strlist_failed.
 */
void command_fill(
    const struct command *command, const struct template_values *values, struct strlist *words);
void command_describe(const struct command *command, const struct template_values *values,
    const struct strlist *words, struct strlist *scratch, struct strlist *line);

/* Makes the words of a command for which no shell is needed, though it was asked for. False: one
 * is. */
bool command_fill_plain(
    const struct command *command, const struct template_values *values, struct strlist *words);

/* Is a job with these values run? Not where {uniq} or {choose_k} is in the command that leaves it
 * out. */
bool command_is_chosen(const struct command *command, const struct template_values *values);

/* Makes `line` the command as it was typed, with its values, and a newline, from the words of it.
 * False: it is to be shown as these are. */
bool command_show(const struct command *command, const struct template_values *values,
    const struct strlist *words, struct strlist *line);

/*
 * How many slots the job takes (--weight): of a batch the sum. 0: that is no number from 1 on.
 * `words` is overwritten.
 */
unsigned command_weigh(
    const struct command *command, const struct template_values *values, struct strlist *words);

/* Makes the tag of a job: the words of --tagstring and a tab. False without memory. */
bool command_fill_tag(
    const struct command *command, const struct template_values *values, struct strlist *tag);

/* Has the name of files with results a placeholder in it? Then makes the one of a job. */
bool command_names_results(const struct command *command);
bool command_fill_results(
    const struct command *command, const struct template_values *values, struct strlist *name);

/* The same of the folder that a job runs in; an empty list: that where pexec does. */
bool command_fill_directory(
    const struct command *command, const struct template_values *values, struct strlist *name);

void command_close(struct command *command);

#endif
