/*
 * visible: bytes from outside, made safe to print in a message.
 */
#ifndef PEXEC_VISIBLE_H
#define PEXEC_VISIBLE_H

#include <stddef.h>

#include "words.h"

/* The size of the buffer that visible() writes to: some 60 bytes of text, each up to 4 characters.
 */
enum { VISIBLE = 256 };

/* Writes `bytes` to `text`, control characters as escapes (vis(3)), long text cut; returns `text`.
 */
const char *visible(char text[VISIBLE], const char *bytes, size_t length);

/*
 * Writes a command to `line`, quoted so that a shell reads back exactly these words, with a
 * newline.
 */
void quote_command(const struct words *command, struct words *line);

#endif
