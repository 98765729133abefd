/*
 * digits: a number at the beginning of a text.
 */
#ifndef PEXEC_BASE_DIGITS_H
#define PEXEC_BASE_DIGITS_H

#include <stdint.h>

/*
 * Reads the decimal digits that the text begins with, at least one, as a number up to INT64_MAX:
 * neither blanks nor a sign before them. Returns what is behind them; NULL: it is no such number.
 */
const char *digits_read(const char *text, uint64_t *number);

#endif
