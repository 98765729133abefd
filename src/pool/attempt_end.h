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

/* Its parts, for a process that makes several: lets other threads see which job the slot is running
 * (NULL: none); what a process that has ended came to; and that the job has not had all of its
 * input, for an errno. */
void attempt_show(struct attempt *attempt, struct job *job);
void attempt_note_end(
    struct attempt *attempt, struct job *job, int status, const struct rusage *usage);
void attempt_lose_input(struct job *job, int error);

/* Judges a process that has ended. */
enum attempt_result attempt_judge(struct attempt *attempt, const struct job *job);

#endif
