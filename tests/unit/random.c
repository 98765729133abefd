/* random: numbers below a bound, each of them at some time. */
#undef NDEBUG
#include <assert.h>
#include <stdbool.h>

#include "../../src/base/random.c"

/* With so many draws, one of so few numbers is left out less than once in 10^18 runs. */
enum { NUMBERS = 12, DRAWS = 600 };

int main(void)
{
	bool drawn[NUMBERS] = {false};
	int differ = 0;

	for (int i = 0; i < DRAWS; i++) {
		uint32_t number = random_below(NUMBERS);
		assert(number < NUMBERS);
		drawn[number] = true;
		differ += random_below(UINT32_MAX) != random_below(UINT32_MAX);
	}
	for (int i = 0; i < NUMBERS; i++)
		assert(drawn[i]);
	assert(differ > DRAWS / 2);
	assert(random_below(0) == 0 && random_below(1) == 0);
	return 0;
}
