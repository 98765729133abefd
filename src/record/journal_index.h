/*
 * journal_index: what the journal says of each job of the queue, in 16 bits.
 *
 * Ten million jobs fit into 20 MB: two bits say what came of the job, and 14 are a hash of its
 * command, by which it is seen that the queue or the command is another one now. Not safe to change
 * while another thread asks.
 */
#ifndef PEXEC_RECORD_JOURNAL_INDEX_H
#define PEXEC_RECORD_JOURNAL_INDEX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "record/job_record.h"

/*
 * Chunks of 65536 jobs: a number far off, in a damaged line, takes memory for one chunk only. There
 * are as many as the queue can have numbers; the table of them takes memory where it is used.
 */
enum { JOURNAL_CHUNK_BITS = 16, JOURNAL_CHUNKS = (JOB_ADDED >> JOURNAL_CHUNK_BITS) + 1 };

struct journal_index {
	uint64_t each;                    /* of so many jobs one is asked for; 0: each is */
	uint16_t *chunks[JOURNAL_CHUNKS]; /* by seq; NULL: no job of the chunk is known */
	uint64_t last_seq;                /* the highest one; 0: no job is known */
};

enum journal_outcome {
	JOURNAL_UNKNOWN, /* the journal does not have the job */
	JOURNAL_DONE,
	JOURNAL_FAILED
};

/*
 * Begins an index of zero bits. Of each `each` jobs in a row it has one alone, whichever that is;
 * 0: it has all. So a part of a queue takes memory for its own jobs only (shard.h).
 */
void journal_index_init(struct journal_index *index, uint64_t each);

/*
 * Takes in what came of job `seq`, from 1 to JOB_ADDED, in the place of what was known of it. The
 * command, of `length` bytes, is not kept. Returns false without memory.
 */
bool journal_index_add(struct journal_index *index, uint64_t seq, enum journal_outcome outcome,
    const char *command, size_t length);

/* What came of job `seq`; any number may be asked for. */
enum journal_outcome journal_index_outcome(const struct journal_index *index, uint64_t seq);

/*
 * Did job `seq` have this command, of `length` bytes? False is certain; of other commands one of
 * 16384 is taken for it.
 */
bool journal_index_has_command(
    const struct journal_index *index, uint64_t seq, const char *command, size_t length);

/* Gives the memory back; the index itself belongs to the caller. */
void journal_index_free(struct journal_index *index);

#endif
