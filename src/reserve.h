/*
 * reserve: the memory that all stores share: so many bytes of it, and of these large pieces that go
 * from one store to the next. The system clears a new piece, which takes as long as to fill it.
 */
#ifndef PEXEC_RESERVE_H
#define PEXEC_RESERVE_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>

/* Large pieces that may wait for their next use. */
enum { RESERVE_SPARES = 8 };

struct reserve {
	atomic_size_t left; /* bytes that may still be taken */

	pthread_mutex_t lock; /* for what follows */
	size_t spare_count;   /* large pieces that wait; they are not left, but can be given back */
	void *spares[RESERVE_SPARES];
};

void reserve_init(struct reserve *reserve, size_t bytes);

/* Nobody has anything of it any more. */
void reserve_free(struct reserve *reserve);

/* Takes so many bytes. Returns false when there are fewer left. */
bool reserve_take(struct reserve *reserve, size_t bytes);

/* Gives them back. */
void reserve_give(struct reserve *reserve, size_t bytes);

/* A piece of SYSTEM_LARGE bytes, which are taken with it; NULL when there is none to be had. */
void *reserve_take_large(struct reserve *reserve);

/* Gives it back, for the next one that needs it. */
void reserve_give_large(struct reserve *reserve, void *piece);

/* Nobody will need one soon: the system gets those that wait. */
void reserve_rest(struct reserve *reserve);

#endif
