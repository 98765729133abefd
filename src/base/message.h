/*
 * say: pexec's own messages while jobs run, and the right to write that they share with the output
 * of the jobs: a message is one line, and never stands within what a job prints.
 *
 * There is one standard output and one standard error, so there is one such right, for the whole
 * process. The main thread has signals to look after, and others have somebody to answer: they
 * never wait, and where nobody takes what is written to stderr their messages are dropped.
 */
#ifndef PEXEC_BASE_MESSAGE_H
#define PEXEC_BASE_MESSAGE_H

#include <stdbool.h>

/* Call it in the main thread, before there are others. */
void message_init(void);

/* From now on messages of the calling thread are dropped where they would have to wait. */
void message_never_wait(void);

/* Takes the right to write to our stdout and stderr, and gives it back. */
void console_take(void);
void console_release(void);

/* The same for the main thread, which does not wait for longer than a second. Returns whether it
 * has the right now. */
bool console_take_soon(void);

/* Is somebody writing? */
bool console_is_taken(void);

/* "pexec: MESSAGE", with a newline, to stderr. */
void message(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* "pexec: MESSAGE: the reason in errno". */
void message_errno(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
