/* reserve: no more is taken than there is, and large pieces go from one to the next until they are
 * given up. */
#undef NDEBUG
#include <assert.h>
#include <stdlib.h>

static int from_system;

static void *count_memory(void)
{
	from_system++;
	return malloc(1);
}

static void count_free(void *memory)
{
	from_system--;
	free(memory);
}

#define system_large_memory count_memory
#define system_large_free   count_free
#include "../../src/output/memory_budget.c"

/* Room for so many pieces, and a rest that is none. */
enum { PIECES = BUDGET_SPARES + 2, REST = 1000 };

int main(void)
{
	struct memory_budget budget;
	void *pieces[PIECES];

	budget_init(&budget, (size_t)PIECES * SYSTEM_LARGE + REST);
	for (int i = 0; i < PIECES; i++)
		assert((pieces[i] = budget_take_large(&budget)));
	assert(from_system == PIECES && !budget_take_large(&budget));
	assert(budget_take(&budget, REST) && !budget_take(&budget, 1));

	/* So many wait, the others have gone to the system; the next one is one of those that wait.
	 */
	for (int i = 0; i < PIECES; i++)
		budget_give_large(&budget, pieces[i]);
	assert(from_system == BUDGET_SPARES);
	pieces[0] = budget_take_large(&budget);
	assert(pieces[0] && from_system == BUDGET_SPARES);
	budget_give_large(&budget, pieces[0]);

	/* They make room for small ones: no more of them than that takes. */
	assert(budget_take(&budget, (size_t)2 * SYSTEM_LARGE + 1));
	assert(from_system == BUDGET_SPARES - 1);
	budget_give(&budget, (size_t)2 * SYSTEM_LARGE + 1 + REST);

	budget_rest(&budget);
	assert(from_system == 0);
	assert(atomic_load(&budget.left) == (size_t)PIECES * SYSTEM_LARGE + REST);
	budget_free(&budget);
}
