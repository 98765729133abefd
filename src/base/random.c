#include "base/random.h"

#include <stdatomic.h>
#include <time.h>
#include <unistd.h>

/* The step and the mixing of SplitMix64: each state is taken once, whichever thread takes it. */
static const uint64_t STEP = 0x9e3779b97f4a7c15U;
static _Atomic uint64_t state;

/* Where the system gives no random bytes, the time and our number differ from those of others. */
static uint64_t make_seed(void)
{
	struct timespec now;
	uint64_t seed;

	if (getentropy(&seed, sizeof seed) == 0 && seed != 0)
		return seed;
	clock_gettime(CLOCK_REALTIME, &now);
	seed = (uint64_t)now.tv_sec << 32 ^ (uint64_t)now.tv_nsec ^ (uint64_t)getpid() << 16;
	return seed | 1;
}

uint64_t random_number(void)
{
	uint64_t unseeded = 0;

	if (atomic_load(&state) == 0)
		atomic_compare_exchange_strong(&state, &unseeded, make_seed());
	uint64_t mixed = atomic_fetch_add(&state, STEP) + STEP;
	mixed = (mixed ^ mixed >> 30) * 0xbf58476d1ce4e5b9U;
	mixed = (mixed ^ mixed >> 27) * 0x94d049bb133111ebU;
	return mixed ^ mixed >> 31;
}

uint32_t random_below(uint32_t bound)
{
	uint32_t number;

	if (bound < 2)
		return 0;
	/* The last numbers, of which there are fewer than `bound`, would make some more probable.
	 */
	do {
		number = (uint32_t)(random_number() >> 32);
	} while (number > UINT32_MAX - (UINT32_MAX % bound + 1) % bound);
	return number % bound;
}
