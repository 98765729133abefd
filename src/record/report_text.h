/*
 * report_text: the texts of a page of --report: bytes from outside as HTML, and numbers for people.
 *
 * Errors are kept by the stream, for ferror(3).
 */
#ifndef PEXEC_RECORD_REPORT_TEXT_H
#define PEXEC_RECORD_REPORT_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

/*
 * Writes bytes as text between tags or in an attribute: nothing in them can become markup. What
 * cannot be seen, and bytes that are no UTF-8, are shown as \xHH; newlines and tabs stay. Returns
 * whether all of it is shown as it is.
 */
bool report_put_bytes(FILE *page, const char *bytes, size_t length);
void report_put_string(FILE *page, const char *text);

/*
 * The same of a command that a shell can read, of which nothing is to be lost: where it is words as
 * shell_quote_line() writes them, bytes that cannot be shown stand as $'\ooo', which bash, ksh and
 * zsh read back. Returns whether what is shown is the command.
 */
bool report_put_command(FILE *page, const char *command, size_t length);

/* The same of what was said to a terminal: what colours it (ESC [...) is left out. */
void report_put_output(FILE *page, const char *bytes, size_t length);

/* Writes a time span to `text`: "12.3 s", "4 min 5 s". Returns `text`. */
enum { REPORT_NUMBER = 64 };
const char *report_span(char text[REPORT_NUMBER], double seconds);

/* The time of day, and the day: "2026-01-31 12:00:00". */
const char *report_time(char text[REPORT_NUMBER], double since_1970_s);

/* A number of bytes: "1.5 GiB". */
const char *report_size(char text[REPORT_NUMBER], double bytes);

#endif
