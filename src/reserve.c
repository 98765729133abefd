#include "reserve.h"

#include "system.h"

void reserve_init(struct reserve *reserve, size_t bytes)
{
	*reserve = (struct reserve){.left = bytes};
	pthread_mutex_init(&reserve->lock, NULL);
}

void reserve_free(struct reserve *reserve)
{
	reserve_rest(reserve);
	pthread_mutex_destroy(&reserve->lock);
}

/* Takes bytes that are left. */
static bool take_left(struct reserve *reserve, size_t bytes)
{
	size_t left = atomic_load(&reserve->left);

	do {
		if (left < bytes)
			return false;
	} while (!atomic_compare_exchange_weak(&reserve->left, &left, left - bytes));
	return true;
}

/* Gives a spare piece to the system; false when there is none. */
static bool drop_spare(struct reserve *reserve)
{
	void *piece = NULL;

	pthread_mutex_lock(&reserve->lock);
	if (reserve->spare_count > 0)
		piece = reserve->spares[--reserve->spare_count];
	pthread_mutex_unlock(&reserve->lock);
	if (!piece)
		return false;
	system_large_free(piece);
	reserve_give(reserve, SYSTEM_LARGE);
	return true;
}

bool reserve_take(struct reserve *reserve, size_t bytes)
{
	while (!take_left(reserve, bytes))
		if (!drop_spare(reserve))
			return false;
	return true;
}

void reserve_give(struct reserve *reserve, size_t bytes)
{
	atomic_fetch_add(&reserve->left, bytes);
}

void *reserve_take_large(struct reserve *reserve)
{
	void *piece = NULL;

	pthread_mutex_lock(&reserve->lock);
	if (reserve->spare_count > 0)
		piece = reserve->spares[--reserve->spare_count];
	else if (take_left(reserve, SYSTEM_LARGE) && !(piece = system_large_memory()))
		reserve_give(reserve, SYSTEM_LARGE);
	pthread_mutex_unlock(&reserve->lock);
	return piece;
}

void reserve_give_large(struct reserve *reserve, void *piece)
{
	pthread_mutex_lock(&reserve->lock);
	if (reserve->spare_count < RESERVE_SPARES) {
		reserve->spares[reserve->spare_count++] = piece;
	} else {
		system_large_free(piece);
		reserve_give(reserve, SYSTEM_LARGE);
	}
	pthread_mutex_unlock(&reserve->lock);
}

void reserve_rest(struct reserve *reserve)
{
	while (drop_spare(reserve))
		;
}
