/*
 * acknowledge: tells whatever holds the queue what has become of a job, by --done and --failed.
 */
#ifndef PEXEC_RECORD_ACKNOWLEDGE_H
#define PEXEC_RECORD_ACKNOWLEDGE_H

#include "pool/pool.h"
#include "queue/job.h"

struct acknowledge_options {
	const char *done, *failed; /* the commands that acknowledge a job; NULL: there is none */
	bool dry_run;              /* they are not run */
	bool names_lost;           /* --next has taken the items off their queue */
};

/* Does this run acknowledge its jobs? */
bool acknowledges(const struct acknowledge_options *options);

/*
 * Runs the command for a job that has ended for good, once for each of its items, and waits for it.
 * Signals that end the jobs do not reach it, but SIGKILL does. What goes wrong is said. The slot
 * has no other process meanwhile.
 */
void acknowledge(struct slot *slot, const struct job *job);

/* A job has not been run to its end: says so, where --next has taken it off its queue. */
void acknowledge_left_out(const struct acknowledge_options *options, const struct job *job);

/* A job is done, but no slot is left that could run the command for it: says so. */
void acknowledge_missed(const struct acknowledge_options *options, const struct job *job);

#endif
