/*
 * shared_semaphore: a number of units that all processes of a user share by a name, and that the
 * kernel takes back from those that end, however they end.
 *
 * It is a System V semaphore with SEM_UNDO: no file, no server, and nobody has to look again and
 * again. How many units there are is up to whoever takes one: a unit is free for a caller that
 * allows N when fewer than N are taken, whatever others allow. The semaphore is made by the first
 * who opens it, and removed by the last who gives a unit back.
 *
 * Units belong to the process: any of its threads may give back what another one took. A child does
 * not have those of its parent.
 */
#ifndef PEXEC_PACE_SHARED_SEMAPHORE_H
#define PEXEC_PACE_SHARED_SEMAPHORE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/* More units than this cannot be allowed: what a semaphore can count (SEMVMX of Linux), halved. */
enum { SEMAPHORE_MOST = 16383 };

struct shared_semaphore {
	key_t key;
	int check;     /* tells names apart that have the same key */
	unsigned most; /* the units that this process allows */
	int id;        /* that of the kernel; -1: not open */
};

/*
 * Opens, or makes, the semaphore of this user with that name, of which `most` units may be taken,
 * 1 to SEMAPHORE_MOST. Returns 0, or -1 with errno: EEXIST, another name has the same key; EACCES,
 * another user has made one with it; ENOSPC, the system has no more of them.
 */
int shared_semaphore_open(struct shared_semaphore *semaphore, const char *name, unsigned most);

/*
 * Takes a unit, and waits for it `timeout_ms` at most (-1: as long as it takes). Returns 0, or -1
 * with errno: EAGAIN, none was free in that time; EINTR, a signal has come.
 */
int shared_semaphore_take(struct shared_semaphore *semaphore, int64_t timeout_ms);

/* Gives a unit back; the semaphore is removed when that was the last one. */
void shared_semaphore_give(struct shared_semaphore *semaphore);

/* Removes the semaphore when no unit is taken: for who has opened it and may have taken none. */
void shared_semaphore_close(struct shared_semaphore *semaphore);

/* Waits until no unit is taken by anybody. Returns 0, or -1 with errno as above. */
int shared_semaphore_await_none(struct shared_semaphore *semaphore);

#endif
