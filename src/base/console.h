/*
 * console: our standard output and standard error, and the one right to write to them.
 *
 * A thread that writes what a job has printed takes the console and releases it again. Messages of
 * pexec wait for two things: that no other thread has the console, and that no line of a job stands
 * unfinished where they would go. Then the thread that sees it writes them: the one that has the
 * message, the one that releases the console, or the supervisor when its timer is due. So a message
 * is one whole line, never within a line of a job's output, and it is not lost.
 *
 * The supervisor and the thread of --ctl never wait for a reader: their messages are left for
 * another thread. A slot may wait, and does when too many messages are left.
 *
 * The terminal may have a foot (base/foot.h): a line that shows how far the run is. Whatever is
 * written by console_write takes it away and puts it back behind, in the same write, so that it
 * never mixes with anything.
 *
 * There is one standard output and one standard error, so all of this is one for the process.
 */
#ifndef PEXEC_BASE_CONSOLE_H
#define PEXEC_BASE_CONSOLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/foot.h"

struct timer;

/* Call it in the main thread before there are others. That thread never waits for a reader. */
void console_init(void);

/* `timer` is set when messages have to be tried again: console_retry is called then. */
void console_set_timer(struct timer *timer);

/* From now on the calling thread never waits for a reader. */
void console_never_wait(void);

/* Our outputs are other files than before: are both the same one now? */
void console_streams_changed(void);

/* Takes the right to write; waits for it. The thread holds no lock, and does not have it yet. */
void console_take(void);

/* As console_take, until `until_ms` of clock_ms() at most. Returns whether the thread has it. */
bool console_take_until(int64_t until_ms);

/* Writes the messages that have waited, if they can be written now, and gives the right back. */
void console_release(void);

/* Does some thread have it? */
bool console_is_taken(void);

/*
 * Writes bytes to `fd` (1 or 2) as io_write does, for the thread that has it. What is written in
 * another way needs console_make_way before.
 */
int console_write(int fd, const char *bytes, size_t length);

/* The thread that has it is about to write whole lines to `fd` by itself. */
void console_make_way(int fd);

/* Does a foot stand where bytes that are written to `fd` go? Then only console_write may do it. */
bool console_has_foot(int fd);

/* What the bytes that were written last have left behind. */
enum console_line {
	LINE_OVER,       /* the beginning of a line */
	LINE_UNFINISHED, /* a part of a line, of which more will come */
	LINE_LEFT /* a part of a line, of which nothing more comes: a message begins a new one */
};

/* For the thread that has it: what was written last to `fd` (1 or 2). */
void console_set_line(int fd, enum console_line line);

/* For the thread that has it: would what is written to `fd` now stand behind a part of a line? */
bool console_is_in_line(int fd);

/* Do messages wait until the line that is unfinished at `fd` is over? */
bool console_waits_for_line(int fd);

/* Writes the messages that have waited, if they can be written now, and keeps the right. */
void console_yield(void);

/*
 * Writes a message, a whole line, to stderr as soon as that can be. A failure could be told
 * nowhere. The thread holds no lock.
 */
void console_say(const char *line, size_t length);

/* The time of the timer has come: messages that were left are tried again. */
void console_retry(void);

/*
 * The run is over: writes the messages that have waited, whatever stands before them, as far as the
 * reader takes them within `patience_ms` (INT64_MAX: however long that takes). Call it when no slot
 * is left, or when those that are left will not write any more.
 */
void console_finish(int64_t patience_ms);

/* --- the foot --- */

/* From now on the terminal that stderr is may have one. Call it before there are other threads. */
void console_begin_foot(enum foot_place place);

/*
 * Sets the line of the foot, of at most FOOT_TEXT bytes and the width of the terminal; `length` 0:
 * there is none for now. It is drawn as soon as that can be, without waiting for a reader.
 */
void console_set_foot(const char *text, size_t length);

/* Takes the foot away. Waits for the thread that writes, for `patience_ms` at most. */
void console_drop_foot(int64_t patience_ms);

/* For the guardian, when pexec has been killed: takes the foot away. */
void console_bury_foot(void);

#endif
