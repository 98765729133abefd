/*
 * halt: ends the run by what has come of its jobs (--halt).
 */
#ifndef PEXEC_POOL_HALT_H
#define PEXEC_POOL_HALT_H

#include <stdbool.h>
#include <stdint.h>

#include "pace/run_state.h"
#include "pool/progress.h"

/* --halt: WHEN,WHY=N or N%. */
struct halt {
	enum halt_when { HALT_NEVER, HALT_SOON, HALT_NOW } when;
	enum halt_why { HALT_FAIL, HALT_SUCCESS, HALT_DONE } why;
	unsigned long long count;
	bool sets_status; /* the exit status tells of the job, or the jobs, as with GNU parallel */
	bool is_unsaid;   /* the run has one job: that says enough */
	bool percent; /* of all jobs; of those that have ended when the queue's length is unknown */
};

/*
 * The job of `record` has ended: ends the run, and says so, if that makes the condition true.
 * `total` is the number of all jobs; 0: that is not known.
 */
void halt_look(const struct halt *halt, struct run_state *state, struct progress *progress,
    uint64_t total, const struct job_record *record);

#endif
