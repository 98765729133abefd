/*
 * shell_quote: prints a command so that a shell reads it back.
 */
#ifndef PEXEC_COMMAND_SHELL_QUOTE_H
#define PEXEC_COMMAND_SHELL_QUOTE_H

#include "base/strlist.h"

/*
 * Replaces `line` by the command and a newline, quoted so that a POSIX shell reads back exactly
 * these words. `input` is what its standard input is, which stands behind it as a comment; NULL:
 * nothing does. Check strlist_failed(line) afterwards.
 */
void shell_quote(const struct strlist *command, const char *input, struct strlist *line);

/*
 * Replaces `line` by the command without any newline, for journals and tables: words with control
 * characters are quoted as $'...', which bash, ksh and zsh read back. Check strlist_failed(line)
 * afterwards.
 */
void shell_quote_line(const struct strlist *command, struct strlist *line);

/* The same with `input`, as of shell_quote. */
void shell_quote_fed(const struct strlist *command, const char *input, struct strlist *line);

/* Adds a value to the string that is made, as GNU parallel quotes it: in '...' where it has other
 * bytes than letters, digits and a few more, with '"'"' for each quote in it. */
void shell_quote_value(const char *bytes, size_t length, struct strlist *to);

/* How many bytes it adds. */
size_t shell_quote_value_bytes(const char *bytes, size_t length);

#endif
