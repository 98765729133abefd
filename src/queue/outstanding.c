#include "queue/outstanding.h"

void outstanding_init(struct outstanding *outstanding)
{
	atomic_init(&outstanding->count, 0);
	lock_init(&outstanding->lock, LOCK_READY);
	TAILQ_INIT(&outstanding->jobs);
}

void outstanding_destroy(struct outstanding *outstanding)
{
	lock_destroy(&outstanding->lock);
}

void outstanding_add(struct outstanding *outstanding, struct job *job)
{
	lock_take(&outstanding->lock);
	TAILQ_INSERT_TAIL(&outstanding->jobs, job, outstanding);
	lock_release(&outstanding->lock);
	atomic_fetch_add(&outstanding->count, 1);
}

bool outstanding_remove(struct outstanding *outstanding, struct job *job)
{
	lock_take(&outstanding->lock);
	TAILQ_REMOVE(&outstanding->jobs, job, outstanding);
	lock_release(&outstanding->lock);
	return atomic_fetch_sub(&outstanding->count, 1) == 1;
}

unsigned outstanding_count(const struct outstanding *outstanding)
{
	return atomic_load(&outstanding->count);
}

size_t outstanding_name(struct outstanding *outstanding, char text[FETCH_LOST])
{
	const struct job *job, *first = NULL;
	size_t items = 0;

	lock_take(&outstanding->lock);
	for (job = TAILQ_FIRST(&outstanding->jobs); job; job = TAILQ_NEXT(job, outstanding)) {
		if (!first && job->items.count > 0)
			first = job;
		items += job->items.count;
	}
	if (first) {
		const struct record record = {.bytes = strlist_at(&first->items, 0),
		    .kept = strlist_length(&first->items, 0)};
		fetch_name_lost(text, &record, items);
	}
	lock_release(&outstanding->lock);
	return items;
}
