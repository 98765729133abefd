/*
 * fetch: the command that gives items: --source, whose output is a whole queue, round after round;
 * or --next, whose output is the next items.
 *
 * This module starts the command, waits for its end, judges it, and knows when the next one is due.
 * Its caller reads what it prints (fetched_items). At most one command runs at a time. It belongs
 * to the slot that has the queue; any thread may signal it.
 *
 * A round of --source is one command. A round of --next is a command that gives no item, or fails:
 * a command that gives some is followed by another as soon as one is wanted.
 */
#ifndef PEXEC_QUEUE_FETCH_H
#define PEXEC_QUEUE_FETCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/escape.h"
#include "base/reader.h"
#include "process/caller_state.h"
#include "process/process.h"
#include "queue/queue_options.h"

struct fetch;

/*
 * Prepares for the command that `options` name. fetch_wait ends when `interrupt_fd` is readable.
 * Returns NULL when there is no command; exits with status 1 and a message without memory.
 */
struct fetch *fetch_open(const struct queue_options *options, int interrupt_fd);

/*
 * Sets what the command's processes need before the first fetch_start: an entry in memory that a
 * fork shares, the list of orphans, and the state of pexec's caller that they inherit. Exits with
 * status 1 and a message without memory.
 */
void fetch_set_process(struct fetch *fetch, volatile struct shared_process *shared,
    struct orphan_list *orphans, const struct caller_state *caller);

/*
 * When fetch_start is due, in ms of clock_ms(). `jobs_over`: all jobs of earlier commands are over.
 * --source waits for that, and so does the call after the last round, which only ends the run: it
 * is INT64_MAX before.
 */
int64_t fetch_due(const struct fetch *fetch, bool jobs_over);

/*
 * Starts the command; --next is told how many items are `wanted`. Returns the read end of a pipe
 * with its output, which the caller closes. -1: the rounds are over, or the command could not be
 * started, which was reported and ends the round.
 */
int fetch_start(struct fetch *fetch, unsigned long long wanted);

/* Was a command started that fetch_judge has not judged yet? */
bool fetch_is_running(const struct fetch *fetch);

/* Waits until the command has ended. Returns false when interrupted: the caller may call again. */
bool fetch_wait(struct fetch *fetch);

/*
 * Waits until the command has ended (FETCH_ENDED), something can be read at `fd` (-1: that does not
 * matter), or it is `deadline_ms` of clock_ms(). Cannot be interrupted.
 */
enum fetch_event { FETCH_ENDED, FETCH_READABLE, FETCH_DEADLINE };
enum fetch_event fetch_await(struct fetch *fetch, int64_t deadline_ms, int fd);

/* Sends SIGTERM to the command, unless it has been signalled together with the jobs. */
void fetch_tell(struct fetch *fetch);

/* Takes in how the command has ended, or `kills` it before. fetch_judge ignores that if what it has
 * printed is enough. */
void fetch_end(struct fetch *fetch, bool kills);

/*
 * Ends a command whose further output is not needed. It has `patience_ms` to end by itself; then it
 * gets SIGTERM, and after the grace time of jobs SIGKILL. fetch_judge ignores how it has ended.
 */
void fetch_stop(struct fetch *fetch, int64_t patience_ms);

/*
 * Judges a command that has ended and printed `items` items, for --next the first of them `first`.
 * Reports what was wrong, and sets when the next command is due. `is_enough`: all that counts has
 * been printed, however the command has ended since. Returns whether --next has given items.
 */
bool fetch_judge(struct fetch *fetch, const struct record *first, size_t items, bool is_enough);

/*
 * Writes to `text` how a message names `items` items, at least one, that are not run: by the first
 * of them. Returns `text`.
 */
enum { FETCH_LOST = ESCAPED + 32 };
const char *fetch_name_lost(char text[FETCH_LOST], const struct record *first, size_t items);

/* Did items of --next go lost as its command, ended together with the run, has failed? */
bool fetch_has_lost(const struct fetch *fetch);

/* Was this the last round? Sets `failed` to whether it failed. */
bool fetch_is_over(const struct fetch *fetch, bool *failed);

/* Signals the command if it is running. Safe from any thread. */
void fetch_signal(struct fetch *fetch, int signal);

/*
 * Is `pid` the process of the command, running or not yet reaped? Safe from any thread, but the
 * answer may be no while the command is being started.
 */
bool fetch_is_process(const struct fetch *fetch, pid_t pid);

/* The name of the option, --source or --next, for messages. Safe from any thread. */
const char *fetch_option(const struct fetch *fetch);

/* Kills a command that is still running, and frees `fetch`. Does nothing for NULL. */
void fetch_free(struct fetch *fetch);

#endif
