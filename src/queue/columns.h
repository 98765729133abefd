/*
 * columns: the items of a job -> its columns, and how many of them the records of a table have
 * (--results FILE.csv).
 *
 * A table has a value for each column, and the same number of them in all its records, so that who
 * reads it by column finds each in its place. That number is settled before the first job starts,
 * and by what the queue gives, not by which job ends first: so it is the same in every run.
 */
#ifndef PEXEC_QUEUE_COLUMNS_H
#define PEXEC_QUEUE_COLUMNS_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>

#include "queue/job.h"
#include "queue/queue_options.h"

struct columns {
	const struct queue_options *options;
	size_t lists;        /* values of an item */
	size_t told;         /* that -n and the names of --header tell; 0: they do not */
	atomic_size_t width; /* of a record; 0: that is not settled */
	size_t most_items; /* -X: items of a job, those of the first one; 0: that is not settled */
};

/* `names` is the number of columns that have a name; 0: none has. */
void columns_init(struct columns *columns, const struct queue_options *options, size_t names);

/* The records have as many columns as those of an earlier run; 0: there are none. */
void columns_set_width(struct columns *columns, size_t width);

/*
 * Under -X: has a job, with `count` items so far, as many as a record of the table has room for? By
 * the slot that has the queue.
 */
bool columns_are_full(const struct columns *columns, const struct job *job, size_t count);

/*
 * Makes the columns of a job whose items are complete, `count` of them; 0: it comes from outside,
 * or its columns were made before. A job that has more than the records of a table gets a problem,
 * and the first one settles how many these are: as many as it has, or as -n and the names of
 * --header tell, where that is more. Without a `count` it is safe from any thread, else the slot
 * calls it that has the queue.
 */
void columns_make(struct columns *columns, struct job *job, size_t count);

#endif
