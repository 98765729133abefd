/*
 * escape: makes bytes from outside safe to print in a message.
 */
#ifndef PEXEC_BASE_ESCAPE_H
#define PEXEC_BASE_ESCAPE_H

#include <stddef.h>

#include "base/strlist.h"

/* Buffer sizes for escape(), which shows a quarter as many bytes: 63 of an item, 255 of a name. */
enum { ESCAPED = 256, ESCAPED_NAME = 1024 };

/*
 * Writes `bytes` to `text`, a buffer of `size` bytes, with control characters as escapes (vis(3)).
 * As an escape takes up to four bytes, writes only as many as surely fit, and "..." when bytes are
 * left. Returns `text`.
 */
const char *escape(char *text, size_t size, const char *bytes, size_t length);

/* Escapes the name of a file. Returns `text`. */
const char *escape_name(char text[ESCAPED_NAME], const char *name);

/* Escapes string `index` of `list`, or "" when the list is shorter. Returns `text`. */
const char *escape_item(char text[ESCAPED], const struct strlist *list, size_t index);

#endif
