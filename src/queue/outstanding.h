/*
 * outstanding: the jobs that came from a command (--source, --next) and are not over.
 *
 * A job that is in here keeps its items, whoever has it.
 */
#ifndef PEXEC_QUEUE_OUTSTANDING_H
#define PEXEC_QUEUE_OUTSTANDING_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/lock.h"
#include "queue/fetch.h"
#include "queue/job.h"

TAILQ_HEAD(outstanding_jobs, job);

struct outstanding {
	atomic_uint count;
	struct lock lock;             /* guards what follows */
	struct outstanding_jobs jobs; /* as they have begun */
};

void outstanding_init(struct outstanding *outstanding);
void outstanding_destroy(struct outstanding *outstanding);

void outstanding_add(struct outstanding *outstanding, struct job *job);

/* Returns whether none is left. */
bool outstanding_remove(struct outstanding *outstanding, struct job *job);

/* How many there are. Safe from any thread. */
unsigned outstanding_count(const struct outstanding *outstanding);

/* How many items they have; writes to `text` how a message names them, where there are any. Waits
 * for nobody. */
size_t outstanding_name(struct outstanding *outstanding, char text[FETCH_LOST]);

#endif
