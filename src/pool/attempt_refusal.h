/*
 * attempt_refusal: a command that cannot be run, and whether that is so for one job or for the run.
 */
#ifndef PEXEC_POOL_ATTEMPT_REFUSAL_H
#define PEXEC_POOL_ATTEMPT_REFUSAL_H

#include <stdbool.h>

#include "pool/attempt.h"
#include "queue/job.h"

/* What the exit value of a job is whose command was not run, as a shell says it. */
enum { CANNOT_RUN = 126, NOT_FOUND = 127 };

/* The command cannot be run, with this errno. Says so. */
enum attempt_result attempt_refuse_command(struct attempt *attempt, struct job *job, int error);

/* The program is not there. A user who is asked about each command is asked first. */
enum attempt_result attempt_refuse_missing(struct attempt *attempt, struct job *job, int error);

#endif
