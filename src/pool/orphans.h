/*
 * orphans: processes of jobs that have left their job's group, as what timeout(1) runs.
 *
 * When the run ends, and their parents with it, they become our children, and are ended as well.
 */
#ifndef PEXEC_POOL_ORPHANS_H
#define PEXEC_POOL_ORPHANS_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "pool/guardian.h"
#include "pool/pool.h"
#include "queue/queue.h"

/* Orphans that are looked after, at a time. */
enum { MOST_ORPHANS = 64 };

struct orphans {
	struct pool *pool;
	struct queue *queue;
	const struct guardian *guardian;
	int ending;               /* the signal that they get; 0: none yet */
	pid_t told[MOST_ORPHANS]; /* those that have got it */
	size_t told_count;
	pid_t own[MOST_ORPHANS]; /* children that pexec was started with: they are none of a job */
	size_t own_count;
};

/* Call it before the first job starts. */
void orphans_init(struct orphans *orphans, struct pool *pool, struct queue *queue,
    const struct guardian *guardian);

/* From now on orphans are adopted, and get this signal. */
void orphans_end_by(struct orphans *orphans, int signal);

/* Signals those that have come since the last call. Returns whether there are any at all. */
bool orphans_look(struct orphans *orphans);

#endif
