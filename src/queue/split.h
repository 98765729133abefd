/*
 * split: splits an item into its columns (--colsep, --csv) and trims values (--trim).
 */
#ifndef PEXEC_QUEUE_SPLIT_H
#define PEXEC_QUEUE_SPLIT_H

#include <stdbool.h>

#include "base/strlist.h"
#include "queue/queue_options.h"

/* Have items columns of their own (--colsep, --csv)? */
bool split_is_on(const struct queue_options *options);

/* Removes white space from the ends of a value that `how` names. */
void split_trim(enum trim how, const char **bytes, size_t *length);

/*
 * Adds the columns of an item to `columns`: the trimmed parts between matches of --colsep, the
 * fields of --csv, or the whole item without these. `item` has a NUL behind its `length` bytes.
 * Check strlist_failed(columns) afterwards.
 */
void split_item(
    const struct queue_options *options, const char *item, size_t length, struct strlist *columns);

/*
 * Adds the names of the columns, which `length` bytes of a header give, to `names`. Exits with
 * status 1 and a message when they are broken CSV.
 */
void split_header(
    const struct queue_options *options, const char *header, size_t length, struct strlist *names);

/* Adds the columns of every item of a list to `columns`. Check strlist_failed(columns) afterwards.
 */
void split_items(
    const struct queue_options *options, const struct strlist *items, struct strlist *columns);

#endif
