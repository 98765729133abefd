/*
 * shell_command: the words of a command line as a shell reads them (--shell), and what runs them.
 */
#ifndef PEXEC_COMMAND_SHELL_COMMAND_H
#define PEXEC_COMMAND_SHELL_COMMAND_H

#include "command/command_options.h"
#include "command/placeholder.h"
#include "command/shell_script.h"

struct shell_command {
	char *text;                  /* the words, with blanks between them */
	struct shell_script *script; /* made of it */
	struct placeholder *values;  /* what the arguments of the script are, in their order */
	size_t fixed, several;       /* of these: see struct shell_values */
	bool each_column;            /* the items are the columns */
};

/* The shell that runs scripts, and its name in what it says: $0. */
const char *shell_command_program(const struct command_options *options);
const char *shell_command_name(const struct command_options *options);

/* Joins the words by blanks, with `appended` behind them, unless it is empty: a new string. Exits
 * with status 1 and a message when memory runs out. */
char *shell_command_join(const struct command_options *options, const char *appended);

/*
 * Makes the script of the words. Words without a placeholder get the item behind the last one.
 * Exits with status 1 and a message when a placeholder is where no value can be, or memory runs
 * out.
 */
struct shell_command *shell_command_make(
    const struct command_options *options, const struct placeholder_syntax *syntax);

/* Frees it. Does nothing for NULL. */
void shell_command_free(struct shell_command *command);

#endif
