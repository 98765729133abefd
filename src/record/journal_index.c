#include "record/journal_index.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

/* An entry: the outcome above the hash of the command. An entry of zero bits is JOURNAL_UNKNOWN. */
enum { HASH_BITS = 14, HASH_MASK = (1 << HASH_BITS) - 1 };
enum { CHUNK_JOBS = 1 << JOURNAL_CHUNK_BITS };

/* Takes eight bytes at a time: the multiplication by the golden ratio spreads them. */
static unsigned hash_command(const char *bytes, size_t length)
{
	uint64_t value = length;

	for (size_t part; length > 0; bytes += part, length -= part) {
		uint64_t word = 0;
		part = length < sizeof word ? length : sizeof word;
		memcpy(&word, bytes, part);
		value ^= value >> 32;
		value = (value ^ word) * 0x9e3779b97f4a7c15U;
	}
	return (unsigned)(value >> (64 - HASH_BITS)); /* the upper bits depend on all the lower */
}

void journal_index_init(struct journal_index *index, uint64_t each)
{
	index->each = each;
}

/* The place of a job in the index. */
static uint64_t place_of(const struct journal_index *index, uint64_t seq)
{
	return index->each > 1 ? seq / index->each : seq;
}

static unsigned entry_of(const struct journal_index *index, uint64_t seq)
{
	uint64_t place = place_of(index, seq);

	if (seq > index->last_seq || !index->chunks[place >> JOURNAL_CHUNK_BITS])
		return JOURNAL_UNKNOWN;
	return index->chunks[place >> JOURNAL_CHUNK_BITS][place % CHUNK_JOBS];
}

bool journal_index_add(struct journal_index *index, uint64_t seq, enum journal_outcome outcome,
    const char *command, size_t length)
{
	assert(seq >= 1 && seq <= JOB_ADDED);
	uint64_t place = place_of(index, seq);
	uint16_t **chunk = &index->chunks[place >> JOURNAL_CHUNK_BITS];

	if (!*chunk && !(*chunk = calloc(CHUNK_JOBS, sizeof **chunk)))
		return false;
	(*chunk)[place % CHUNK_JOBS] =
	    (uint16_t)((unsigned)outcome << HASH_BITS | hash_command(command, length));
	if (seq > index->last_seq)
		index->last_seq = seq;
	return true;
}

enum journal_outcome journal_index_outcome(const struct journal_index *index, uint64_t seq)
{
	return (enum journal_outcome)(entry_of(index, seq) >> HASH_BITS);
}

bool journal_index_has_command(
    const struct journal_index *index, uint64_t seq, const char *command, size_t length)
{
	return (entry_of(index, seq) & HASH_MASK) == hash_command(command, length);
}

void journal_index_free(struct journal_index *index)
{
	for (size_t i = 0; i <= index->last_seq >> JOURNAL_CHUNK_BITS; i++)
		free(index->chunks[i]);
}
