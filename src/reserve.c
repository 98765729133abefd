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

/* A spare piece, still taken; NULL when there is none. */
static void *pop_spare(struct reserve *reserve)
{
	void *piece = NULL;

	pthread_mutex_lock(&reserve->lock);
	if (reserve->spare_count > 0)
		piece = reserve->spares[--reserve->spare_count];
	pthread_mutex_unlock(&reserve->lock);
	return piece;
}

static void give_to_system(struct reserve *reserve, void *piece)
{
	system_large_free(piece);
	reserve_give(reserve, SYSTEM_LARGE);
}

/* Gives a spare piece to the system; false when there is none. */
static bool drop_spare(struct reserve *reserve)
{
	void *piece = pop_spare(reserve);

	if (piece)
		give_to_system(reserve, piece);
	return piece != NULL;
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
	void *piece = pop_spare(reserve);

	if (!piece && take_left(reserve, SYSTEM_LARGE) && !(piece = system_large_memory()))
		reserve_give(reserve, SYSTEM_LARGE);
	return piece;
}

void reserve_give_large(struct reserve *reserve, void *piece)
{
	pthread_mutex_lock(&reserve->lock);
	bool waits = reserve->spare_count < RESERVE_SPARES;
	if (waits)
		reserve->spares[reserve->spare_count++] = piece;
	pthread_mutex_unlock(&reserve->lock);
	if (!waits)
		give_to_system(reserve, piece);
}

void reserve_rest(struct reserve *reserve)
{
	while (drop_spare(reserve))
		;
}
