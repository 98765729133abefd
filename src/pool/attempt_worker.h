/*
 * attempt_worker: a process that makes the attempts of many jobs, one after the other (--ack).
 *
 * It gets their blocks on its standard input, and answers each with a line on its standard output:
 * that is what the job has printed, and the job is done. Where it ends without one the job has
 * failed, and the next one gets a new process.
 */
#ifndef PEXEC_POOL_ATTEMPT_WORKER_H
#define PEXEC_POOL_ATTEMPT_WORKER_H

#include "pool/attempt.h"
#include "pool/attempt_start.h"
#include "queue/job.h"

/* Is there a process for the next job? One that has ended meanwhile is taken leave of. */
bool attempt_worker_is_there(struct attempt *attempt);

/* Starts the program at `path` for this job and others, unless the gate is closed. */
enum start attempt_worker_start(struct attempt *attempt, struct job *job, const char *path);

/* Gives the process the job, and waits for its answer, or for its end. Returns 0; ATTEMPT_ANEW when
 * the job is for another process; or the errno of its exec when the command could not be run. */
enum { ATTEMPT_ANEW = -1 };
int attempt_worker_accompany(struct attempt *attempt, struct job *job);

/* There is no other job for the process, if there is one: ends its input, and waits for its end. */
void attempt_worker_retire(struct attempt *attempt);

#endif
