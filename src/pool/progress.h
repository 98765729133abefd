/*
 * progress: how far the run has come: what runs, what has ended, and when that is shown.
 */
#ifndef PEXEC_POOL_PROGRESS_H
#define PEXEC_POOL_PROGRESS_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/lock.h"
#include "base/timers.h"
#include "pool/failures.h"
#include "pool/summary.h"
#include "record/job_record.h"

/* How long, in ms, a status that is shown stays, and how long the first one takes to come. */
enum { PROGRESS_INTERVAL = 1000 };

/* What shows the counts: it is due when they have changed, and not too soon after the last time. */
struct display {
	struct timer *timer; /* due when it is to be shown anew; NULL: there is no such display */
	atomic_bool stale;   /* something has changed since it was shown */
	_Atomic int64_t shown_until; /* it is not shown again before, of clock_ms() */
};

/* How long jobs ran that are over. */
struct run_lengths {
	struct lock lock; /* guards what follows */
	uint64_t jobs;
	double sum_s, squares_s; /* of their run times */
};

struct progress {
	int64_t began_ms;              /* of clock_ms() */
	atomic_uint running;           /* processes */
	atomic_uint at_work;           /* slots that have a job */
	atomic_uint giving_back;       /* slots that leave out what they have taken */
	_Atomic uint64_t done, failed; /* jobs */
	_Atomic uint64_t left_out;     /* jobs that were taken, and not run to their end */
	_Atomic uint64_t given_back;   /* of these: not begun, and back in their queue */
	bool counts_jobs;              /* jobs are counted in the summary */
	bool counts_processes;         /* so are processes: for --summary */
	bool counts_lengths;           /* run lengths are counted: for --progress */
	struct summary summary;
	struct failures failures;
	struct run_lengths lengths; /* where there is a line */
	struct display status;      /* in ps(1), and for the service manager */
	struct display line;        /* --progress, in a terminal */
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
 * There is a line as well: from now on run lengths are counted, and changes set `timer` (NULL: they
 * set none). Call it before there are jobs.
 */
void progress_add_line(struct progress *progress, struct timer *timer);

/* The line is drawn now, and not again by changes for `interval_ms`. */
void progress_drawn(struct progress *progress, int64_t now_ms, int64_t interval_ms);

/* How many jobs are over, and how long they ran, where there is a line. */
void progress_lengths(struct progress *progress, uint64_t *jobs, double *sum_s, double *squares_s);

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

/* Such a job was not begun, and its items are back in their queue. */
void progress_job_given_back(struct progress *progress);

/* A job that was over is left after all: its output or its record cannot be kept. */
void progress_job_taken_back(struct progress *progress, const struct job_record *record);

#endif
