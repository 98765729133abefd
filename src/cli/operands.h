/*
 * operands: what follows the options on the command line: the command and its arguments, and the
 * lists of ::: and ::::.
 */
#ifndef PEXEC_CLI_OPERANDS_H
#define PEXEC_CLI_OPERANDS_H

#include "cli/options.h"

/*
 * Splits `argv`, what follows the options, into the command and its lists, and settles where the
 * items come from: from standard input, where no option and no list says otherwise. The options
 * have been read. Exits with status 1 and a message when a list is wrong.
 */
void operands_parse(struct options *options, char *argv[]);

/* How many times the items are said to come from standard input. */
size_t operands_count_stdin(const struct options *options);

/* Adds a word to a list, which keeps the pointer. Exits with status 1 when memory runs out. */
void operands_add_word(struct strings *list, const char *word);

/* Is `word` the beginning of a list: ::: or ::::, or one of these with a +? */
bool operands_is_separator(const char *word);

#endif
