#include "queue/keys.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

struct key {
	RB_ENTRY(key) by_text;
	unsigned jobs;         /* that have it */
	struct job_list aside; /* that wait for it, in queue order */
	size_t length;
	char text[];
};

static int compare(const struct key *a, const struct key *b)
{
	if (a->length != b->length)
		return a->length < b->length ? -1 : 1;
	return memcmp(a->text, b->text, a->length);
}

RB_PROTOTYPE(key_tree, key, by_text, compare)
RB_GENERATE(key_tree, key, by_text, compare)

void keys_init(struct keys *keys, const struct template *template, unsigned most)
{
	*keys = (struct keys){.template = template, .most = most};
	lock_init(&keys->lock, LOCK_READY);
	RB_INIT(&keys->busy);
}

void keys_destroy(struct keys *keys)
{
	struct key *key;
	struct job *job;

	while ((job = keys_take_any(keys)))
		job_free(job);
	while ((key = RB_ROOT(&keys->busy))) {
		RB_REMOVE(key_tree, &keys->busy, key);
		free(key);
	}
	strlist_free(&keys->text);
	lock_destroy(&keys->lock);
}

/* Makes a key of `text`, that no job has yet. NULL without memory. */
static struct key *make_key(const struct strlist *text)
{
	struct key *key = calloc(1, sizeof *key + text->used);

	if (!key)
		return NULL;
	STAILQ_INIT(&key->aside);
	key->length = text->used;
	memcpy(key->text, text->bytes, text->used);
	return key;
}

/* Gives the job its key, or puts it aside. Returns whether it has it. With the lock held. */
static bool give_or_wait(struct keys *keys, struct key *made, struct job *job)
{
	struct key *key = RB_INSERT(key_tree, &keys->busy, made);

	if (key)
		free(made); /* there is one already */
	else
		key = made;
	if (key->jobs < keys->most && STAILQ_EMPTY(&key->aside)) {
		key->jobs++;
		job->key = key;
		return true;
	}
	STAILQ_INSERT_TAIL(&key->aside, job, next);
	atomic_fetch_add(&keys->aside, 1);
	return false;
}

bool keys_admit(struct keys *keys, struct job *job)
{
	const struct template_values values = {
	    .items = &job->items, .columns = job->record.columns, .seq = job->record.seq};
	struct key *made = NULL;

	if (!keys->template || job->key || job->problem)
		return true;
	/* All words of it, each with its NUL: several where a job has several items. */
	template_fill(keys->template, &values, &keys->text);
	if (!strlist_failed(&keys->text))
		made = make_key(&keys->text);
	if (!made) {
		job_set_problem(job, PROBLEM_MEMORY, keys->text.used, 0);
		return true;
	}
	lock_take(&keys->lock);
	bool has_key = give_or_wait(keys, made, job);
	lock_release(&keys->lock);
	return has_key;
}

struct job *keys_leave(struct keys *keys, struct job *job)
{
	struct key *key = job->key;

	if (!key)
		return NULL;
	job->key = NULL;
	lock_take(&keys->lock);
	struct job *next = STAILQ_FIRST(&key->aside);
	if (next) {
		/* Then as many jobs have it as may: one leaves, and one comes. */
		STAILQ_REMOVE_HEAD(&key->aside, next);
		atomic_fetch_sub(&keys->aside, 1);
		next->key = key;
	} else if (--key->jobs == 0) {
		RB_REMOVE(key_tree, &keys->busy, key);
		free(key);
	}
	lock_release(&keys->lock);
	return next;
}

unsigned keys_aside(const struct keys *keys)
{
	return atomic_load(&keys->aside);
}

struct job *keys_take_any(struct keys *keys)
{
	struct job *job = NULL;
	struct key *key;

	if (keys_aside(keys) == 0)
		return NULL;
	lock_take(&keys->lock);
	RB_FOREACH(key, key_tree, &keys->busy)
	{
		job = STAILQ_FIRST(&key->aside);
		if (job)
			break;
	}
	if (job) {
		STAILQ_REMOVE_HEAD(&key->aside, next);
		atomic_fetch_sub(&keys->aside, 1);
	}
	lock_release(&keys->lock);
	return job;
}
