/*
 * system_signals: waiting for signals without handlers, and their names.
 *
 * Every signal is blocked in all threads, and the main thread takes them one by one with
 * sigtimedwait(2). Before that it waits until there is one to take, or until something else has
 * happened that no signal tells of: that the reader of our output has gone.
 */
#ifndef PEXEC_BASE_SYSTEM_SIGNALS_H
#define PEXEC_BASE_SYSTEM_SIGNALS_H

#include <signal.h>
#include <stdbool.h>
#include <time.h>

/*
 * Returns what tells of signals: with HAVE_SIGNALFD a descriptor, and without one the process
 * cannot go on: exits with 1 and a message. Elsewhere -1.
 */
int system_watch_signals(const sigset_t *signals);

/*
 * Waits until one of `signals`, all of them blocked, is pending for the calling thread, and leaves
 * it pending; or until `timeout` has gone by (NULL: there is none); or until the descriptor
 * `pipe` has no reader any more (-1: that is not asked), and then returns true. It may return
 * false early, for no reason.
 *
 * `watch` is what system_watch_signals has returned. Where that is no descriptor the signal is
 * taken and raised again, and the pipe is looked at four times a second.
 */
bool system_await_signal(
    int watch, const sigset_t *signals, const struct timespec *timeout, int pipe);

/* The name of a signal without SIG, as "TERM"; NULL when there is no such signal. */
const char *system_signal_name(int signal);

#endif
