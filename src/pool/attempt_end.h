/*
 * attempt_end: the process of an attempt while it runs, and what it has come to when it has ended.
 */
#ifndef PEXEC_POOL_ATTEMPT_END_H
#define PEXEC_POOL_ATTEMPT_END_H

#include "pool/attempt.h"
#include "queue/job.h"

/*
 * Takes part in the life of a process until it has ended, and its output too. Returns 0, or the
 * errno of its exec when the command could not be run.
 */
int attempt_accompany(struct attempt *attempt, struct job *job);

/* Judges a process that has ended. */
enum attempt_result attempt_judge(struct attempt *attempt, const struct job *job);

#endif
