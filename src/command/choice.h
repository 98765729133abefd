/*
 * choice: jobs that are left out because of how their values compare, as {uniq} and {choose_k} of
 * --plus say: of all combinations of lists those are run that are wanted.
 */
#ifndef PEXEC_COMMAND_CHOICE_H
#define PEXEC_COMMAND_CHOICE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/strlist.h"

struct choice {
	bool unique; /* no two values are the same */
	bool rising; /* each is greater than the one before it, byte by byte */
};

/* Is the text between the braces one of the two? Both stand for the whole value besides. */
bool choice_is_named(const char *text, size_t length);

/* What the words of a command say of it, under --plus. */
struct choice choice_read(const struct strings *words);

/* Is the job with these values run? */
bool choice_allows(const struct choice *choice, const struct strlist *values);

#endif
