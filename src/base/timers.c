#include "base/timers.h"

#include <signal.h>

void timers_init(struct timers *timers)
{
	SLIST_INIT(&timers->list);
	timers->sleeper = pthread_self();
	atomic_init(&timers->sleeps_until, TIMER_NEVER);
}

void timers_add(struct timers *timers, struct timer *timer)
{
	atomic_init(&timer->due_ms, TIMER_NEVER);
	timer->timers = timers;
	SLIST_INSERT_HEAD(&timers->list, timer, next);
}

int64_t timers_earliest(struct timers *timers)
{
	int64_t earliest = TIMER_NEVER;
	const struct timer *timer;

	/* First: a timer that is set while this goes through the list wakes the thread in any case.
	 */
	atomic_store(&timers->sleeps_until, TIMER_NEVER);
	SLIST_FOREACH (timer, &timers->list, next)
		if (timer_due(timer) < earliest)
			earliest = timer_due(timer);
	atomic_store(&timers->sleeps_until, earliest);
	return earliest;
}

void timers_awake(struct timers *timers)
{
	atomic_store(&timers->sleeps_until, INT64_MIN);
}

void timers_wake(struct timers *timers)
{
	/* SIGURG: ignored by default, and sent by no one else to a program without sockets. */
	pthread_kill(timers->sleeper, SIGURG);
}

static void wake_if_late(const struct timer *timer, int64_t due_ms)
{
	if (timer->timers && due_ms < atomic_load(&timer->timers->sleeps_until))
		timers_wake(timer->timers);
}

void timer_set(struct timer *timer, int64_t due_ms)
{
	atomic_store(&timer->due_ms, due_ms);
	wake_if_late(timer, due_ms);
}

void timer_set_by(struct timer *timer, int64_t due_ms)
{
	int64_t before = atomic_load(&timer->due_ms);

	while (due_ms < before)
		if (atomic_compare_exchange_weak(&timer->due_ms, &before, due_ms)) {
			wake_if_late(timer, due_ms);
			return;
		}
}

int64_t timer_due(const struct timer *timer)
{
	return atomic_load(&timer->due_ms);
}

bool timer_take(struct timer *timer, int64_t now_ms)
{
	int64_t due_ms = atomic_load(&timer->due_ms);

	while (due_ms <= now_ms)
		if (atomic_compare_exchange_weak(&timer->due_ms, &due_ms, TIMER_NEVER))
			return true;
	return false;
}
