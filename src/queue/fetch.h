/*
 * fetch: the commands that give items: --source, whose output is a whole queue, round after round;
 * and --next, whose output is one item.
 *
 * This module starts them, waits for their end, judges it, and knows when the next one is due. What
 * they print is read by whoever makes items of it. There is one command at a time; it belongs to
 * the thread that has the queue, and any other may signal it.
 */
#ifndef PEXEC_QUEUE_FETCH_H
#define PEXEC_QUEUE_FETCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/strlist.h"
#include "process/caller_state.h"
#include "process/process.h"
#include "queue/queue_options.h"

struct fetch;

/*
 * Prepares for the command that `options` names; NULL when it names none. A wait ends when
 * `interrupt_fd` becomes readable. Exits with status 1 and a message without memory.
 */
struct fetch *fetch_open(const struct queue_options *options, int interrupt_fd);

/* What its processes need: an entry in memory that a fork shares, and what they inherit. */
void fetch_set_process(
    struct fetch *fetch, volatile struct shared_process *shared, const struct caller_state *caller);

/*
 * When fetch_start may be called, in ms of clock_ms(); `jobs_over` tells whether all jobs that came
 * from it are. INT64_MAX: not before they are.
 */
int64_t fetch_due(const struct fetch *fetch, bool jobs_over);

/*
 * Starts the command. Returns the read end of a pipe with its output, which the caller owns; -1
 * when there will be none: this round has failed, and that has been said, or there are no more.
 */
int fetch_start(struct fetch *fetch);

/* Is there a command that has been started, and not judged yet? */
bool fetch_is_running(const struct fetch *fetch);

/* Waits until the command has ended. Returns false when it is interrupted; call it again then. */
bool fetch_wait(struct fetch *fetch);

/*
 * Ends the command, whose output nobody wants any more, after `patience` ms, in which it may end by
 * itself. Then it has the grace time, like a job, and is killed. How it ends does not matter.
 */
void fetch_stop(struct fetch *fetch, int64_t patience);

/*
 * Judges a command that has ended and printed so many items; of --next the first two are `printed`.
 * Says what was wrong, and sets the time for the next one. Returns whether --next has given an
 * item.
 */
bool fetch_judge(struct fetch *fetch, const struct strlist *printed, size_t items);

/* Was this the last round? `failed` is set when it was in vain. */
bool fetch_is_over(const struct fetch *fetch, bool *failed);

/* Signals the command that runs, if one does. Safe from any thread, as is what follows. */
void fetch_signal(struct fetch *fetch, int signal);

/* Is this the process of the command? `until_ms`: see process_is. */
bool fetch_is_process(struct fetch *fetch, pid_t pid, int64_t until_ms);

/* The option that names the command, for messages. */
const char *fetch_option(const struct fetch *fetch);

/* Gives everything back; a command that is still there is killed. */
void fetch_free(struct fetch *fetch);

#endif
