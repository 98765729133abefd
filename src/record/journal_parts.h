/*
 * journal_parts: the journals of the other runs that have parts of the same queue (--shard).
 *
 * They are read only: each belongs to a run that may be writing it at this moment. What it writes
 * is of jobs that no other run has; so what is missed of that changes nothing.
 */
#ifndef PEXEC_RECORD_JOURNAL_PARTS_H
#define PEXEC_RECORD_JOURNAL_PARTS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/stat.h>

#include "record/journal_reader.h"

struct journal_parts {
	const char *name; /* that all of them fit (shard_name.h); NULL: there are none */
	dev_t device;     /* of our own journal, and its inode: that is left out */
	ino_t inode;
};

/* Sets what they are known by; `own` is a descriptor of our own journal. Returns 0, or -1 with
 * errno. */
int journal_parts_open(struct journal_parts *parts, const char *name, int own);

/*
 * Hands all lines of those that are there now to `use`, as journal_reader_lines. Returns false when
 * one, or the folder, cannot be read: that has been said.
 */
bool journal_parts_read(const struct journal_parts *parts, journal_use *use, void *context);

/* The same for the journal of part `part` alone, where it is there. */
bool journal_parts_read_one(
    const struct journal_parts *parts, uint64_t part, journal_use *use, void *context);

#endif
