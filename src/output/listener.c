#include "output/listener.h"

#include <stdatomic.h>
#include <stdlib.h>

#include "base/lock.h"
#include "output/spool.h"

/* So much is read of a spool at a time, and taken at a time of each. */
enum { HEARD_AT_A_TIME = 8192, TAKEN_AT_A_TIME = 65536 };

static const char *const names[2] = {"out", "err"};

static struct {
	bool may_come;
	atomic_uint count;
	struct lock lock; /* guards what follows, and what listeners look at in spools */
	TAILQ_HEAD(listener_list, listener) all;
} listeners = {.lock = LOCK_INITIALIZER(LOCK_SPOOL), .all = TAILQ_HEAD_INITIALIZER(listeners.all)};

/* --- what they hear. All of it with the lock held --- */

static void wake(struct listener *listener)
{
	if (!listener->woken)
		interrupt_raise(listener->wake);
	listener->woken = true;
}

static void lose(struct listener *listener)
{
	text_buffer_drop(&listener->text);
	listener->lost = true;
	wake(listener);
}

/* Where to write what it hears; NULL without memory: then it is lost. */
static FILE *text_of(struct listener *listener)
{
	FILE *text = text_buffer_stream(&listener->text);

	if (!text)
		lose(listener);
	return text;
}

static void put(struct listener *listener, int which, const char *bytes, size_t length)
{
	FILE *text = text_of(listener);

	if (!text)
		return;
	fprintf(text, "%s %zu\n", names[which], length);
	fwrite(bytes, 1, length, text);
	if (ferror(text) || text_buffer_bytes(&listener->text) > MOST_UNHEARD)
		lose(listener);
}

/* What has left the spool before it was heard cannot be heard any more. */
static void skip(struct listener *listener, int which)
{
	off_t gone = listener->spools[which]->taken;

	if (listener->heard[which] >= gone)
		return;
	listener->heard[which] = gone;
	FILE *text = listener->is_late ? NULL : text_of(listener);
	if (text)
		fputs("note what was passed on before is not kept: this is what follows\n", text);
	listener->is_late = true;
}

/*
 * Hears a spool up to so many bytes behind its beginning. Not inlined: its block on the stack is
 * only for threads that have listeners.
 */
static __attribute__((noinline)) void hear(struct listener *listener, int which, off_t length)
{
	const struct spool *spool = listener->spools[which];
	char block[HEARD_AT_A_TIME];

	skip(listener, which);
	off_t stop = spool->taken + length;
	while (listener->heard[which] < stop && !listener->lost) {
		off_t left = stop - listener->heard[which];
		size_t room = left < HEARD_AT_A_TIME ? (size_t)left : HEARD_AT_A_TIME;
		ssize_t got = spool_look(spool, listener->heard[which] - spool->taken, block, room);
		if (got <= 0) {
			lose(listener);
			return;
		}
		put(listener, which, block, (size_t)got);
		listener->heard[which] += got;
	}
}

/* Which of its spools is this? -1: none. */
static int which_is(const struct listener *listener, const struct spool *spool)
{
	return listener->spools[0] == spool ? 0 : listener->spools[1] == spool ? 1 : -1;
}

/* --- who listens --- */

void listeners_may_come(void)
{
	listeners.may_come = true;
}

void listener_begin(struct listener *listener, uint64_t seq, struct interrupt *wake_by)
{
	*listener = (struct listener){.seq = seq, .wake = wake_by};
	lock_take(&listeners.lock);
	TAILQ_INSERT_TAIL(&listeners.all, listener, next);
	atomic_fetch_add(&listeners.count, 1);
	lock_release(&listeners.lock);
}

/* Hears what is in a spool, as much as is taken at a time. */
static void hear_more(struct listener *listener, int which)
{
	const struct spool *spool = listener->spools[which];

	if (!spool || listener->lost)
		return;
	skip(listener, which);
	off_t known = listener->heard[which] - spool->taken, all = spool_size(spool);
	hear(listener, which, all - known < TAKEN_AT_A_TIME ? all : known + TAKEN_AT_A_TIME);
}

