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
#include "../../src/reserve.c"

/* Room for so many pieces, and a rest that is none. */
enum { PIECES = RESERVE_SPARES + 2, REST = 1000 };

int main(void)
{
	struct reserve reserve;
	void *pieces[PIECES];

	reserve_init(&reserve, (size_t)PIECES * SYSTEM_LARGE + REST);
	for (int i = 0; i < PIECES; i++)
		assert((pieces[i] = reserve_take_large(&reserve)));
	assert(from_system == PIECES && !reserve_take_large(&reserve));
	assert(reserve_take(&reserve, REST) && !reserve_take(&reserve, 1));

	/* So many wait, the others have gone to the system; the next one is one of those that wait.
	 */
	for (int i = 0; i < PIECES; i++)
		reserve_give_large(&reserve, pieces[i]);
	assert(from_system == RESERVE_SPARES);
	pieces[0] = reserve_take_large(&reserve);
	assert(pieces[0] && from_system == RESERVE_SPARES);
	reserve_give_large(&reserve, pieces[0]);

	/* They make room for small ones: no more of them than that takes. */
	assert(reserve_take(&reserve, (size_t)2 * SYSTEM_LARGE + 1));
	assert(from_system == RESERVE_SPARES - 1);
	reserve_give(&reserve, (size_t)2 * SYSTEM_LARGE + 1 + REST);

	reserve_rest(&reserve);
	assert(from_system == 0);
	assert(atomic_load(&reserve.left) == (size_t)PIECES * SYSTEM_LARGE + REST);
	reserve_free(&reserve);
}
