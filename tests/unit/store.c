/* store: what memory and budget have no room for is in the file, in order; the budget comes back.
 */
#undef NDEBUG
#include <assert.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

static bool scarce;

static void *scarce_realloc(void *memory, size_t size)
{
	return scarce ? NULL : realloc(memory, size);
}

#define realloc scarce_realloc
#include "../../src/store.c"

enum { LENGTH = 100003, BUDGET = 20000 };

static char bytes[LENGTH];

/* Compares what goes out with what came in. */
struct reader {
	size_t at;
	size_t most; /* where it fails */
};

static int compare(void *context, const char *part, size_t length)
{
	struct reader *reader = context;

	if (reader->at + length > reader->most)
		return errno = ENOSPC, -1;
	assert(memcmp(part, bytes + reader->at, length) == 0);
	reader->at += length;
	return 0;
}

/* Puts all bytes in, some of them out while there are more to come, and the rest at the end. */
static void pass_through(struct store *store, off_t in_between)
{
	struct reader reader = {0, LENGTH};
	off_t out = 0;

	for (size_t at = 0, part = 1; at < LENGTH; at += part, part = part * 3 % 9973) {
		if (part > LENGTH - at)
			part = LENGTH - at;
		assert(store_add(store, bytes + at, part) == part);
		assert(store_size(store) == (off_t)(at + part) - out);
		if (in_between > 0 && store_size(store) > in_between) {
			assert(store_hand_out(store, in_between, compare, &reader) == 0);
			out += in_between;
		}
	}
	assert(store_hand_out(store, store_size(store), compare, &reader) == 0);
	assert(reader.at == LENGTH && store_size(store) == 0);
}

static void keeps_all(struct store *store)
{
	for (int way = 0; way < 4; way++) {
		scarce = way & 1;
		pass_through(store, way & 2 ? 777 : 0);
		assert(store->room <= STORE_FIRST + BUDGET);
		store_clear(store);
		assert(atomic_load(store->budget) == BUDGET);
	}
	scarce = false;
}

static void forgets_what_cannot_go_out(struct store *store)
{
	struct reader reader = {0, 50000};

	assert(store_add(store, bytes, LENGTH) == LENGTH);
	assert(store_hand_out(store, LENGTH, compare, &reader) == -1 && errno == ENOSPC);
	assert(store_size(store) == 0 && store->file == -1);
	assert(atomic_load(store->budget) == BUDGET);
}

static void takes_what_there_is_room_for(struct store *store)
{
	struct reader reader = {0, LENGTH};

	setenv("TMPDIR", "/dev/null", 1);
	size_t taken = store_add(store, bytes, LENGTH);
	assert(errno == ENOTDIR && taken >= STORE_FIRST && taken <= STORE_FIRST + BUDGET);
	assert(store_size(store) == (off_t)taken);
	store_trim(store);
	assert(store_hand_out(store, (off_t)taken, compare, &reader) == 0 && reader.at == taken);
}

int main(void)
{
	atomic_size_t budget = BUDGET;
	struct store store;

	for (size_t i = 0; i < LENGTH; i++)
		bytes[i] = (char)(i % 251);
	store_init(&store, &budget);
	keeps_all(&store);
	forgets_what_cannot_go_out(&store);
	takes_what_there_is_room_for(&store);
	store_free(&store);
	assert(atomic_load(&budget) == BUDGET);
}
