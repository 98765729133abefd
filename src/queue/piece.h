/*
 * piece: bytes that are cut up into blocks, a regular file or a chunk of what came through a pipe,
 * and where the next block of them may end.
 */
#ifndef PEXEC_QUEUE_PIECE_H
#define PEXEC_QUEUE_PIECE_H

#include <stdbool.h>
#include <sys/types.h>

#include "base/io.h"
#include "queue/block.h"
#include "queue/block_ends.h"
#include "queue/block_header.h"
#include "queue/queue_options.h"

/* Records are looked for in so many bytes at a time. */
enum { PIECE_WINDOW = IO_BLOCK };

/* What is known of the block that begins at the place `at` of a piece. */
struct piece_search {
	off_t looked;             /* ends of records are to be looked for from here on */
	off_t seen;               /* and with what is up to here that has been done */
	off_t last;               /* the last end that was found, or `at` */
	unsigned long long found; /* so many records end up to there */
	off_t whole;              /* and up to here as many as are not parted; or `at` */
};

struct piece {
	struct block_file *file; /* NULL: there is none */
	off_t at;                /* of the first byte that is in no block */
	off_t end;               /* behind the last one that is there */
	off_t before;            /* of the input, what comes before it */
	struct piece_search search;
	bool has_header;                   /* what it begins with is yet to be looked for */
	const struct block_header *header; /* of its blocks; NULL: there is none */
	bool is_chunk;                     /* of a pipe */
	bool is_shared;                    /* a block is a part of it */
	bool is_spilled;                   /* it is more than is kept in memory */
	bool is_complete;                  /* nothing comes behind it */
};

/* How pieces are cut up. */
struct piece_rules {
	const struct queue_options *options;
	struct block_ends ends;
	int interrupt_fd; /* what takes long is broken off when this one is readable */
};

/* Nothing is known of the next block, which begins at piece->at. */
void piece_begin_search(struct piece *piece);

/* The bytes before `from` are gone, and it is the first one. */
void piece_shift(struct piece *piece, off_t from);

/* Reads bytes of it, and puts a NUL behind them. Returns how many, or -1 with errno. */
ssize_t piece_look(const struct piece *piece, char window[PIECE_WINDOW + 1], off_t from, off_t to);

/*
 * Where the next block ends; piece->at: that is not known yet. -1 with errno (EINTR: the run is to
 * be looked at; EIO: the file has become shorter).
 */
off_t piece_end_of_block(struct piece *piece, const struct piece_rules *rules);

#endif
