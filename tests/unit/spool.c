/* store: what the memory has no room for is in the file, in order; the reserve comes back.
 */
#undef NDEBUG
#include <assert.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/features.h"

static bool scarce;

static void *scarce_malloc(size_t size)
{
	return scarce ? NULL : malloc(size);
}

/* A file system that has no files without a name. */
static bool is_simple, keeps_files;

#if HAVE_TMPFILE || HAVE_MEMFD
/* Of what is included none needs a mode but for a file that is its user's alone. */
static int simple_open(const char *path, int flags)
{
	return is_simple ? (errno = EOPNOTSUPP, -1) : open(path, flags, 0600);
}
#endif

static int keep_file(const char *name)
{
	return keeps_files ? (errno = EIO, -1) : unlink(name);
}

#define malloc                 scarce_malloc
#define open(path, flags, ...) simple_open(path, flags)
#define unlink                 keep_file
#include "../../src/base/nameless_file.c"
#include "../../src/output/spool.c"

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

static int hand_out(struct spool *spool, off_t length, struct reader *reader)
{
	const struct spool_sink sink = {.write = compare, .context = reader};

	return spool_hand_out(spool, length, &sink);
}

/* Puts all bytes in, some of them out while there are more to come, and the rest at the end. */
static void pass_through(struct spool *spool, off_t in_between)
{
	struct reader reader = {0, LENGTH};
	off_t out = 0;

	for (size_t at = 0, part = 1; at < LENGTH; at += part, part = part * 3 % 99991) {
		if (part > LENGTH - at)
			part = LENGTH - at;
		assert(spool_add(spool, bytes + at, part) == part);
		assert(spool_size(spool) == (off_t)(at + part) - out);
		if (in_between > 0 && spool_size(spool) > in_between) {
			assert(hand_out(spool, in_between, &reader) == 0);
			out += in_between;
		}
	}
	assert(hand_out(spool, spool_size(spool), &reader) == 0);
	assert(reader.at == LENGTH && spool_size(spool) == 0);
}

static void keeps_all(struct spool *spool)
{
	for (int way = 0; way < 4; way++) {
		scarce = way & 1;
		pass_through(spool, way & 2 ? 77777 : 0);
		spool_clear(spool);
		budget_rest(spool->budget);
		assert(atomic_load(&spool->budget->left) == BUDGET);
	}
	scarce = false;
}

static void forgets_what_cannot_go_out(struct spool *spool)
{
	struct reader reader = {0, 500000};

	assert(spool_add(spool, bytes, LENGTH) == LENGTH);
	assert(hand_out(spool, LENGTH, &reader) == -1 && errno == ENOSPC);
	assert(spool_size(spool) == 0 && spool->file == -1);
	budget_rest(spool->budget);
	assert(atomic_load(&spool->budget->left) == BUDGET);
}

static void takes_what_there_is_room_for(struct spool *spool)
{
	struct reader reader = {0, LENGTH};

	setenv("TMPDIR", "/dev/null", 1);
	size_t taken = spool_add(spool, bytes, LENGTH);
	assert(errno == ENOTDIR && taken >= SPOOL_FIRST && taken <= SPOOL_FIRST + BUDGET);
	assert(spool_size(spool) == (off_t)taken);
	spool_trim(spool);
	assert(hand_out(spool, (off_t)taken, &reader) == 0 && reader.at == taken);
}

static unsigned files_in(const char *folder)
{
	unsigned count = 0;
	DIR *all = opendir(folder);

	for (const struct dirent *entry; (entry = readdir(all));)
		count += entry->d_name[0] != '.';
	closedir(all);
	return count;
}

static void tells_of_a_file_that_stays(struct spool *spool)
{
	char folder[] = "spool.XXXXXX";

	assert(mkdtemp(folder));
	setenv("TMPDIR", folder, 1);
	is_simple = true;
	for (unsigned kept = 0; kept < 2; kept++) {
		struct reader reader = {0, LENGTH};
		keeps_files = kept;
		assert(spool_add(spool, bytes, LENGTH) == LENGTH);
		assert(files_in(folder) == kept);
		assert(atomic_load(&spool->budget->file_left) == kept);
		assert(hand_out(spool, LENGTH, &reader) == 0 && reader.at == LENGTH);
		spool_clear(spool);
	}
	is_simple = keeps_files = false;
}

int main(void)
{
	struct memory_budget budget;
	struct spool store;

	for (size_t i = 0; i < LENGTH; i++)
		bytes[i] = (char)(i % 251);
	budget_init(&budget, BUDGET);
	spool_init(&store, &budget);
	keeps_all(&store);
	forgets_what_cannot_go_out(&store);
	tells_of_a_file_that_stays(&store);
	takes_what_there_is_room_for(&store);
	spool_free(&store);
	budget_rest(&budget);
	assert(atomic_load(&budget.left) == BUDGET);
	budget_free(&budget);
}
