#include "pace/weights.h"

#include <assert.h>
#include <stdio.h>

void weights_init(struct weights *weights, bool used, const atomic_uint *slots)
{
	*weights = (struct weights){.used = used, .slots = slots};
	lock_init(&weights->lock, LOCK_PACE);
	TAILQ_INIT(&weights->line);
}

void weights_destroy(struct weights *weights)
{
	lock_destroy(&weights->lock);
}

void weights_line_up(struct weights *weights, struct weight_place *place)
{
	if (!weights->used)
		return;
	lock_take(&weights->lock);
	assert(!place->in_line);
	TAILQ_INSERT_TAIL(&weights->line, place, next);
	place->in_line = true;
	place->weight = 0; /* that of the job before is not its own */
	place->turn = NULL;
	lock_release(&weights->lock);
}

void weights_set(
    struct weights *weights, struct weight_place *place, unsigned weight, const atomic_bool *turn)
{
	if (!weights->used)
		return;
	lock_take(&weights->lock);
	place->weight = weight;
	place->turn = turn;
	lock_release(&weights->lock);
}

/* With the lock held. */
static void step_out(struct weights *weights, struct weight_place *place)
{
	if (place->in_line)
		TAILQ_REMOVE(&weights->line, place, next);
	place->in_line = false;
}

bool weights_step_out(struct weights *weights, struct weight_place *place)
{
	if (!weights->used)
		return false;
	lock_take(&weights->lock);
	bool was_in_line = place->in_line;
	step_out(weights, place);
	bool others = !TAILQ_EMPTY(&weights->line);
	lock_release(&weights->lock);
	return was_in_line && others;
}

/* Do the others wait for the job? */
static bool is_awaited(const struct weight_place *place)
{
	return place->turn && atomic_load(place->turn);
}

/* With the lock held. */
static bool fits(const struct weights *weights, const struct weight_place *place)
{
	if (is_awaited(place))
		return true;
	if (place->in_line && TAILQ_FIRST(&weights->line) != place)
		return false;
	return weights->taken == 0 || weights->taken + place->weight <= atomic_load(weights->slots);
}

bool weights_allow(struct weights *weights, const struct weight_place *place)
{
	if (!weights->used)
		return true;
	lock_take(&weights->lock);
	bool allowed = fits(weights, place);
	lock_release(&weights->lock);
	return allowed;
}

bool weights_enter(struct weights *weights, struct weight_place *place)
{
	if (!weights->used)
		return true;
	lock_take(&weights->lock);
	bool allowed = fits(weights, place);
	if (allowed) {
		place->taken = is_awaited(place) ? 0 : place->weight;
		weights->taken += place->taken;
		step_out(weights, place);
	}
	lock_release(&weights->lock);
	return allowed;
}

void weights_leave(struct weights *weights, struct weight_place *place)
{
	if (!weights->used)
		return;
	lock_take(&weights->lock);
	assert(weights->taken >= place->taken);
	weights->taken -= place->taken;
	place->taken = 0;
	lock_release(&weights->lock);
}

bool weights_reason(struct weights *weights, char *reason, size_t size)
{
	if (!weights->used)
		return false;
	lock_take(&weights->lock);
	const struct weight_place *first = TAILQ_FIRST(&weights->line);
	unsigned slots = atomic_load(weights->slots);
	bool waits = first && weights->taken < slots && !fits(weights, first);
	if (waits)
		snprintf(reason, size, "slots: %lu of %u", slots - weights->taken,
		    first->weight < slots ? first->weight : slots);
	lock_release(&weights->lock);
	return waits;
}

bool weights_have_line(struct weights *weights)
{
	if (!weights->used)
		return false;
	lock_take(&weights->lock);
	bool any = !TAILQ_EMPTY(&weights->line);
	lock_release(&weights->lock);
	return any;
}
