#include "base/eventcount.h"

#include <assert.h>

#include "base/clock.h"

void eventcount_init(struct eventcount *events)
{
	atomic_init(&events->count, 0);
	atomic_init(&events->waiters, 0);
	lock_init(&events->lock, LOCK_EVENT);
	lock_init_condition(&events->changed);
}

void eventcount_destroy(struct eventcount *events)
{
	pthread_cond_destroy(&events->changed);
	lock_destroy(&events->lock);
}

unsigned eventcount_read(const struct eventcount *events)
{
	return atomic_load(&events->count);
}

void eventcount_signal(struct eventcount *events)
{
	/* A waiter counts itself before it reads the number, and here it is the other way round:
	 * one of the two sees the other. */
	atomic_fetch_add(&events->count, 1);
	if (atomic_load(&events->waiters) == 0)
		return;
	lock_take(&events->lock);
	pthread_cond_broadcast(&events->changed);
	lock_release(&events->lock);
}

void eventcount_wait(struct eventcount *events, unsigned seen, int64_t until_ms)
{
	assert(lock_none_held());
	atomic_fetch_add(&events->waiters, 1);
	lock_take(&events->lock);
	while (eventcount_read(events) == seen && (until_ms == INT64_MAX || clock_ms() < until_ms))
		lock_wait(&events->lock, &events->changed, until_ms);
	lock_release(&events->lock);
	atomic_fetch_sub(&events->waiters, 1);
}
