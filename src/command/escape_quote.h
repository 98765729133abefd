/*
 * escape_quote: prints a command line so that a shell reads it back, as programs of GNU do: what
 * cannot be printed in the user's locale is shown as $'\NNN'.
 */
#ifndef PEXEC_COMMAND_ESCAPE_QUOTE_H
#define PEXEC_COMMAND_ESCAPE_QUOTE_H

#include "base/strlist.h"

/*
 * Replaces `line` by the words of a command, with blanks between them and a newline at the end. Ask
 * strlist_failed(line).
 */
void escape_quote(const struct strlist *command, struct strlist *line);

#endif
