/*
 * input_stream: values as they arrive: from standard input and files, one after the other, or from
 * one file or FIFO that grows (--follow).
 */
#ifndef PEXEC_QUEUE_INPUT_STREAM_H
#define PEXEC_QUEUE_INPUT_STREAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/reader.h"
#include "queue/item.h"
#include "queue/queue_options.h"
#include "queue/quoted_items.h"
#include "record/journal.h"

struct follow;

struct input_stream {
	const struct queue_options *options;
	int standard_input;         /* descriptor 0 as it was at first: jobs get another one */
	off_t first_byte;           /* where it was then; -1: it is no file */
	size_t file;                /* the index of the next file to open */
	struct reader reader;       /* of the file that is read now */
	struct quoted_items quoted; /* what splits its bytes, where no delimiter alone does */
	struct follow *follow;      /* of a regular file: its records; NULL: there is none */
	bool header_due;            /* the file's first line is still to be taken off */
	bool last_seen;             /* the item that -E names was read */
	size_t limit;               /* bytes of a record that are kept */
	int interrupt_fd;           /* ends a wait; -1 until the run begins */
};

/*
 * Checks and opens what `options` names. Records of more than `limit` bytes are not kept whole.
 * With --header the first line is read, and the names that it has are added to `names`. Exits with
 * status 1 and a message when a file cannot be read.
 */
void input_stream_open(struct input_stream *stream, const struct queue_options *options,
    size_t limit, int interrupt_fd, struct strlist *names);

/* The run begins: from now on a wait ends when `interrupt_fd` is readable. */
void input_stream_begin(struct input_stream *stream, int interrupt_fd);

/* The next value: valid until the next call. A failure has been said. */
enum source_status input_stream_next(struct input_stream *stream, struct record *record);

/*
 * Begins again with the first value, where that can be: not where some of it came from a pipe, or
 * grows. Returns false, too, when standard input cannot be set back.
 */
bool input_stream_begin_again(struct input_stream *stream);
bool input_stream_can_begin_again(const struct input_stream *stream);

/* May another value follow? False only when it is certain that none does; never waits. */
bool input_stream_more(struct input_stream *stream);

/* --follow: is a value at hand? Never waits. */
bool input_stream_ready(struct input_stream *stream);

/* --follow: see source_begin and source_mark. */
uint64_t input_stream_go_on(struct input_stream *stream, const struct journal *journal);
bool input_stream_mark(struct input_stream *stream);

/*
 * --follow of a FIFO: names what was read of it and is no job when the run ends, as no other
 * process has it: `count` items that the queue has, the first of them `first`, and what follows.
 */
void input_stream_report_rest(struct input_stream *stream, const struct value *first, size_t count);

void input_stream_close(struct input_stream *stream);

#endif
