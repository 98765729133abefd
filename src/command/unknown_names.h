/*
 * unknown_names: warns of a {name} that no column has (--header): it is plain text, and so may
 * become the argument of a command that was meant for something else.
 */
#ifndef PEXEC_COMMAND_UNKNOWN_NAMES_H
#define PEXEC_COMMAND_UNKNOWN_NAMES_H

#include "base/strlist.h"

/*
 * `at` is a brace in `word`, a word of the command, that begins no placeholder. Says so, with the
 * names that there are, when it looks like one for a column: {name}, also with a part as in
 * {name.}, but not ${name}, nor {what has other characters; in it}. Says nothing when there are no
 * names.
 */
void unknown_names_warn(const struct strlist *names, const char *word, const char *at);

#endif
