/*
 * plain_words: when a command for a shell can be run without one.
 *
 * Of a command of plain words (shell_words.h) a shell makes an argument vector, looks for the
 * program and executes it. Without the shell a job is the same, and there several times as soon,
 * unless the shell does more: it knows the name itself, by what it is or by its environment, or
 * changes what the program is given.
 *
 * Two variables tell the difference: a job that is run without a shell has SHLVL and _ as pexec
 * has them.
 */
#ifndef PEXEC_COMMAND_PLAIN_WORDS_H
#define PEXEC_COMMAND_PLAIN_WORDS_H

#include <stdbool.h>

#include "base/strlist.h"

/*
 * Finds the program `name` that a shell does nothing but execute; the shell is called `shell`, and
 * its file is `path`. Returns a new string, or NULL: the shell has to run, if only to say why that
 * cannot be.
 */
char *plain_words_find(const char *shell, const char *path, const char *name);

/* Does the program do with these arguments what the shell does that knows its name? */
bool plain_words_suit(const struct strlist *arguments);

#endif
