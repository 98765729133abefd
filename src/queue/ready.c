#include "queue/ready.h"

/*
 * So many jobs may wait when another one is added from outside, and so many bytes may those take
 * that were added: the item of each may have 128 KiB.
 */
enum { MOST_WAITING = 10000, MOST_ADDED_BYTES = 64 * 1024 * 1024 };
static const char too_many[] = "nothing is added: 10000 jobs wait for a slot already",
		  too_large[] = "nothing is added: the items that were added and wait for a slot "
				"take 64 MiB already";

static int compare_due(const struct job *a, const struct job *b)
{
	if (a->due_ms != b->due_ms)
		return a->due_ms < b->due_ms ? -1 : 1;
	return (a->record.seq > b->record.seq) - (a->record.seq < b->record.seq);
}

RB_PROTOTYPE(job_tree, job, by_time, compare_due)
RB_GENERATE(job_tree, job, by_time, compare_due)

void ready_init(struct ready *ready, struct timer *timer)
{
	*ready = (struct ready){.timer = timer};
	lock_init(&ready->lock, LOCK_READY);
	STAILQ_INIT(&ready->jobs);
	RB_INIT(&ready->delayed);
}

void ready_destroy(struct ready *ready)
{
	lock_destroy(&ready->lock);
}

/* With the lock held. */
static void insert(struct ready *ready, struct job *job)
{
	STAILQ_INSERT_TAIL(&ready->jobs, job, next);
	atomic_fetch_add(&ready->count, 1);
}

/* Sets the timer to the time of the first job that waits. With the lock held. */
static void set_timer(struct ready *ready)
{
	const struct job *first = RB_MIN(job_tree, &ready->delayed);

	timer_set(ready->timer, first ? first->due_ms : TIMER_NEVER);
}

void ready_put(struct ready *ready, struct job *job)
{
	lock_take(&ready->lock);
	insert(ready, job);
	lock_release(&ready->lock);
}

void ready_put_all(struct ready *ready, struct job_list *jobs)
{
	struct job *job;

	lock_take(&ready->lock);
	while ((job = STAILQ_FIRST(jobs))) {
		STAILQ_REMOVE_HEAD(jobs, next);
		insert(ready, job);
	}
	lock_release(&ready->lock);
}

void ready_put_delayed(struct ready *ready, struct job *job, int64_t due_ms)
{
	job->due_ms = due_ms;
	lock_take(&ready->lock);
	RB_INSERT(job_tree, &ready->delayed, job);
	atomic_fetch_add(&ready->delayed_count, 1);
	set_timer(ready);
	lock_release(&ready->lock);
}

const char *ready_add(struct ready *ready, struct job *job)
{
	const char *problem = NULL;
	size_t bytes = job_bytes(job);

	lock_take(&ready->lock);
	if (ready->sealed)
		problem = "the run is at its end";
	else if (ready_count(ready) >= MOST_WAITING)
		problem = too_many;
	else if (bytes > MOST_ADDED_BYTES - ready->added_bytes)
		problem = too_large;
	if (!problem) {
		job->record.seq = JOB_ADDED + ++ready->added;
		job->added_bytes = bytes;
		ready->added_bytes += bytes;
		insert(ready, job);
	}
	lock_release(&ready->lock);
	return problem;
}

bool ready_seal(struct ready *ready)
{
	lock_take(&ready->lock);
	bool sealed = ready->sealed = ready_count(ready) == 0;
	lock_release(&ready->lock);
	return sealed;
}

struct job *ready_take(struct ready *ready)
{
	if (ready_count(ready) == 0)
		return NULL;
	lock_take(&ready->lock);
	struct job *first = STAILQ_FIRST(&ready->jobs);
	if (first) {
		STAILQ_REMOVE_HEAD(&ready->jobs, next);
		atomic_fetch_sub(&ready->count, 1);
		ready->added_bytes -= first->added_bytes;
		first->added_bytes = 0;
	}
	lock_release(&ready->lock);
	return first;
}

unsigned ready_release(struct ready *ready, int64_t now_ms)
{
	unsigned count = 0;

	lock_take(&ready->lock);
	for (struct job *job; (job = RB_MIN(job_tree, &ready->delayed)) && job->due_ms <= now_ms;) {
		RB_REMOVE(job_tree, &ready->delayed, job);
		insert(ready, job);
		count++;
	}
	atomic_fetch_sub(&ready->delayed_count, count);
	set_timer(ready);
	lock_release(&ready->lock);
	return count;
}

struct job *ready_take_any(struct ready *ready)
{
	ready_release(ready, INT64_MAX);
	return ready_take(ready);
}

unsigned ready_count(const struct ready *ready)
{
	return atomic_load(&ready->count);
}

unsigned ready_delayed(const struct ready *ready)
{
	return atomic_load(&ready->delayed_count);
}
