/*
 * shell_script: what a shell is given to run: a command whose placeholders have become positional
 * parameters.
 *
 * Parameters 1 to F are the values that a job has once. Then come, for each placeholder that stands
 * for several values, these values. A word that has such a placeholder is repeated for each of
 * them, so the script of a job depends on how many there are, and on which columns there are: on
 * their number, never on what is in them.
 */
#ifndef PEXEC_COMMAND_SHELL_SCRIPT_H
#define PEXEC_COMMAND_SHELL_SCRIPT_H

#include "base/strlist.h"
#include "command/shell_words.h"

struct shell_script;

/* The values of a script. Of `of_span`, each is below fixed + several. */
struct shell_values {
	const size_t *of_span; /* which value each placeholder stands for */
	size_t fixed;          /* this many, and the first ones, are there once */
	size_t several;        /* this many are there for each item */
	/* The column that each value is, from 1, or from the end when negative: it is no word where
	 * a job has none; 0: it is always one. NULL: all are. */
	const long *columns;
};

/* What a job has, as far as its script depends on it. */
struct shell_counts {
	size_t items, columns;
};

/*
 * What a script takes of a command line, in bytes: never too little. The parameters are numbered
 * from 1, and their numbers come on top, of as many digits as the largest one has.
 */
struct shell_script_cost {
	size_t fixed;                             /* with its NUL */
	size_t each;                              /* that each item adds */
	size_t fixed_numbers, each_numbers;       /* numbers of parameters in these */
	size_t fixed_parameters, each_parameters; /* how many parameters there are */
	size_t fixed_text, each_text; /* the command as it is shown, beside its values */
};

/*
 * Makes a script. Returns NULL with `error` when that cannot be, as shell_words_read. The script
 * keeps `text->bytes`.
 */
struct shell_script *shell_script_make(
    const struct shell_text *text, const struct shell_values *values, struct shell_error *error);

/*
 * The words of a script that is one command of plain words, as in struct shell_words, with values
 * in the place of the placeholders. `*count` is 0 when it is another one.
 */
const int *shell_script_plain(const struct shell_script *script, size_t *count);

struct shell_script_cost shell_script_cost(const struct shell_script *script);

/* How many times a value stands in the command: in words that are repeated for each item, or in the
 * others. */
size_t shell_script_mentions(const struct shell_script *script, size_t value, bool repeated);

/* Adds the script of a job to the string that is being made. */
void shell_script_fill(
    const struct shell_script *script, const struct shell_counts *counts, struct strlist *to);

/*
 * Adds the command as it was typed, with the values of a job in their places, quoted so that a
 * shell reads the same: these are those of `arguments` from `first` on.
 */
void shell_script_show(const struct shell_script *script, const struct strlist *arguments,
    size_t first, const struct shell_counts *counts, struct strlist *to);

/* Frees a script. Does nothing for NULL. */
void shell_script_free(struct shell_script *script);

#endif
