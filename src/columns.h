/*
 * columns: splits an item into its columns (--colsep) and trims values (--trim).
 */
#ifndef PEXEC_COLUMNS_H
#define PEXEC_COLUMNS_H

#include "options.h"
#include "words.h"

/* Takes white space off the ends of a value, as --trim says. */
void columns_trim(enum trim how, const char **bytes, size_t *length);

/*
 * Adds the columns of an item to `columns`: what stands between the matches of --colsep, trimmed;
 * the whole item where there is no --colsep. `item` is followed by a NUL.
 */
void columns_split(
    const struct options *options, const char *item, size_t length, struct words *columns);

#endif
