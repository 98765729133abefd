/*
 * attempt_start: the start of the process of an attempt, with what it reads and pipes for what it
 * prints.
 */
#ifndef PEXEC_POOL_ATTEMPT_START_H
#define PEXEC_POOL_ATTEMPT_START_H

#include "pool/attempt.h"
#include "queue/job.h"

enum start {
	STARTED,
	NOT_NOW,     /* the gate is closed */
	CANNOT_START /* errno says why */
};

/* Starts the program at `path`, unless the gate is closed. */
enum start attempt_start(struct attempt *attempt, struct job *job, const char *path);

/* The same with descriptors that are to be its standard input, and its two outputs (-1: ours). */
enum start attempt_start_process(
    struct attempt *attempt, struct job *job, const char *path, int input, const int ends[2]);

#endif
