#include "output/memory_budget.h"

#include "base/system_memory.h"

void budget_init(struct memory_budget *budget, size_t bytes)
{
	*budget = (struct memory_budget){.left = bytes};
	lock_init(&budget->lock, LOCK_MEMORY);
}

void budget_free(struct memory_budget *budget)
{
	budget_rest(budget);
	lock_destroy(&budget->lock);
}

/* Takes bytes from `left`. Returns false when there are too few. */
static bool take_left(struct memory_budget *budget, size_t bytes)
{
	size_t left = atomic_load(&budget->left);

	do {
		if (left < bytes)
			return false;
	} while (!atomic_compare_exchange_weak(&budget->left, &left, left - bytes));
	return true;
}

/* Returns a spare, whose bytes stay taken; NULL when there is none. */
static void *pop_spare(struct memory_budget *budget)
{
	void *piece = NULL;

	lock_take(&budget->lock);
	if (budget->spare_count > 0)
		piece = budget->spares[--budget->spare_count];
	lock_release(&budget->lock);
	return piece;
}

static void free_large(struct memory_budget *budget, void *piece)
{
	system_large_free(piece);
	budget_give(budget, SYSTEM_LARGE);
}

/* Frees one spare. Returns false when there is none. */
static bool drop_spare(struct memory_budget *budget)
{
	void *piece = pop_spare(budget);

	if (piece)
		free_large(budget, piece);
	return piece != NULL;
}

bool budget_take(struct memory_budget *budget, size_t bytes)
{
	while (!take_left(budget, bytes))
		if (!drop_spare(budget))
			return false;
	return true;
}

void budget_give(struct memory_budget *budget, size_t bytes)
{
	atomic_fetch_add(&budget->left, bytes);
}

void *budget_take_large(struct memory_budget *budget)
{
	void *piece = pop_spare(budget);

	if (!piece && take_left(budget, SYSTEM_LARGE) && !(piece = system_large_memory()))
		budget_give(budget, SYSTEM_LARGE);
	return piece;
}

void budget_give_large(struct memory_budget *budget, void *piece)
{
	lock_take(&budget->lock);
	bool is_spare = budget->spare_count < BUDGET_SPARES;
	if (is_spare)
		budget->spares[budget->spare_count++] = piece;
	lock_release(&budget->lock);
	if (!is_spare)
		free_large(budget, piece);
}

void budget_rest(struct memory_budget *budget)
{
	while (drop_spare(budget))
		;
}
