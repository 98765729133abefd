/*
 * acknowledge: tells what holds the queue what has become of a job, by --done, --failed and --back.
 */
#ifndef PEXEC_RECORD_ACKNOWLEDGE_H
#define PEXEC_RECORD_ACKNOWLEDGE_H

#include <stdatomic.h>
#include <stdbool.h>

#include "process/side_process.h"
#include "record/job_record.h"

struct acknowledge_options {
	const char *done, *failed; /* the commands that acknowledge a job; NULL: there is none */
	const char *back;          /* the one for items that are neither */
	bool dry_run;              /* they are not run */
	bool names_lost;           /* --next has taken the items off their queue */
};

/* What runs the commands: a slot. */
struct acknowledger {
	struct side_process side;
	const atomic_bool *gives_up; /* nothing is given back any more; later than side.killed */
	_Atomic uint64_t *seq;       /* of the job that the process is for, for messages */
};

/* Does this run acknowledge its jobs? */
bool acknowledges(const struct acknowledge_options *options);

/*
 * Runs the command for a job that has ended for good, once for each of its items, and waits for it.
 * Signals that end the jobs do not reach it, but SIGKILL does. What goes wrong is said.
 */
void acknowledge(const struct acknowledge_options *options, const struct acknowledger *by,
    const struct job_record *record);

/*
 * A job has not been run to its end: where --next has taken its items off their queue, gives each
 * of them back, as acknowledge does, or says that it is lost; says so, too, of one that was added
 * and is in no queue. Returns whether it is as if it had not been taken: it was not begun, and all
 * of it is back.
 */
bool acknowledge_left_out(const struct acknowledge_options *options, const struct acknowledger *by,
    const struct job_record *record);

#endif
