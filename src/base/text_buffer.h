/*
 * text_buffer: text that one thread writes and another takes, whole. It has no lock of its own.
 */
#ifndef PEXEC_BASE_TEXT_BUFFER_H
#define PEXEC_BASE_TEXT_BUFFER_H

#include <stddef.h>
#include <stdio.h>

/* All zeros at first. */
struct text_buffer {
	FILE *stream; /* NULL: there is no text */
	char *bytes;
	size_t size;
};

/* Where to write; NULL without memory. That memory runs out later ferror(3) tells of it. */
FILE *text_buffer_stream(struct text_buffer *buffer);

/* How many bytes were written. */
size_t text_buffer_bytes(const struct text_buffer *buffer);

/* Takes the text: `*bytes` becomes the caller's. Returns its length; 0: there is none, or memory
 * ran out, and `*bytes` is NULL. */
size_t text_buffer_take(struct text_buffer *buffer, char **bytes);

/* Drops the text. */
void text_buffer_drop(struct text_buffer *buffer);

#endif
