/*
 * template: a command line with {} in it -> the argument vector of a job.
 *
 * {} {.} {/} {//} {/.} stand for the item, {N} and the like for its column N (from the end when N
 * is negative), {name} for a column that --header named, {#} for the job's number and {%} for its
 * slot. They may stand anywhere in a word. A word with the item in it is repeated for every item of
 * the job. What is put in is never looked at again: {} in an item is text.
 */
#ifndef PEXEC_COMMAND_TEMPLATE_H
#define PEXEC_COMMAND_TEMPLATE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/strlist.h"

struct template;

struct command_options {
	struct strings words;   /* the command line as typed; none: every item is a command */
	const char *script;     /* -c; NULL: there is none */
	const char *replace;    /* -I: stands for the item; "{}" */
	bool tag;               /* --tag */
	const char *tag_string; /* --tagstring, or what --tag stands for; NULL: lines have no tag */
	bool quote;             /* -q: nothing, as words are never split */
	bool fills;             /* -X: a job has as many items as fit */
	const char *started_in; /* relative names were typed there; no slash at its end; NULL: the
				   run does not move to another directory */
};

/*
 * What a batch of items costs in bytes of command line: never less than what it then takes. {%}
 * counts as the largest slot number, so that batches are the same whatever -j is.
 */
struct template_cost {
	size_t fixed;         /* the command without items and {#} */
	size_t fixed_words;   /* its number of words */
	size_t fixed_columns; /* how many times it has a column put in */
	size_t fixed_numbers; /* the same, the number of the job */
	size_t each;          /* added for each item, beside the item itself */
	size_t each_words;
	size_t each_columns;
	size_t each_numbers;
	size_t repeats; /* how many times each item is put in */
};

/* What a template is filled with. */
struct template_values {
	const struct strlist *items;   /* {} */
	const struct strlist *columns; /* {1} {2} ... */
	uint64_t seq;                  /* {#} */
	unsigned slot;                 /* {%}; 0: none yet, and {%} stays as it is */
};

/*
 * Compiles the command line of `options`; `names` are those of the columns (--header). Where the
 * command line has no placeholder, the item is appended; where there is no command at all, the
 * columns joined by blanks are a command for the shell. Exits with status 1 when memory runs out.
 */
struct template *template_compile(
    const struct command_options *options, const struct strlist *names);

/* Compiles a single word, as of --tagstring; NULL for NULL. */
struct template *template_compile_word(
    const struct command_options *options, const struct strlist *names, const char *text);

/*
 * The command's name, when no placeholder can be in it, whatever the names of the columns are;
 * otherwise NULL.
 */
const char *template_literal_program(const struct command_options *options);

/* The command's name when it is the same for every job, otherwise NULL. */
const char *template_program(const struct template *template);

/* Has it {%} in it? */
bool template_has_slot(const struct template *template);

/* What batches cost. */
struct template_cost template_cost(const struct template *template);

/* Replaces `arguments` by the argument vector of a job. Ask strlist_failed(arguments) afterwards.
 */
void template_fill(const struct template *template, const struct template_values *values,
    struct strlist *arguments);

void template_free(struct template *template);

#endif
