/*
 * progress: how far the run has come: what runs, what has ended, and when that is shown.
 */
#ifndef PEXEC_POOL_PROGRESS_H
#define PEXEC_POOL_PROGRESS_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/timers.h"
#include "pool/failures.h"
#include "pool/summary.h"
#include "record/job_record.h"

/* How long, in ms, a status that is shown stays, and how long the first one takes to come. */
enum { PROGRESS_INTERVAL = 1000 };

struct progress {
	int64_t began_ms;              /* of clock_ms() */
	atomic_uint running;           /* processes */
	atomic_uint at_work;           /* slots that have a job */
	_Atomic uint64_t done, failed; /* jobs */
	_Atomic uint64_t left_out;     /* jobs that were taken, and not run to their end */
	bool counts_jobs;              /* jobs are counted in the summary */
	bool counts_processes;         /* so are processes: for --summary */
	struct summary summary;
	struct failures failures;
	struct timer *show;          /* due when the status is to be shown anew */
	atomic_bool stale;           /* something has changed since it was shown */
	_Atomic int64_t shown_until; /* it is not shown again before, of clock_ms() */
};

/* `counts_jobs`: the median is asked for; `counts_processes`: the summary is. */
void progress_init(
    struct progress *progress, struct timer *show, bool counts_jobs, bool counts_processes);
void progress_destroy(struct progress *progress);

/* Something has changed that the status shows: it is shown, no sooner than a second after the last
 * time. Safe from any thread. */
void progress_changed(struct progress *progress);

/* The timer was due at `now_ms`: the status is shown now. */
void progress_shown(struct progress *progress, int64_t now_ms);

/*
 * A process is about to be started. Then either it could not be started, or it ends after so many
 * seconds.
 */
void progress_process_begins(struct progress *progress);
void progress_process_failed(struct progress *progress);
void progress_process_ended(struct progress *progress, double runtime_s);

/* A job is over, done or failed. */
void progress_job_ended(struct progress *progress, const struct job_record *record);

/* A job was taken from the queue that is not run to its end. */
void progress_job_left_out(struct progress *progress);

/* A job that was over is left after all: its output or its record cannot be kept. */
void progress_job_taken_back(struct progress *progress, const struct job_record *record);

#endif
