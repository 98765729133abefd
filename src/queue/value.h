/*
 * value: a record of a file -> a value: cut at a NUL, trimmed (--trim), left out when it is empty
 * (-r), or the end of the queue (-E).
 */
#ifndef PEXEC_QUEUE_VALUE_H
#define PEXEC_QUEUE_VALUE_H

#include "base/reader.h"
#include "queue/item.h"
#include "queue/queue_options.h"

enum value_kind {
	VALUE_ITEM,
	VALUE_LEFT_OUT, /* it is empty, and such are no items */
	VALUE_LAST      /* it is the one that -E names: neither it nor what follows is an item */
};

/*
 * Begins to read records from `fd`, as reader_open does: in the form that `options` give them. A
 * byte-order mark before CSV or a header is no part of the first field.
 */
void value_open(const struct queue_options *options, struct reader *reader, int fd,
    int interrupt_fd, size_t limit);

/* Judges a record, and narrows it down to the value. */
enum value_kind value_judge(const struct queue_options *options, struct record *record);

/*
 * Reads the next record that is a value. Returns SOURCE_ITEM, or SOURCE_END, with `*last` set where
 * -E has ended it, SOURCE_INTERRUPTED, or SOURCE_FAILED with errno, which has not been said.
 */
enum source_status value_read(
    const struct queue_options *options, struct reader *reader, struct record *record, bool *last);

/* What a reader says, in the words of a source. */
enum source_status value_status(enum reader_status status);

#endif
