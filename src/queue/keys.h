/*
 * keys: never more than so many jobs with the same key at a time (--key, --per-key).
 *
 * A job whose key is busy steps aside, and those behind it go first. When a job of its key is over,
 * the first that has stepped aside goes to the jobs that are ready: so the order within a key is
 * kept, and a key is held from there on. A job keeps its key until it has ended for good, over all
 * of its attempts.
 *
 * Safe from any thread, but for keys_admit: that is for the slot that has the turn at the queue.
 */
#ifndef PEXEC_QUEUE_KEYS_H
#define PEXEC_QUEUE_KEYS_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/tree.h>

#include "base/lock.h"
#include "base/strlist.h"
#include "command/template.h"
#include "queue/job.h"

/* So many jobs may have stepped aside; then no other one is read. */
enum { MOST_ASIDE = 10000 };

RB_HEAD(key_tree, key);

struct keys {
	const struct template *template; /* NULL: jobs have no key */
	unsigned most;                   /* jobs of a key at a time */
	struct strlist text;             /* the key of the job that is being admitted */
	atomic_uint aside;               /* jobs that have stepped aside */
	struct lock lock;                /* guards what follows */
	struct key_tree busy;            /* keys that jobs have, or wait for */
};

/* `template` makes the key of a job; NULL: jobs have none. */
void keys_init(struct keys *keys, const struct template *template, unsigned most);
void keys_destroy(struct keys *keys);

/*
 * May this job be run now? If not, it has stepped aside, and is not the caller's any more. One that
 * has its key already may. Without memory for its key it may, and is one that cannot be run.
 */
bool keys_admit(struct keys *keys, struct job *job);

/* The job has ended for good. Returns a job that has its key now and is ready; NULL: there is none.
 */
struct job *keys_leave(struct keys *keys, struct job *job);

/* How many jobs have stepped aside? */
unsigned keys_aside(const struct keys *keys);

/* Takes one of them, for the run has ended; NULL: there is none. */
struct job *keys_take_any(struct keys *keys);

#endif
