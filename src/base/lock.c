#include "base/lock.h"

#include <assert.h>
#include <time.h>

#include "base/clock.h"

#ifdef NDEBUG

static void note_taken(const struct lock *lock)
{
	(void)lock;
}

static void note_released(const struct lock *lock)
{
	(void)lock;
}

bool lock_none_held(void)
{
	return true;
}

#else

/* The ranks of the locks that this thread holds, a bit each. */
static _Thread_local unsigned held;

static unsigned bit(enum lock_rank rank)
{
	return 1U << rank;
}

static void note_taken(const struct lock *lock)
{
	held |= bit(lock->rank);
}

static void note_released(const struct lock *lock)
{
	assert(held & bit(lock->rank));
	held &= ~bit(lock->rank);
}

bool lock_none_held(void)
{
	return held == 0;
}

#endif

void lock_init(struct lock *lock, enum lock_rank rank)
{
	pthread_mutex_init(&lock->mutex, NULL);
	lock->rank = rank;
}

void lock_destroy(struct lock *lock)
{
	pthread_mutex_destroy(&lock->mutex);
}

void lock_take(struct lock *lock)
{
	assert(held >> lock->rank == 0);
	pthread_mutex_lock(&lock->mutex);
	note_taken(lock);
}

bool lock_try(struct lock *lock)
{
	if (pthread_mutex_trylock(&lock->mutex) != 0)
		return false;
	note_taken(lock);
	return true;
}

static struct timespec to_timespec(int64_t time_ms)
{
	return (struct timespec){.tv_sec = time_ms / 1000, .tv_nsec = time_ms % 1000 * 1000000};
}

/* pthread_mutex_clocklock, of which the thread sanitizer does not know that it takes a mutex. */
static int lock_by_clock(pthread_mutex_t *mutex, int64_t until_ms)
{
#ifdef __SANITIZE_THREAD__
	struct timespec until;

	clock_gettime(CLOCK_REALTIME, &until);
	until.tv_sec += (until_ms - clock_ms()) / 1000 + 1;
	return pthread_mutex_timedlock(mutex, &until);
#else
	struct timespec until = to_timespec(until_ms);

	return pthread_mutex_clocklock(mutex, CLOCK_MONOTONIC, &until);
#endif
}

bool lock_take_until(struct lock *lock, int64_t until_ms)
{
	assert(held >> lock->rank == 0);
	if (lock_by_clock(&lock->mutex, until_ms) != 0)
		return false;
	note_taken(lock);
	return true;
}

void lock_release(struct lock *lock)
{
	note_released(lock);
	pthread_mutex_unlock(&lock->mutex);
}

void lock_init_condition(pthread_cond_t *condition)
{
	pthread_condattr_t attributes;

	pthread_condattr_init(&attributes);
	pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
	pthread_cond_init(condition, &attributes);
	pthread_condattr_destroy(&attributes);
}

void lock_wait(struct lock *lock, pthread_cond_t *condition, int64_t until_ms)
{
	struct timespec until = to_timespec(until_ms);

	assert(held == bit(lock->rank));
	if (until_ms == INT64_MAX)
		pthread_cond_wait(condition, &lock->mutex);
	else
		pthread_cond_timedwait(condition, &lock->mutex, &until);
}
