/*
 * columns: splits an item into its columns (--colsep) and trims values (--trim).
 */
#ifndef PEXEC_QUEUE_SPLIT_H
#define PEXEC_QUEUE_SPLIT_H

#include "base/strlist.h"
#include "queue/queue_options.h"

/* Takes white space off the ends of a value, as --trim says. */
void split_trim(enum trim how, const char **bytes, size_t *length);

/*
 * Adds the columns of an item to `columns`: what stands between the matches of --colsep, trimmed;
 * the whole item where there is no --colsep. `item` is followed by a NUL.
 */
void split_item(
    const struct queue_options *options, const char *item, size_t length, struct strlist *columns);

/* The same for each item of a list. */
void split_items(
    const struct queue_options *options, const struct strlist *items, struct strlist *columns);

#endif
