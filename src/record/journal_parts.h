/*
 * journal_parts: the journals of the other runs that have parts of the same queue (--shard).
 *
 * They are read only: each belongs to a run that may be writing it at this moment. What it writes
 * is of jobs that no other run has; so what is missed of that changes nothing.
 */
#ifndef PEXEC_RECORD_JOURNAL_PARTS_H
#define PEXEC_RECORD_JOURNAL_PARTS_H

#include <glob.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>

#include "record/journal_reader.h"

struct journal_parts {
	const char *name; /* that all of them fit */
	glob_t found;     /* and others, which are left out */
	dev_t device;     /* of our own journal, and its inode: that is left out */
	ino_t inode;
};

/*
 * Finds the journals of all parts, whose names fit `name` (shard_name.h); NULL: there are none. The
 * one that `own` is a descriptor of is left out. Returns 0, or -1 when a folder cannot be read:
 * that has been said.
 */
int journal_parts_find(struct journal_parts *parts, const char *name, int own);

/* Finds again what is there now; without memory, or where a folder cannot be read: nothing. */
void journal_parts_look_again(struct journal_parts *parts);

/*
 * Hands all lines of them to `use`, as journal_reader_lines. Returns false when one cannot be read:
 * that has been said.
 */
bool journal_parts_read(const struct journal_parts *parts, journal_use *use, void *context);

/* The same for the journal of part `part` alone, where it is there. */
bool journal_parts_read_one(
    const struct journal_parts *parts, uint64_t part, journal_use *use, void *context);

void journal_parts_free(struct journal_parts *parts);

#endif
