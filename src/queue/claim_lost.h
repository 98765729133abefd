/*
 * claim_lost: what runs that are dead had taken of a queue that is shared, and have not done.
 */
#ifndef PEXEC_QUEUE_CLAIM_LOST_H
#define PEXEC_QUEUE_CLAIM_LOST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "queue/claim_file.h"

enum claim_others {
	CLAIM_OTHERS_LIVE,  /* all others have done what they had taken, or are at it */
	CLAIM_OTHERS_DIE,   /* one is dead, and its jobs are being killed */
	CLAIM_OTHERS_DEAD,  /* one is dead that has not done all that it had taken */
	CLAIM_OTHERS_FAILED /* that cannot be known, which has been said */
};

/*
 * What has become of those that were there when the file was last locked? The lock need not be
 * held: over NFS it takes a while to ask for a thousand runs.
 */
enum claim_others claim_lost_look(struct claim_file *file);

/* What dead runs had taken. */
struct claim_lost {
	struct claim_range *ranges; /* in the order of the queue */
	size_t count;
	uint64_t *dead; /* the parts that these runs were */
	size_t dead_count;
	uint64_t *parts; /* all parts but ours that are in the file */
	size_t part_count;
};

/*
 * Finds, with the lock, what runs that are dead had taken, unless all of it is done. With `enters`
 * it is this run's from now on. Returns 0, or -1: that has been said.
 */
int claim_lost_find(struct claim_file *file, struct claim_lost *lost, bool enters);
void claim_lost_free(struct claim_lost *lost);

#endif
