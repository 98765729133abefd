/*
 * acknowledge: tells what holds the queue what has become of a job, by --done and --failed.
 */
#ifndef PEXEC_RECORD_ACKNOWLEDGE_H
#define PEXEC_RECORD_ACKNOWLEDGE_H

#include <stdatomic.h>
#include <stdbool.h>

#include "process/side_process.h"
#include "record/job_record.h"

struct acknowledge_options {
	const char *done, *failed; /* the commands that acknowledge a job; NULL: there is none */
	bool dry_run;              /* they are not run */
	bool names_lost;           /* --next has taken the items off their queue */
};

/* What runs the commands: a slot. */
struct acknowledger {
	struct side_process side;
	_Atomic uint64_t *seq; /* of the job that the process is for, for messages */
};

/* Does this run acknowledge its jobs? */
bool acknowledges(const struct acknowledge_options *options);

/*
 * Runs the command for a job that has ended for good, once for each of its items, and waits for it.
 * Signals that end the jobs do not reach it, but SIGKILL does. What goes wrong is said.
 */
void acknowledge(const struct acknowledge_options *options, const struct acknowledger *by,
    const struct job_record *record);

/* A job has not been run to its end: says so, where --next has taken it off its queue, or it was
 * added and is in none. */
void acknowledge_left_out(
    const struct acknowledge_options *options, const struct job_record *record);

#endif
