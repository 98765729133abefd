/*
 * value_change: what --plus makes of a value: without one of its ends, with other bytes in it.
 *
 * These are those of GNU parallel. Where it has expressions of Perl, these are extended regular
 * expressions of POSIX.
 */
#ifndef PEXEC_COMMAND_VALUE_CHANGE_H
#define PEXEC_COMMAND_VALUE_CHANGE_H

#include <stddef.h>

#include "base/strlist.h"

struct value_change;

/*
 * Reads what stands in the braces, as `..` or `%.txt`. The same text gives the same change, which
 * is never freed. Returns NULL when it is none; exits with status 1 and a message when its
 * expression is wrong, or memory runs out.
 */
const struct value_change *value_change_read(const char *text, size_t length);

/* Adds a value to the string that is being made, changed. */
void value_change_append(
    const struct value_change *change, const char *bytes, size_t length, struct strlist *to);

#endif
