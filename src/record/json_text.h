/*
 * json_text: texts of any bytes, as JSON has them.
 *
 * JSON is UTF-8: a byte that is part of no character becomes \udcXX, as in Python's
 * surrogateescape, so that every byte can be got back. Errors are kept by the stream, for
 * ferror(3).
 */
#ifndef PEXEC_RECORD_JSON_TEXT_H
#define PEXEC_RECORD_JSON_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

/* A text that is written part by part; {0} at its beginning. One thread at a time. */
struct json_text {
	char character[4]; /* the first bytes of a character of several bytes */
	size_t count;      /* of these */
	bool in_html;      /* it stands in HTML: nothing in it can end its element */
};

/* Writes a part of a text, without the quotes around it. */
void json_text_put(struct json_text *text, FILE *to, const char *bytes, size_t length);

/* The text is over: writes what is left of it. */
void json_text_end(struct json_text *text, FILE *to);

/* Writes a whole text, with its quotes. */
void json_text_write(FILE *to, const char *bytes, size_t length);

#endif
