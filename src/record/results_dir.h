/*
 * results: a folder with what came of each job (--results DIR).
 *
 * DIR/SEQ has the files `stdout` and `stderr`, which grow while the job runs, `seq`, `item` (each
 * value with a newline), and in the end `exitval`: where that is missing, the job has not been
 * completed. An item is never part of a path.
 */
#ifndef PEXEC_RECORD_RESULTS_DIR_H
#define PEXEC_RECORD_RESULTS_DIR_H

#include "queue/job.h"

/* Opens the folder `name`; makes it, and those above it, if need be. Exits with status 1 and a
 * message on failure. */
int results_dir_open(const char *name);

/*
 * Prepares the folder of a job that is about to start; what an earlier run left there is replaced,
 * and what an earlier attempt printed is kept when it is run `again`.
 * Returns 0, or -1 with errno.
 */
int results_dir_begin(int folder, struct job *job, bool again);

/* The job has ended: completes its folder. Returns 0, or -1 with errno. */
int results_dir_end(int folder, struct job *job);

#endif
