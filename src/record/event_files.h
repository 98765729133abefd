/*
 * event_files: files, FIFOs and descriptors that get what happens in the run (--events, --report).
 *
 * Each has a thread of its own that writes to it, so that nothing else waits for its reader; a
 * reader that is slow holds up the run once as much is kept for it as may be. An event is in a file
 * whole or not at all. When it cannot be written that is said, and the run goes on without.
 */
#ifndef PEXEC_RECORD_EVENT_FILES_H
#define PEXEC_RECORD_EVENT_FILES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "record/events.h"

struct event_options {
	const char *stream; /* --events; NULL: there is none */
	const char *report; /* --report; NULL: there is none */
};

enum { MOST_EVENT_FILES = 2 };
struct event_file;
struct event_files {
	struct event_file *at[MOST_EVENT_FILES];
	size_t count;
};

/* Does the name of --events stand for a descriptor: - for stdout, or &N? */
bool event_files_is_descriptor(const char *name);

/* Is there a kind of report for this name? Its ending tells which. */
bool event_files_have_report(const char *name);

/*
 * Opens the files, and leaves what is in them. Where the run `goes_on` with an earlier one, events
 * are added to those of that. Waits a while for the reader of a FIFO. Exits with status 1 and a
 * message on failure.
 */
void event_files_open(struct event_files *files, const struct event_options *options, bool goes_on);

/*
 * The run begins: what is in the files is dropped, or where events are added, what a crash has torn
 * of the last one. From now on they are written. Exits with status 1 and a message on failure.
 */
void event_files_begin(struct event_files *files, struct events *events);

/*
 * The run is over, and all was told: gives what can be written at once `patience_ms` in all, before
 * signals may end pexec. event_files_end waits for the rest.
 */
void event_files_settle(struct event_files *files, int64_t patience_ms);

/*
 * The run is over, and all was told: waits until it is written, `patience_ms` for each file at most
 * (INT64_MAX: however long that takes). Returns whether the files have all that they should have;
 * if not, that has been said.
 */
bool event_files_end(struct event_files *files, int64_t patience_ms);

#endif
