#include "pool/progress.h"

#include "base/clock.h"

void progress_init(
    struct progress *progress, struct timer *show, bool counts_jobs, bool counts_processes)
{
	int64_t now_ms = clock_ms();

	*progress = (struct progress){.began_ms = now_ms,
	    .counts_jobs = counts_jobs || counts_processes,
	    .counts_processes = counts_processes,
	    .status = {show, true, now_ms + PROGRESS_INTERVAL}};
	lock_init(&progress->lengths.lock, LOCK_PROGRESS);
	summary_init(&progress->summary);
	failures_init(&progress->failures);
	/* A run of less than that is over before its first status, and nothing is done for it. */
	timer_set(show, now_ms + PROGRESS_INTERVAL);
}

void progress_destroy(struct progress *progress)
{
	summary_free(&progress->summary);
	failures_free(&progress->failures);
	lock_destroy(&progress->lengths.lock);
}

/* Something has changed that it shows. */
static void touch(struct display *display)
{
	if (!atomic_load(&display->stale) && !atomic_exchange(&display->stale, true))
		timer_set_by(display->timer, atomic_load(&display->shown_until));
}

void progress_changed(struct progress *progress)
{
	touch(&progress->status);
	if (progress->line.timer)
		touch(&progress->line);
}

/* It is shown now, and stays until then. */
static void shown(struct display *display, int64_t until_ms)
{
	atomic_store(&display->shown_until, until_ms);
	atomic_store(&display->stale, false);
}

void progress_shown(struct progress *progress, int64_t now_ms)
{
	shown(&progress->status, now_ms + PROGRESS_INTERVAL);
}

void progress_add_line(struct progress *progress, struct timer *timer)
{
	progress->line.timer = timer;
	atomic_store(&progress->line.stale, true);
	progress->counts_lengths = true;
}

void progress_drawn(struct progress *progress, int64_t now_ms, int64_t interval_ms)
{
	shown(&progress->line, now_ms + interval_ms);
}

/* Counts the run length of a job, by 1, or by -1: no more. */
static void count_length(struct progress *progress, double runtime_s, int by)
{
	struct run_lengths *lengths = &progress->lengths;

	if (!progress->counts_lengths)
		return;
	lock_take(&lengths->lock);
	lengths->jobs += (uint64_t)by; /* wraps around */
	lengths->sum_s += by * runtime_s;
	lengths->squares_s += by * runtime_s * runtime_s;
	lock_release(&lengths->lock);
}

void progress_lengths(struct progress *progress, uint64_t *jobs, double *sum_s, double *squares_s)
{
	struct run_lengths *lengths = &progress->lengths;

	lock_take(&lengths->lock);
	*jobs = lengths->jobs;
	*sum_s = lengths->sum_s;
	*squares_s = lengths->squares_s;
	lock_release(&lengths->lock);
}

void progress_process_begins(struct progress *progress)
{
	atomic_fetch_add(&progress->running, 1);
	progress_changed(progress);
}

void progress_process_failed(struct progress *progress)
{
	atomic_fetch_sub(&progress->running, 1);
	progress_changed(progress);
}

void progress_process_ended(struct progress *progress, double runtime_s)
{
	atomic_fetch_sub(&progress->running, 1);
	if (progress->counts_processes)
		summary_add_process(&progress->summary, runtime_s);
	progress_changed(progress);
}

void progress_job_ended(struct progress *progress, const struct job_record *record)
{
	atomic_fetch_add(record->failed ? &progress->failed : &progress->done, 1);
	if (record->failed)
		failures_add(&progress->failures, record);
	if (progress->counts_jobs)
		summary_add(&progress->summary, record);
	count_length(progress, record->runtime_s, 1);
	progress_changed(progress);
}

void progress_job_left_out(struct progress *progress)
{
	atomic_fetch_add(&progress->left_out, 1);
}

void progress_job_given_back(struct progress *progress)
{
	atomic_fetch_add(&progress->given_back, 1);
}

void progress_job_taken_back(struct progress *progress, const struct job_record *record)
{
	atomic_fetch_sub(record->failed ? &progress->failed : &progress->done, 1);
	if (record->failed)
		failures_take_back(&progress->failures, record);
	if (progress->counts_jobs)
		summary_take_back(&progress->summary, record);
	count_length(progress, record->runtime_s, -1);
	progress_job_left_out(progress);
	progress_changed(progress);
}
