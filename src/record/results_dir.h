/*
 * results_dir: a folder with what came of each job (--results DIR).
 *
 * DIR/SEQ has the files `stdout` and `stderr`, which grow while the job runs, `seq`, `item` (each
 * value with a newline), and in the end `exitval`: where that is missing, the job has not been
 * completed. An item is never part of a path, and no link in DIR is followed. Slots may call these
 * at once, for different jobs.
 */
#ifndef PEXEC_RECORD_RESULTS_DIR_H
#define PEXEC_RECORD_RESULTS_DIR_H

#include <stdbool.h>

#include "output/job_output.h"
#include "record/job_record.h"

/*
 * Opens the folder `name`, which is made with those above it where they are missing. Returns its
 * descriptor. Exits with status 1 and a message when it belongs to another user than us or root,
 * and on failure.
 */
int results_dir_open(const char *name);

/*
 * Prepares the folder of a job that is about to start, and opens its files `stdout` and `stderr` as
 * copies of `output`. What an earlier run has left there is replaced; what an earlier attempt has
 * printed is kept when `keeps_output`. Returns 0, or -1 with errno.
 */
int results_dir_begin(
    int folder, const struct job_record *record, struct job_output *output, bool keeps_output);

/* The job has ended: completes its folder. Returns 0, or -1 with errno. */
int results_dir_end(int folder, const struct job_record *record);

#endif
