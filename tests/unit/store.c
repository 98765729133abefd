/* store: what the memory has no room for is in the file, in order; the reserve comes back.
 */
#undef NDEBUG
#include <assert.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

static bool scarce;

static void *scarce_malloc(size_t size)
{
	return scarce ? NULL : malloc(size);
}

#define malloc scarce_malloc
#include "../../src/store.c"

/* Room for some medium chunks, for a large one, and a rest for the file. */
enum { LENGTH = 3000017, BUDGET = 2300000 };

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

static int hand_out(struct store *store, off_t length, struct reader *reader)
{
	const struct store_sink sink = {.write = compare, .context = reader};

	return store_hand_out(store, length, &sink);
}

/* Puts all bytes in, some of them out while there are more to come, and the rest at the end. */
static void pass_through(struct store *store, off_t in_between)
{
	struct reader reader = {0, LENGTH};
	off_t out = 0;

	for (size_t at = 0, part = 1; at < LENGTH; at += part, part = part * 3 % 99991) {
		if (part > LENGTH - at)
			part = LENGTH - at;
		assert(store_add(store, bytes + at, part) == part);
		assert(store_size(store) == (off_t)(at + part) - out);
		if (in_between > 0 && store_size(store) > in_between) {
			assert(hand_out(store, in_between, &reader) == 0);
			out += in_between;
		}
	}
	assert(hand_out(store, store_size(store), &reader) == 0);
	assert(reader.at == LENGTH && store_size(store) == 0);
}

static void keeps_all(struct store *store)
{
	for (int way = 0; way < 4; way++) {
		scarce = way & 1;
		pass_through(store, way & 2 ? 77777 : 0);
		store_clear(store);
		reserve_rest(store->reserve);
		assert(atomic_load(&store->reserve->left) == BUDGET);
	}
	scarce = false;
}

static void forgets_what_cannot_go_out(struct store *store)
{
	struct reader reader = {0, 500000};

	assert(store_add(store, bytes, LENGTH) == LENGTH);
	assert(hand_out(store, LENGTH, &reader) == -1 && errno == ENOSPC);
	assert(store_size(store) == 0 && store->file == -1);
	reserve_rest(store->reserve);
	assert(atomic_load(&store->reserve->left) == BUDGET);
}

static void takes_what_there_is_room_for(struct store *store)
{
	struct reader reader = {0, LENGTH};

	setenv("TMPDIR", "/dev/null", 1);
	size_t taken = store_add(store, bytes, LENGTH);
	assert(errno == ENOTDIR && taken >= STORE_FIRST && taken <= STORE_FIRST + BUDGET);
	assert(store_size(store) == (off_t)taken);
	store_trim(store);
	assert(hand_out(store, (off_t)taken, &reader) == 0 && reader.at == taken);
}

int main(void)
{
	struct reserve reserve;
	struct store store;

	for (size_t i = 0; i < LENGTH; i++)
		bytes[i] = (char)(i % 251);
	reserve_init(&reserve, BUDGET);
	store_init(&store, &reserve);
	keeps_all(&store);
	forgets_what_cannot_go_out(&store);
	takes_what_there_is_room_for(&store);
	store_free(&store);
	reserve_rest(&reserve);
	assert(atomic_load(&reserve.left) == BUDGET);
	reserve_free(&reserve);
}
