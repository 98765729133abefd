/*
 * settle: the one owner of the order of jobs, and the one place in which a job comes to its end,
 * whatever has become of it: run, failed, put back, added, or never begun.
 *
 * A job takes its place in the order when it is handed out (settle_begin), and leaves it here
 * (settle_end). In between it may be put back and taken again as often as is needed. At its end it
 * is counted; and when its turn has come its output is delivered, then it is recorded, then it is
 * acknowledged: the journal must not claim what has not arrived, and what holds the queue may
 * forget a job only when nothing of it can get lost.
 *
 * Without -k it is every job's turn at all times. With -k the first job in the order has the turn:
 * what it prints is passed on as it comes, and what the others print is kept until it is theirs.
 *
 * With -k and a journal what goes out is always a beginning of what a serial run prints, so that
 * the run that resumes this one prints the rest: behind a job that is left out all others are left
 * out as well, whatever they have come to.
 */
#ifndef PEXEC_POOL_SETTLE_H
#define PEXEC_POOL_SETTLE_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/queue.h>

#include "base/lock.h"
#include "output/output.h"
#include "pace/gate.h"
#include "pool/halt.h"
#include "pool/progress.h"
#include "pool/time_limit.h"
#include "queue/job.h"
#include "queue/queue.h"
#include "record/record.h"

TAILQ_HEAD(job_order, job);

struct settle {
	const struct halt *halt;
	struct queue *queue;
	struct gate *gate;
	struct run_state *state;
	struct output *output;
	struct records *records;
	struct events *events;
	struct progress *progress;
	struct time_limit *limit;
	uint64_t total;         /* all jobs of the queue; 0: that is not known */
	bool ordered;           /* -k */
	bool resumable;         /* another run can go on where this one ends */
	size_t most_kept_bytes; /* memory for jobs that wait: for their turn, for an attempt */
	unsigned most_kept_files;

	struct lock lock;       /* guards what follows */
	struct job_order order; /* -k: the jobs that have begun and are not settled */
	bool settling;          /* a slot settles the first one */
	bool broken_off;        /* -k, resumable: one was left out, and so are all behind it */
	size_t kept_bytes;
	unsigned kept_files;
};

/* The parts of the run that it works with have to be set; the order and the bounds as well. */
void settle_init(struct settle *settle);
void settle_destroy(struct settle *settle);

/* So many descriptors may be taken by jobs that wait: for their turn, or for another attempt. */
void settle_set_most_files(struct settle *settle, unsigned files);

/*
 * A job was taken from the queue: it gets its place in the order, behind all that have one. Nothing
 * changes for a job that has one already. By the slot that has the turn at the queue.
 */
void settle_begin(struct settle *settle, struct job *job);

/*
 * The slot that runs the job is woken at the end of this pipe when the turn of the job comes; NULL:
 * no slot runs it.
 */
void settle_set_wake(struct settle *settle, struct job *job, const int ends[2]);

/* What becomes of a job in the end. */
enum outcome {
	JOB_DONE,
	JOB_FAILED,
	JOB_LEFT_OUT /* not started, ended with the run, or the run has ended before its last
			attempt: as if it had not been taken, it is neither counted nor recorded */
};

/*
 * The job is over, and settled when its turn comes, perhaps by another slot; `by` acknowledges jobs
 * for the calling slot. Returns the job, emptied, for the next item, or NULL: it was given away.
 */
struct job *settle_end(
    struct settle *settle, struct job *job, enum outcome outcome, const struct acknowledger *by);

/* -k: lets those who want to listen to this job do so, also while it waits for its turn. */
void settle_let_listen(struct settle *settle, uint64_t seq);

/* An attempt has failed, and there will be another one: what it has printed goes out, if it may.
 * What is kept of it until then is as small as can be, and counts as output that waits. */
void settle_attempt(struct settle *settle, struct job *job);

/* The results of a job cannot be written: ends the run. */
void settle_lose_results(struct settle *settle, const struct job *job, int error);

/* -k: is it the turn of a job that no slot runs at the moment? */
bool settle_turn_is_idle(struct settle *settle);

#endif
