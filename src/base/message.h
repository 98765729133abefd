/*
 * message: what pexec itself says while jobs run: "pexec: MESSAGE" and a newline, to stderr. Where
 * that has colours (base/terminal.h), "pexec:" is bold.
 *
 * By way of the console: see there when it is written, and by which thread. At the start and at the
 * end, when there are no jobs, err(3) and warn(3) do as well.
 */
#ifndef PEXEC_BASE_MESSAGE_H
#define PEXEC_BASE_MESSAGE_H

/* A message of more than some 3,000 bytes is cut. */
void message(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* As message, with the reason in errno behind it. */
void message_errno(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
