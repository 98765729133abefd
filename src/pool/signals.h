/*
 * signals: which signals pexec takes, and how the main thread waits for them.
 *
 * Every signal is blocked in all threads, and taken by the main thread with sigtimedwait(2): there
 * is no handler, so nothing happens between two instructions, and no system call of a slot is ever
 * interrupted.
 */
#ifndef PEXEC_POOL_SIGNALS_H
#define PEXEC_POOL_SIGNALS_H

#include <signal.h>
#include <stdbool.h>
#include <stdint.h>

#include "process/caller_state.h"

/*
 * Keeps the signals that change the number of slots until there are any; until then all others mean
 * what they mean to any program. Call it before the queue is opened, which may take long.
 */
void signals_hold(void);

/*
 * Blocks every signal that shall not simply stop or kill pexec, and takes over those that it was
 * started with ignored but has a use for. Call it before there is another thread.
 */
void signals_take(struct caller_state *caller);

/*
 * The run drains by `signal`, however it was; 0: by none. What sends it may send it to all
 * processes that it finds, as Slurm does: so jobs begin with it ignored, unless it is one that jobs
 * are ended by.
 */
void signals_drain_on(struct caller_state *caller, int signal);

/* What the main thread waits for. */
struct signal_watch {
	sigset_t signals; /* the blocked ones, without those that the user wants ignored (nohup) */
	int descriptor;   /* what tells of them; -1: nothing has to */
	int reader;       /* our stdout, whose reader may go away; -1: it has, or does not matter */
};

/* `reader`: the descriptor whose reader is watched; -1: none. Exits with status 1 and a message
 * when there is no descriptor for it. */
void signals_watch(struct signal_watch *watch, int reader);

/*
 * Waits for a signal, until `due_ms` of clock_ms() at most: then returns 0. SIGCHLD is left alone
 * unless `children` says so. Sets `reader_gone` when the reader has gone away.
 */
int signals_await(struct signal_watch *watch, int64_t due_ms, bool children, bool *reader_gone);

/* Does a SIGTERM or SIGINT wait that would end pexec? */
bool signals_want_end(void);

/* Nothing is left to look after: from now on SIGTERM and SIGINT end pexec at once. */
void signals_leave(void);

/* Stops pexec as SIGTSTP would. Returns when it goes on, or at once where a SIGCONT came behind. */
void signals_stop_here(void);

/* Ends pexec as an unhandled `signal` would; where that cannot be (as process 1), exits 128 +
 * signal. */
_Noreturn void signals_die(int signal);

#endif
