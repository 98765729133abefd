/* room: how many jobs may start, by what was found out. */
#undef NDEBUG
#include <assert.h>
#include <string.h>

#include "pace/load_room.h"
#include "pace/memory_room.h"
#include "pace/pressure_room.h"

#define MIB (1024.0 * 1024.0)

static struct verdict memory(double free, double promised, double wanted, double each)
{
	struct verdict verdict = verdict_open();

	memory_room_judge(&verdict, free * MIB, promised * MIB, wanted * MIB, each * MIB);
	return verdict;
}

static void promises(void)
{
	const struct room_options start = {.memfree = 250 << 20},
				  suspend = {.memsuspend = 100 << 20};

	assert(memory_room_wanted(&start) == 250 * MIB);
	assert(memory_room_wanted(&suspend) == 200 * MIB);
	/* Nothing has ended: each may take what has to be free. Later what they really take. */
	assert(memory_room_promise(&start, 0) == 250 * MIB);
	assert(memory_room_promise(&start, 100 * MIB) == 100 * MIB);
	assert(memory_room_promise(&start, 900 * MIB) == 250 * MIB);
	assert(memory_room_promise(&start, 1) == MIB);
	assert(memory_room_promise(&suspend, 0) == 200 * MIB);
}

static void memory_cases(void)
{
	/* 1024 MiB, 250 each: four of them, and 24 MiB are left. */
	struct verdict verdict = memory(1024, 0, 250, 250);
	assert(!verdict.closed && verdict.more == 4 && !*verdict.reason);
	/* Two run, and have not taken anything yet. */
	verdict = memory(1024, 500, 250, 250);
	assert(!verdict.closed && verdict.more == 2);
	/* Four run that have not taken all: none may start, but as soon as one ends another one. */
	verdict = memory(500, 450, 250, 250);
	assert(!verdict.closed && verdict.more == 0);
	assert(strcmp(verdict.reason, "memory: 50 of 250 MiB") == 0);
	/* Too much was promised: three have to end first. */
	verdict = memory(300, 600, 250, 250);
	assert(!verdict.closed && verdict.more == -2);
	/* There is less than there has to be, whoever has taken it. */
	verdict = memory(1228.8, 0, 2048, 250);
	assert(verdict.closed && strcmp(verdict.reason, "memory: 1.2 of 2 GiB") == 0);
	verdict = memory(0.5, 0, 2, 1);
	assert(verdict.closed && strcmp(verdict.reason, "memory: 0.5 of 2 MiB") == 0);
	verdict = memory(22.9 * 1024, 0, 1.8 * 1024 * 1024, 1);
	assert(verdict.closed && strcmp(verdict.reason, "memory: 22.9 GiB of 1.8 TiB") == 0);
	verdict = memory(0, 0, 2, 1);
	assert(verdict.closed && strcmp(verdict.reason, "memory: 0 of 2 MiB") == 0);
	/* Small jobs, much memory. */
	verdict = memory(1e9, 0, 1, 1);
	assert(!verdict.closed && verdict.more == 1000000000);
	verdict = memory(1e12, 0, 1, 1);
	assert(!verdict.closed && verdict.more == VERDICT_ANY);
}

static void load(void)
{
	struct verdict verdict = verdict_open();

	load_room_judge(&verdict, 1, 4);
	assert(!verdict.closed && verdict.more == 3);
	/* One takes the load over the limit, and no other. */
	verdict = verdict_open();
	load_room_judge(&verdict, 3, 3.5);
	assert(!verdict.closed && verdict.more == 1);
	verdict = verdict_open();
	load_room_judge(&verdict, 0, 0.01);
	assert(!verdict.closed && verdict.more == 1);
	verdict = verdict_open();
	load_room_judge(&verdict, 4, 4);
	assert(verdict.closed && strcmp(verdict.reason, "load: 4 of 4") == 0);
}

/* Each condition makes the verdict narrower; the first that lets none start is the reason. */
static void several(void)
{
	struct verdict verdict = verdict_open();

	load_room_judge(&verdict, 1, 4);
	pressure_room_judge(&verdict, SYSTEM_IO, 5, 10);
	assert(!verdict.closed && verdict.more == 1 && !*verdict.reason);
	pressure_room_judge(&verdict, SYSTEM_CPU, 23.5, 20);
	load_room_judge(&verdict, 9, 4);
	assert(verdict.closed && strcmp(verdict.reason, "cpu pressure: 23.5% of 20%") == 0);
}

int main(void)
{
	promises();
	memory_cases();
	load();
	several();
}
