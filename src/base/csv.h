/*
 * csv: records and fields as RFC 4180 has them.
 *
 * A record ends with a newline, also one behind a carriage return. A field that begins with a
 * double quote ends with one; in between separators and newlines are text, and two quotes stand for
 * one. The separator is a comma, or what the user says. Blanks belong to a field.
 */
#ifndef PEXEC_BASE_CSV_H
#define PEXEC_BASE_CSV_H

#include <stdbool.h>
#include <stddef.h>

#include "base/strlist.h"

/* Where in a record one is; all zero: at its beginning. */
enum csv_state {
	CSV_FIELD_BEGINS,
	CSV_IN_PLAIN_FIELD,
	CSV_IN_QUOTES,
	CSV_BEHIND_QUOTE /* in a quoted field: the quote closes it, or is the first of two */
};

/*
 * Looks for the newline that ends the record of which these are the next bytes. `state` is where
 * they begin, and becomes where they end. NULL: it is not there.
 */
const char *csv_find_end(enum csv_state *state, const char *bytes, size_t length, char separator);

/* What is wrong with a record. */
enum csv_fault {
	CSV_WHOLE,         /* nothing */
	CSV_NOT_CLOSED,    /* a field that begins with a quote has no other one at its end */
	CSV_STRAY_QUOTE,   /* a field that does not begin with a quote has one in it */
	CSV_BEHIND_CLOSING /* something follows a closing quote */
};

/*
 * Checks a record, without the end of its line. Sets `at` to the byte where it is broken, from 1:
 * of CSV_NOT_CLOSED the opening quote.
 */
enum csv_fault csv_check(const char *record, size_t length, char separator, size_t *at);

/* "a field ... ", what is wrong, in words. */
const char *csv_fault_text(enum csv_fault fault);

/*
 * Adds the next field of a record to a string of `field` (strlist_append), without its quotes, and
 * moves `*at` behind it. Returns whether another field follows. What is broken is taken as it is.
 */
bool csv_next_field(const char **at, const char *end, char separator, struct strlist *field);

#endif
