/*
 * slot: the life of a job. The one file to read first.
 */
#ifndef PEXEC_POOL_SLOT_H
#define PEXEC_POOL_SLOT_H

#include <stdbool.h>

#include "pool/pool.h"

/*
 * Starts the thread of the lowest slot that has none, when the limit allows one more. Returns false
 * when the system has no room for another thread; errno says why.
 */
bool slot_start(struct pool *pool);

/* Lets slots bring on the job whose turn it is, where others wait for it: once, before any starts.
 */
void slot_help_stuck(struct pool *pool);

/* Starts one more slot when none waits for a job and there may be one more. */
void slot_start_if_wanted(struct pool *pool);

/* Waits for the threads of all slots. */
void slot_join_all(struct pool *pool);

#endif
