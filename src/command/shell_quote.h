/*
 * shell_quote: a command in print, as a shell would read it back.
 */
#ifndef PEXEC_COMMAND_SHELL_QUOTE_H
#define PEXEC_COMMAND_SHELL_QUOTE_H

#include "base/strlist.h"

/*
 * Writes a command to `line`, quoted so that a shell reads back exactly these words, with a
 * newline. Ask strlist_failed(line) afterwards.
 */
void shell_quote(const struct strlist *command, struct strlist *line);

/*
 * Writes a command to `line` without any newline: words with control characters are quoted as
 * $'...', which bash, ksh and zsh read back. For journals and tables.
 */
void shell_quote_line(const struct strlist *command, struct strlist *line);

#endif
