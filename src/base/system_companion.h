/*
 * system_companion: a process that lives beside pexec and is told of its death; and children that
 * end with the thread that has started them.
 *
 * The first is what the guardian is made of. It has the descriptors of pexec (clone(2)), so that
 * what pexec opens later is open in it too; but it is a process of its own, with a copy of pexec's
 * memory. So it has a command line and an errno of its own, and goes on where the kernel kills
 * pexec for its memory. The kernel tells it when its parent has ended (PR_SET_PDEATHSIG).
 *
 * The second is for the case that pexec and the companion die together: the kernel kills a process
 * when the thread that has started it ends.
 *
 * Where the system has none of this (HAVE_COMPANION) the companion cannot be started, and children
 * do not end with their thread.
 */
#ifndef PEXEC_BASE_SYSTEM_COMPANION_H
#define PEXEC_BASE_SYSTEM_COMPANION_H

#include <stdbool.h>
#include <sys/types.h>

/*
 * Starts a process that calls `program(context)` in a copy of our memory and ends with what that
 * returns. Call it from the main thread (its end is what is told), with every signal blocked. Its
 * end sends us SIGURG, or SIGCHLD in instrumented builds. Returns its number, or -1 with errno as
 * of fork(2); ENOSYS: the system has no companions.
 */
pid_t system_start_companion(int (*program)(void *context), void *context);

/* Do companions share our descriptors? In instrumented builds they have copies: one that is started
 * while jobs are would hold the ends of their pipes. */
bool system_companions_share(void);

/*
 * In the companion: waits until `parent`, which started it, is dead, and heeds no signal from now
 * on. `name`: of the process, of at most 15 bytes. Returns false at once when the death will not be
 * told.
 */
bool system_await_death_of(pid_t parent, const char *name);

/* In the companion, once pexec is dead: what another companion opens and closes is its own now. */
void system_own_descriptors(void);

/*
 * In the companion, once pexec is dead: closes every descriptor that it shares with it, so that
 * locks are free and readers see the end.
 */
void system_close_all(void);

/* Has the companion ended? Then it is reaped; wait(2) alone would not find it. */
bool system_companion_has_ended(pid_t companion);

/* Waits for the end of the companion, and reaps it. */
void system_reap_companion(pid_t companion);

/*
 * In a child, before its exec: from now on it is killed when the thread that has started it ends.
 * When that has ended before, nothing comes: look at getppid(2) behind it. Async-signal-safe.
 */
void system_end_with_thread(void);

#endif
