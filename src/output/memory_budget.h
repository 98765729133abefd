/*
 * memory_budget: the bytes of memory that all spools share, and large pieces that they reuse.
 *
 * The kernel clears a new piece, which takes as long as to fill it. So a few large pieces go from
 * one spool to the next without being freed.
 */
#ifndef PEXEC_OUTPUT_MEMORY_BUDGET_H
#define PEXEC_OUTPUT_MEMORY_BUDGET_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/lock.h"

/* The most large pieces that are kept for reuse. */
enum { BUDGET_SPARES = 8 };

struct memory_budget {
	atomic_size_t left;    /* bytes that may still be taken, without those of spares */
	atomic_bool file_left; /* a file that a spool had instead could not be removed */

	struct lock lock; /* guards spare_count and spares */
	size_t spare_count;
	void *spares[BUDGET_SPARES]; /* large pieces that no spool uses */
};

/* Begins a budget of `bytes`. */
void budget_init(struct memory_budget *budget, size_t bytes);

/* Frees the budget, when the spools have given back all that they took. */
void budget_free(struct memory_budget *budget);

/* Takes `bytes` from the budget; frees spares for it. Returns false when too few are left. */
bool budget_take(struct memory_budget *budget, size_t bytes);

/* Gives `bytes` back. */
void budget_give(struct memory_budget *budget, size_t bytes);

/*
 * Takes SYSTEM_LARGE bytes from the budget, and returns memory of that size: a spare, or a new
 * piece. Returns NULL when too few bytes are left or the system has no memory.
 */
void *budget_take_large(struct memory_budget *budget);

/* Gives a large piece back, which becomes a spare or is freed. */
void budget_give_large(struct memory_budget *budget, void *piece);

/* Frees the spares, when no spool will need one soon. */
void budget_rest(struct memory_budget *budget);

#endif
