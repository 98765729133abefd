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
 * Learns from the environment whether characters beyond ASCII are shown as they are. To be called
 * once, before there are threads; without it their bytes are escaped.
 */
void escape_init(void);

/*
 * Writes `bytes` to `text`, a buffer of `size` bytes, with control characters, characters that
 * cannot be seen (base/utf8.h) and bytes that are no character as escapes (vis(3)). As an escape of
 * a byte takes up to four, writes only as many as surely fit, and "..." when bytes are left,
 * without cutting through a character. Returns `text`.
 */
const char *escape(char *text, size_t size, const char *bytes, size_t length);

/*
 * How many of `length` bytes, at most `most`, can be shown in one piece: those that follow do not
 * begin in the middle of a character.
 */
size_t escape_cut(const char *bytes, size_t length, size_t most);

/* Escapes the name of a file. Returns `text`. */
const char *escape_name(char text[ESCAPED_NAME], const char *name);

/* Escapes string `index` of `list`, or "" when the list is shorter. Returns `text`. */
const char *escape_item(char text[ESCAPED], const struct strlist *list, size_t index);

#endif
