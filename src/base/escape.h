/*
 * visible: bytes from outside, made safe to print in a message.
 */
#ifndef PEXEC_BASE_ESCAPE_H
#define PEXEC_BASE_ESCAPE_H

#include <stddef.h>

#include "base/strlist.h"

/* Sizes of buffers that escape() writes to: for items some 60 bytes, for names some 250. */
enum { ESCAPED = 256, ESCAPED_NAME = 1024 };

/*
 * Writes `bytes` to `text`, which has `size` bytes: control characters as escapes (vis(3)), cut
 * after a quarter of `size`, as each may take four. Returns `text`.
 */
const char *escape(char *text, size_t size, const char *bytes, size_t length);

/* The same for a string, in a buffer for names. */
const char *escape_name(char text[ESCAPED_NAME], const char *name);

/* The same for a word of a list, in a buffer for items; "" when the list has no such word. */
const char *escape_item(char text[ESCAPED], const struct strlist *words, size_t index);

#endif
