/*
 * visible: bytes from outside, made safe to print in a message.
 */
#ifndef PEXEC_VISIBLE_H
#define PEXEC_VISIBLE_H

#include <stddef.h>

#include "words.h"

/* Sizes of buffers that visible() writes to: for items some 60 bytes, for names some 250. */
enum { VISIBLE = 256, VISIBLE_NAME = 1024 };

/*
 * Writes `bytes` to `text`, which has `size` bytes: control characters as escapes (vis(3)), cut
 * after a quarter of `size`, as each may take four. Returns `text`.
 */
const char *visible(char *text, size_t size, const char *bytes, size_t length);

/* The same for a string, in a buffer for names. */
const char *visible_name(char text[VISIBLE_NAME], const char *name);

/* The same for a word of a list, in a buffer for items; "" when the list has no such word. */
const char *visible_word(char text[VISIBLE], const struct words *words, size_t index);

/*
 * The same, and always in one line without a newline behind it: words with control characters are
 * quoted as $'...', which bash, ksh and zsh read back.
 */
void quote_command_line(const struct words *command, struct words *line);

/*
 * Writes a command to `line`, quoted so that a shell reads back exactly these words, with a
 * newline.
 */
void quote_command(const struct words *command, struct words *line);

#endif
