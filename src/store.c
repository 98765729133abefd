#include "store.h"

#include <errno.h>
#include <fcntl.h>
#include <paths.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "transfer.h"

/* An empty store has no use for more memory than what one read of a pipe fills. */
enum { STORE_KEEP = 65536 };

void store_init(struct store *store, atomic_size_t *budget)
{
	*store = (struct store){.budget = budget, .file = -1};
}

/* Takes `bytes` from the budget, if they are there. */
static bool take(atomic_size_t *budget, size_t bytes)
{
	size_t left = atomic_load(budget);

	do {
		if (left < bytes)
			return false;
	} while (!atomic_compare_exchange_weak(budget, &left, left - bytes));
	return true;
}

/* What memory of this size has taken from the budget. */
static size_t charge(size_t room)
{
	return room > STORE_FIRST ? room - STORE_FIRST : 0;
}

/* Doubles the memory, if the budget allows. */
static bool grow(struct store *store)
{
	size_t room = store->room < STORE_FIRST ? STORE_FIRST : store->room * 2;
	size_t more = charge(room) - charge(store->room);

	if (!take(store->budget, more))
		return false;
	char *memory = realloc(store->memory, room);
	if (!memory) {
		atomic_fetch_add(store->budget, more);
		return false;
	}
	store->memory = memory;
	store->room = room;
	return true;
}

/* Makes the memory smaller. */
static void shrink(struct store *store, size_t room)
{
	char *memory = room > 0 ? realloc(store->memory, room) : NULL;

	if (room > 0 && !memory)
		return; /* it stays as it is */
	if (room == 0)
		free(store->memory);
	atomic_fetch_add(store->budget, charge(store->room) - charge(room));
	store->memory = memory;
	store->room = room;
}

static bool in_file(const struct store *store)
{
	return store->begin < store->end;
}

char *store_room(struct store *store, char *block, size_t *room)
{
	if (!in_file(store) && (store->used < store->room || grow(store))) {
		*room = store->room - store->used;
		return store->memory + store->used;
	}
	*room = TRANSFER_BLOCK;
	return block;
}

/* A file without a name: nothing is left behind, however pexec ends. */
static int open_file(void)
{
	const char *folder = getenv("TMPDIR");
	char *name = NULL;
	int fd;

	if (!folder || !*folder)
		folder = _PATH_TMP;
#ifdef O_TMPFILE
	fd = open(folder, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
	if (fd >= 0)
		return fd;
#endif
	if (asprintf(&name, "%s/pexec.XXXXXX", folder) < 0)
		return -1;
	fd = mkostemp(name, O_CLOEXEC);
	if (fd >= 0)
		unlink(name);
	free(name);
	return fd;
}

/* Adds to the file as much as there is room for. */
static size_t add_to_file(struct store *store, const char *bytes, size_t length)
{
	size_t added = 0;

	if (store->file < 0 && (store->file = open_file()) < 0)
		return 0;
	while (added < length) {
		ssize_t written = pwrite(store->file, bytes + added, length - added, store->end);
		if (written < 0 && errno != EINTR)
			break;
		store->end += written > 0 ? written : 0;
		added += written > 0 ? (size_t)written : 0;
	}
	return added;
}

size_t store_add(struct store *store, const char *bytes, size_t length)
{
	size_t added = 0;

	while (added < length && !in_file(store)) {
		size_t room = store->room - store->used;
		size_t part = length - added < room ? length - added : room;
		char *to = store->memory + store->used;
		if (part > 0 && to != bytes + added)
			memmove(to, bytes + added, part);
		store->used += part;
		added += part;
		if (added < length && !grow(store))
			break;
	}
	return added < length ? added + add_to_file(store, bytes + added, length - added) : added;
}

off_t store_size(const struct store *store)
{
	return (off_t)store->used + store->end - store->begin;
}

/* Hands out from the file, and begins it anew when it is through. */
static int hand_out_file(struct store *store, off_t length, store_sink *sink, void *context)
{
	char block[TRANSFER_BLOCK];

	for (off_t left = length; left > 0;) {
		size_t part = left < TRANSFER_BLOCK ? (size_t)left : TRANSFER_BLOCK;
		ssize_t got = pread(store->file, block, part, store->begin);
		if (got < 0 && errno == EINTR)
			continue;
		if (got == 0)
			errno = EIO; /* shorter than what was written to it */
		if (got <= 0 || sink(context, block, (size_t)got) != 0)
			return -1;
		store->begin += got;
		left -= got;
	}
	if (length > 0 && !in_file(store)) {
		store->begin = store->end = 0;
		return ftruncate(store->file, 0);
	}
	return 0;
}

int store_hand_out(struct store *store, off_t length, store_sink *sink, void *context)
{
	size_t part = length < (off_t)store->used ? (size_t)length : store->used;
	int result = part > 0 ? sink(context, store->memory, part) : 0;

	store->used -= part;
	if (store->used > 0)
		memmove(store->memory, store->memory + part, store->used);
	if (result == 0)
		result = hand_out_file(store, length - (off_t)part, sink, context);
	if (store->used == 0 && store->room > STORE_KEEP)
		shrink(store, STORE_KEEP);
	if (result != 0) {
		int error = errno;
		store_clear(store);
		errno = error;
	}
	return result;
}

void store_clear(struct store *store)
{
	if (store->file >= 0)
		close(store->file);
	store->file = -1;
	store->begin = store->end = 0;
	store->used = 0;
	if (store->room > STORE_FIRST)
		shrink(store, 0);
}

void store_trim(struct store *store)
{
	if (store->room > store->used)
		shrink(store, store->used);
}

void store_free(struct store *store)
{
	store_clear(store);
	free(store->memory);
	store->memory = NULL;
	store->room = 0;
}
