/*
 * item_count: how many items there are in files, counted ahead of the slots that read them.
 *
 * A thread of its own counts delimiters while the first jobs run. It reads by offsets, so that
 * whoever reads the same descriptor sees nothing of it. Only regular files can be counted, and only
 * where the delimiter alone tells what an item is.
 */
#ifndef PEXEC_QUEUE_ITEM_COUNT_H
#define PEXEC_QUEUE_ITEM_COUNT_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "queue/queue_options.h"

struct item_count {
	const struct queue_options *options; /* NULL: nothing is counted */
	int standard_input;                  /* as it was at first */
	off_t begin;                         /* of what is counted of that */
	bool has_thread;
	pthread_t thread;
	atomic_bool stops;
	_Atomic int64_t items; /* -1: that is not known, or not yet */
};

/* Prepares to count, before anything is read. Nothing is counted where that would not be right. */
void item_count_open(struct item_count *count, const struct queue_options *options);

/* Begins to count. Without room for a thread nothing is counted. */
void item_count_begin(struct item_count *count);

/* How many items there are in all files; -1: that is not known, or not yet. Safe from any thread.
 */
int64_t item_count_get(const struct item_count *count);

/* Ends the thread, wherever it is. */
void item_count_close(struct item_count *count);

#endif
