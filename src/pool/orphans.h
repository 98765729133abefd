/*
 * orphans: processes of jobs whose parents have ended, so that they are our children now.
 *
 * Those of a running job are ended with it (process/descendants.h). When the run ends, and parents
 * with it, there are new ones, and they are ended as well. Those of a job that was over before are
 * left alone.
 */
#ifndef PEXEC_POOL_ORPHANS_H
#define PEXEC_POOL_ORPHANS_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "pool/guardian.h"
#include "pool/pool.h"
#include "queue/queue.h"

/* Orphans that are looked after at a time, and those that are left alone. */
enum { MOST_ORPHANS = 64, MOST_OWN = 1024 };

struct orphans {
	struct pool *pool;
	struct queue *queue;
	const struct guardian *guardian;
	int ending;               /* the signal that they get; 0: none yet */
	pid_t told[MOST_ORPHANS]; /* those that have got it */
	size_t told_count;
	pid_t own[MOST_OWN]; /* children that pexec was started with, and that are left alone */
	size_t own_count;
};

/* Call it before the first job starts: from now on orphans are adopted. */
void orphans_init(struct orphans *orphans, struct pool *pool, struct queue *queue,
    const struct guardian *guardian);

/* From now on orphans of jobs get this signal. */
void orphans_end_by(struct orphans *orphans, int signal);

/*
 * Reaps those that have ended. The main thread calls it: children of a slot that has left are also
 * its own, but the command that gives the items is reaped by the slot that reads what it prints.
 */
void orphans_reap(const struct orphans *orphans);

/* Signals those that have come since the last call. Returns whether there are any at all. */
bool orphans_look(struct orphans *orphans);

#endif
