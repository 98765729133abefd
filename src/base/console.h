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
 * There is one standard output and one standard error, so all of this is one for the process.
 */
#ifndef PEXEC_BASE_CONSOLE_H
#define PEXEC_BASE_CONSOLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

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

/* What the bytes that were written last have left behind. */
enum console_line {
	LINE_OVER,       /* the beginning of a line */
	LINE_UNFINISHED, /* a part of a line, of which more will come */
	LINE_LEFT /* a part of a line, of which nothing more comes: a message begins a new one */
};

/* For the thread that has it: what was written last to `fd` (1 or 2). */
void console_set_line(int fd, enum console_line line);

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

#endif
