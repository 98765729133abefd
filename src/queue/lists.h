/*
 * lists: the values of ::: and ::::, held in memory: every combination of them, the last list the
 * fastest, or with --link side by side. Lists of :::+ and ::::+ are side by side with the one
 * before them, and count as one list with it, which is as long as the shortest of them.
 */
#ifndef PEXEC_QUEUE_LISTS_H
#define PEXEC_QUEUE_LISTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/strlist.h"
#include "queue/item.h"
#include "queue/queue_options.h"

struct lists {
	const struct queue_options *options;
	struct strlist *values; /* of each list */
	size_t count;           /* of the lists */
	size_t *position;       /* in each list, the value of the next item */
	size_t linked;          /* --link: items handed out */
	bool started;           /* the combination at `position` was handed out */
	bool filled;            /* all lists were empty, and now have an empty value each */
};

/*
 * Reads the lists that `options` names; with --header the first value of each is its name, added to
 * `names`. Files named "-" are `standard_input`. Says when one of several lists is empty. Exits
 * with status 1 and a message when a file cannot be read, or without memory.
 */
void lists_open(struct lists *lists, const struct queue_options *options, int standard_input,
    struct strlist *names);

/* Begins again with the first combination. */
void lists_begin(struct lists *lists);

/*
 * Adds the values of the next combination to `item`, behind those that it has. False: there was
 * none left.
 */
bool lists_next(struct lists *lists, struct item *item);

/* Is there another combination? */
bool lists_more(const struct lists *lists);

/* Has one of the lists no value? Then there is no combination at all. */
bool lists_are_empty(const struct lists *lists);

/* How many combinations there are. False beyond any number. */
bool lists_total(const struct lists *lists, uint64_t *total);

void lists_close(struct lists *lists);

#endif
