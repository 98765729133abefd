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

void turn_give(struct turn *turn)
{
	lock_take(&turn->lock);
	assert(turn->taken);
	turn->taken = false;
	pthread_cond_signal(&turn->given);
	lock_release(&turn->lock);
}
