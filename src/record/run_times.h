/*
 * run_times: how long commands ran, by the journal of an earlier run.
 *
 * The journal may be GNU parallel's or one of --joblog, and is only read. A command is known by its
 * text as the journal has it; what is kept of that is a hash of 64 bits. Not safe to read while
 * another thread asks.
 */
#ifndef PEXEC_RECORD_RUN_TIMES_H
#define PEXEC_RECORD_RUN_TIMES_H

#include <stdbool.h>
#include <stddef.h>

/* Of a command that the journal does not have. */
#define RUN_TIME_UNKNOWN (-1.0)

struct run_time;

struct run_times {
	struct run_time *all; /* by hash; of a command the one that counts is the last */
	size_t count, room;
};

/*
 * Reads a journal. Where `may_be_missing`, there may be none. The last line may be torn, as a run
 * leaves it that was killed, and is left out then. Exits with status 1 and a message when a line is
 * not one of a journal, when it cannot be read, or without memory.
 */
void run_times_read(struct run_times *times, const char *name, bool may_be_missing);

/*
 * How long this command ran, in seconds: the last time that it succeeded, or if it never did the
 * last time. RUN_TIME_UNKNOWN where the journal does not have it.
 */
double run_times_find(const struct run_times *times, const char *command, size_t length);

void run_times_free(struct run_times *times);

#endif
