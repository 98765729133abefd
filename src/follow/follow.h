/*
 * follow: records from a file that goes on growing, as tail -F reads it.
 *
 * The name may come to stand for another file: then the old one is read as long as a writer may
 * still have it open, and the new one beside it. A record is handed out when its delimiter is
 * there. What is left without one is a record once its file has been let go, or was truncated.
 *
 * With a journal it is kept which jobs come from where, so that a run that resumes goes on there.
 * Only follow_next waits. For one thread at a time: the slot that has the queue.
 */
#ifndef PEXEC_FOLLOW_FOLLOW_H
#define PEXEC_FOLLOW_FOLLOW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/reader.h"
#include "follow/follow_options.h"
#include "record/journal.h"

struct follow;

/*
 * So many files are open at the same time; beyond that the oldest is let go, even where a writer
 * has it open. Two more descriptors tell of changes, one is for the state; a file that is looked
 * at, and the directory that it is looked for in, take one for a moment.
 */
enum { FOLLOW_FILES = 64, FOLLOW_DESCRIPTORS = FOLLOW_FILES + 5 };

/*
 * Prepares to follow the file that `options` names, which need not exist yet, or standard input,
 * which is then the descriptor `standard_input`. `limit` bytes of a record are kept; a byte in
 * `interrupt_fd` ends a wait. Exits with status 1 and a message on failure.
 */
struct follow *follow_open(
    const struct follow_options *options, int standard_input, size_t limit, int interrupt_fd);

/*
 * Begins at the start of the file, or with a journal to resume by where that says. `journal` is
 * NULL when no earlier run is resumed. Returns how many jobs come before the next record. Exits
 * with status 1 and a message when it cannot be known where that is.
 */
uint64_t follow_begin(struct follow *follow, const struct journal *journal);

/*
 * The next record; waits for it. Returns READER_RECORD; READER_INTERRUPTED, where a call goes on;
 * READER_FAILED, when the reason has been said.
 */
enum reader_status follow_next(struct follow *follow, struct record *record);

/* Is a record at hand? Does not wait. */
bool follow_ready(struct follow *follow);

/*
 * The record that was handed out last completes the next job. Returns false when that cannot be
 * kept; the reason has been said.
 */
bool follow_mark(struct follow *follow);

/* Closes all files and frees the reader. */
void follow_close(struct follow *follow);

#endif
