/*
 * blocks: the input cut up into blocks of whole records (--pipe).
 *
 * A regular file is not read for that: a block is found by a look at the bytes where it may end,
 * and moved to its job by the slot that runs that, several at a time. What comes through a pipe is
 * moved into chunks, files without a name; a chunk that is one block is handed over as it is.
 */
#ifndef PEXEC_QUEUE_BLOCKS_H
#define PEXEC_QUEUE_BLOCKS_H

#include <stdbool.h>
#include <sys/types.h>

#include "base/reader.h"
#include "queue/block.h"
#include "queue/block_header.h"
#include "queue/item.h"
#include "queue/piece.h"
#include "queue/queue_options.h"

struct blocks {
	struct piece_rules rules;
	int standard_input;           /* as of input_stream */
	size_t next;                  /* the index of the next file to open */
	int input;                    /* a pipe that is read now; -1: none */
	struct block_header *headers; /* of all inputs so far */
	struct piece piece;
	struct block block;   /* the one that was cut last, and not taken */
	off_t passed;         /* of the input, what was in files that are done with */
	struct strlist place; /* the name of the block */
};

/* Makes ready to cut up what `options` names: files that have been checked. */
void blocks_open(struct blocks *blocks, const struct queue_options *options, int standard_input,
    int interrupt_fd);

/* Cuts the next block: its name is the record. A failure has been said. */
enum source_status blocks_next(struct blocks *blocks, struct record *record);

/* Hands over the block that was cut last. */
void blocks_take(struct blocks *blocks, struct block *block);

/* May another block follow? False only when it is certain that none does; never waits. */
bool blocks_more(const struct blocks *blocks);

/* Begins again with the first block; standard input has been set back. */
void blocks_begin_again(struct blocks *blocks);

void blocks_close(struct blocks *blocks);

#endif
