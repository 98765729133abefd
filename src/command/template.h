/*
 * template: a command line with {} in it -> the argument vector of a job.
 *
 * {} stands for the item; {.} {/} {//} {/.} stand for it without its extension, its base name, its
 * directory, and its base name without extension. {N} stands for column N of the item, from the end
 * when N is negative, and {name} for a column that --header names; both take the same parts, as in
 * {N.}. {#} stands for the job's number and {%} for its slot. A placeholder may stand anywhere in a
 * word. A word with the item in it is repeated for every item of the job. A placeholder inside an
 * item is text.
 *
 * Under --shell the words are a script, and the values of its placeholders arguments of the shell
 * that reads it: see command/shell_script.h.
 */
#ifndef PEXEC_COMMAND_TEMPLATE_H
#define PEXEC_COMMAND_TEMPLATE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/strlist.h"
#include "command/command_options.h"
#include "command/shell_script.h"

struct template;

/*
 * The size of a job's command line with a batch of items, never too small. "Bytes" include the NUL
 * of each word, and leave out the values of items, columns and {#}, which batch adds; {%} counts as
 * the largest slot number, so that batches do not depend on -j. "{}" includes {.} and the like.
 */
struct line_cost {
	size_t fixed;         /* bytes of the words without {} */
	size_t fixed_words;   /* words without {} */
	size_t fixed_columns; /* {N} and {name} in words without {} */
	size_t fixed_numbers; /* {#} in words without {} */
	size_t each;          /* bytes that each item adds, beside the item */
	size_t each_words;    /* words that each item adds */
	size_t each_columns;  /* {N} and {name} in the words that each item adds */
	size_t each_numbers;  /* {#} in the words that each item adds */
	size_t repeats;       /* how many times each item is put in */
};

struct template_cost {
	struct line_cost passed;         /* what exec gets, without: */
	struct shell_script_cost script; /* the script in it; of size 0 where there is none */
	struct line_cost shown; /* the command as it is shown, with quoted values: -s is about it */
	bool is_shown;          /* else -s is about what exec gets */
	bool spreads;           /* each column of an item is a word */
	bool adds_items;        /* the items are words of their own, behind those that were typed */
};

/* The values of a job for the placeholders of a template. */
struct template_values {
	const struct strlist *items;   /* {} */
	const struct strlist *columns; /* {1} {2} ... */
	const char *input;             /* the standard input, where that is a block; or NULL */
	uint64_t seq;                  /* {#} */
	uint64_t total;                /* {##}; 0: how many jobs there are is not known */
	unsigned slots;                /* of which `slot` is one */
	unsigned slot;                 /* {%}; 0: the job has no slot yet, and {%} stays as text */
};

/*
 * Compiles the command line of `options`; `names` are the columns of --header. A command line
 * without a placeholder gets the item as its last word, or its columns as its last words where
 * items are split. Without a command line, the columns joined by blanks are a command for the
 * shell. With plain_words the item is not added. Exits with status 1 and a message when memory runs
 * out, with -X when no word has the item in it, or with --shell when a placeholder is where no
 * value can be.
 */
struct template *template_compile(
    const struct command_options *options, const struct strlist *names);

/*
 * Compiles `text` as one word, as for --tagstring. Returns NULL when `text` is NULL; exits with
 * status 1 and a message when memory runs out.
 */
struct template *template_compile_word(
    const struct command_options *options, const struct strlist *names, const char *text);

/*
 * The command's name as `options` have it, before the columns have names. NULL when it may have a
 * placeholder in it.
 */
const char *template_literal_program(const struct command_options *options);

/* The command's name when it is the same for every job, otherwise NULL. */
const char *template_program(const struct template *template);

/*
 * The command's name of a command that a shell reads, and that is plain words: see shell_words.h.
 * NULL: it is another one, or the name has a placeholder in it.
 */
const char *template_plain_program(const struct template *template);

/* Is there any placeholder in what was typed? */
bool template_has_placeholder(const struct template *template);

/* Is there a {%} in the template? */
bool template_has_slot(const struct template *template);

/* Adds up what command lines made from the template take. */
struct template_cost template_cost(const struct template *template);

/* Replaces `arguments` by the argument vector of a job. Check strlist_failed(arguments) afterwards.
 */
void template_fill(const struct template *template, const struct template_values *values,
    struct strlist *arguments);

/*
 * The same with the argument vector that the shell makes of plain words. False: what it makes of
 * those of this job is for it to say.
 */
bool template_fill_plain(const struct template *template, const struct template_values *values,
    struct strlist *arguments);

/*
 * Makes `line` the command of a job as it was typed, with its values, without a NUL at its end:
 * strlist_end is called for it later. `arguments` is its argument vector. False: it is to be shown
 * as that is.
 */
bool template_show(const struct template *template, const struct template_values *values,
    const struct strlist *arguments, struct strlist *line);

/* Frees a template. Does nothing for NULL. */
void template_free(struct template *template);

#endif