size_t listener_take(struct listener *listener, char **bytes)
{
	lock_take(&listeners.lock);
	listener->woken = false;
	/* What has left the spools comes first. */
	for (int i = 0; !listener->text.stream && i < 2; i++)
		hear_more(listener, i);
	size_t size = text_buffer_take(&listener->text, bytes);
	lock_release(&listeners.lock);
	return size;
}

bool listener_is_lost(const struct listener *listener)
{
	lock_take(&listeners.lock);
	bool lost = listener->lost;
	lock_release(&listeners.lock);
	return lost;
}

bool listener_has_joined(const struct listener *listener)
{
	lock_take(&listeners.lock);
	bool joined = listener->joined;
	lock_release(&listeners.lock);
	return joined;
}

void listener_end(struct listener *listener)
{
	lock_take(&listeners.lock);
	TAILQ_REMOVE(&listeners.all, listener, next);
	atomic_fetch_sub(&listeners.count, 1);
	text_buffer_drop(&listener->text);
	lock_release(&listeners.lock);
}

/* --- who has the job --- */

void listeners_join(uint64_t seq, const struct spool *out, const struct spool *err)
{
	struct listener *listener;

	if (!listeners_are_there())
		return;
	lock_take(&listeners.lock);
	for (listener = TAILQ_FIRST(&listeners.all); listener;
	     listener = TAILQ_NEXT(listener, next)) {
		if (listener->seq != seq || listener->spools[0] || listener->spools[1])
			continue;
		listener->spools[0] = out;
		listener->spools[1] = err;
		listener->joined = true;
		wake(listener);
	}
	lock_release(&listeners.lock);
}

bool listeners_are_there(void)
{
	return atomic_load(&listeners.count) > 0;
}

/* --- its spools --- */

void listeners_hold(void)
{
	if (listeners.may_come)
		lock_take(&listeners.lock);
}

void listeners_release(void)
{
	if (listeners.may_come)
		lock_release(&listeners.lock);
}

void listeners_hear(const struct spool *spool)
{
	struct listener *listener;

	if (!listeners_are_there())
		return;
	lock_take(&listeners.lock);
	for (listener = TAILQ_FIRST(&listeners.all); listener;
	     listener = TAILQ_NEXT(listener, next))
		if (which_is(listener, spool) >= 0)
			wake(listener);
	lock_release(&listeners.lock);
}

void listeners_save(const struct spool *spool, off_t length)
{
	struct listener *listener;
	int which;

	if (length == 0 || !listeners_are_there())
		return;
	lock_take(&listeners.lock);
	for (listener = TAILQ_FIRST(&listeners.all); listener;
	     listener = TAILQ_NEXT(listener, next)) {
		if (listener->lost || (which = which_is(listener, spool)) < 0)
			continue;
		hear(listener, which, length);
		wake(listener);
	}
	lock_release(&listeners.lock);
}

void listeners_pass(struct spool *spool, const char *bytes, size_t length)
{
	struct listener *listener;
	int which;

	listeners_hold();
	for (listener = TAILQ_FIRST(&listeners.all); listener;
	     listener = TAILQ_NEXT(listener, next)) {
		if (!bytes || listener->lost || (which = which_is(listener, spool)) < 0)
			continue;
		skip(listener, which);
		put(listener, which, bytes, length);
		listener->heard[which] += (off_t)length;
		wake(listener);
	}
	spool->taken += (off_t)length;
	listeners_release();
}

void listeners_leave(const struct spool *spool)
{
	struct listener *listener;
	int which;

	if (!listeners_are_there())
		return;
	lock_take(&listeners.lock);
	for (listener = TAILQ_FIRST(&listeners.all); listener;
	     listener = TAILQ_NEXT(listener, next))
		if ((which = which_is(listener, spool)) >= 0) {
			listener->spools[which] = NULL;
			listener->heard[which] = 0;
		}
	lock_release(&listeners.lock);
}
