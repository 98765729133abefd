/*
 * attempt_events: what is told of an attempt to those who want to know what happens: that its
 * process has started, that its time has run out, and that it has ended, in this order.
 */
#ifndef PEXEC_POOL_ATTEMPT_EVENTS_H
#define PEXEC_POOL_ATTEMPT_EVENTS_H

#include "pool/attempt.h"
#include "queue/job.h"

/* There is a process; the job is not shown yet. */
void attempt_tell_start(struct attempt *attempt, const struct job *job);

/* As process_expire, by the supervisor. */
int64_t attempt_expire(
    struct attempt *attempt, int64_t timeout_ms, const struct termination *termination);

/* The process is no more. `error`: its program could not be run; otherwise `result` counts. */
void attempt_tell_end(
    struct attempt *attempt, const struct job *job, enum attempt_result result, int error);

#endif
