/*
 * system_companion: a process that lives beside pexec, in the same memory, and is told of its
 * death.
 *
 * It is what the guardian is made of. It has the memory and the descriptors of pexec (clone(2)), so
 * that starting it copies nothing and what pexec opens later is open in it too; but it is a process
 * of its own, which a signal to pexec does not reach. The kernel tells it when its parent has ended
 * (PR_SET_PDEATHSIG). Where the system has none of this (HAVE_COMPANION) it cannot be started.
 *
 * The companion must not touch errno, nor call anything of libc that pexec uses as well, until
 * pexec is dead: it runs on the same thread-local memory as the main thread.
 */
#ifndef PEXEC_BASE_SYSTEM_COMPANION_H
#define PEXEC_BASE_SYSTEM_COMPANION_H

#include <stdbool.h>
#include <sys/types.h>

/*
 * Starts a process that calls `program(context)` in our own memory and ends with what that returns.
 * Call it once, from the main thread (its end is what is told), with every signal blocked. Returns
 * its number, or -1 with errno as of fork(2); ENOSYS: the system has no companions.
 */
pid_t system_start_companion(int (*program)(void *context), void *context);

/*
 * In the companion: waits until `parent`, which started it, is dead. Returns false at once when
 * that will not be told.
 */
bool system_await_death_of(pid_t parent);

/*
 * In the companion, once pexec is dead: closes every descriptor that it shares with it, so that
 * locks are free and readers see the end.
 */
void system_close_all(void);

/* Waits for the end of the companion, and reaps it; wait(2) alone would not find it. */
void system_reap_companion(pid_t companion);

#endif
