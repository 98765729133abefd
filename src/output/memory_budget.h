/*
 * reserve: the memory that all stores share: so many bytes of it, and of these large pieces that go
 * from one store to the next. The system clears a new piece, which takes as long as to fill it.
 */
#ifndef PEXEC_OUTPUT_MEMORY_BUDGET_H
#define PEXEC_OUTPUT_MEMORY_BUDGET_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/lock.h"

/* Large pieces that may wait for their next use. */
enum { BUDGET_SPARES = 8 };

struct memory_budget {
	atomic_size_t left; /* bytes that may still be taken */

	struct lock lock;   /* for what follows */
	size_t spare_count; /* large pieces that wait; they are not left, but can be given back */
	void *spares[BUDGET_SPARES];
};

void budget_init(struct memory_budget *budget, size_t bytes);

/* Nobody has anything of it any more. */
void budget_free(struct memory_budget *budget);

/* Takes so many bytes. Returns false when there are fewer left. */
bool budget_take(struct memory_budget *budget, size_t bytes);

/* Gives them back. */
void budget_give(struct memory_budget *budget, size_t bytes);

/* A piece of SYSTEM_LARGE bytes, which are taken with it; NULL when there is none to be had. */
void *budget_take_large(struct memory_budget *budget);

/* Gives it back, for the next one that needs it. */
void budget_give_large(struct memory_budget *budget, void *piece);

/* Nobody will need one soon: the system gets those that wait. */
void budget_rest(struct memory_budget *budget);

#endif
