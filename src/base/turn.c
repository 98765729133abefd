#include "base/turn.h"

#include <assert.h>

void turn_init(struct turn *turn)
{
	turn->taken = false;
	lock_init(&turn->lock, LOCK_TURN);
	lock_init_condition(&turn->given);
}

void turn_destroy(struct turn *turn)
{
	pthread_cond_destroy(&turn->given);
	lock_destroy(&turn->lock);
}

void turn_take(struct turn *turn)
{
	assert(lock_none_held());
	lock_take(&turn->lock);
	while (turn->taken)
		lock_wait(&turn->lock, &turn->given, INT64_MAX);
	turn->taken = true;
	lock_release(&turn->lock);
}

bool turn_try(struct turn *turn)
{
	lock_take(&turn->lock);
	bool mine = !turn->taken;
	turn->taken = true;
	lock_release(&turn->lock);
	return mine;
}

/* Gives the turn, and wakes one or all of those who wait for it. */
static void give(struct turn *turn, int (*wake)(pthread_cond_t *))
{
	lock_take(&turn->lock);
	assert(turn->taken);
	turn->taken = false;
	wake(&turn->given);
	lock_release(&turn->lock);
}

void turn_give(struct turn *turn)
{
	give(turn, pthread_cond_signal);
}

bool turn_take_unless(struct turn *turn, const atomic_uint *count, unsigned seen)
{
	lock_take(&turn->lock);
	while (turn->taken && atomic_load(count) == seen)
		lock_wait(&turn->lock, &turn->given, INT64_MAX);
	bool mine = !turn->taken && atomic_load(count) == seen;
	/* What has woken this thread may have been for another one. */
	if (!mine && !turn->taken)
		pthread_cond_signal(&turn->given);
	turn->taken |= mine;
	lock_release(&turn->lock);
	return mine;
}

void turn_give_all(struct turn *turn)
{
	give(turn, pthread_cond_broadcast);
}
