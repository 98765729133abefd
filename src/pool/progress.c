#include "pool/progress.h"

#include "base/clock.h"

void progress_init(
    struct progress *progress, struct timer *show, bool counts_jobs, bool counts_processes)
{
	int64_t now_ms = clock_ms();

	*progress = (struct progress){.began_ms = now_ms,
	    .counts_jobs = counts_jobs || counts_processes,
	    .counts_processes = counts_processes,
	    .show = show,
	    .stale = true,
	    .shown_until = now_ms + PROGRESS_INTERVAL};
	summary_init(&progress->summary);
	failures_init(&progress->failures);
	/* A run of less than that is over before its first status, and nothing is done for it. */
	timer_set(show, now_ms + PROGRESS_INTERVAL);
}

void progress_destroy(struct progress *progress)
{
	summary_free(&progress->summary);
	failures_free(&progress->failures);
}

void progress_changed(struct progress *progress)
{
	if (!atomic_load(&progress->stale) && !atomic_exchange(&progress->stale, true))
		timer_set(progress->show, atomic_load(&progress->shown_until));
}

void progress_shown(struct progress *progress, int64_t now_ms)
{
	atomic_store(&progress->shown_until, now_ms + PROGRESS_INTERVAL);
	atomic_store(&progress->stale, false);
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
	progress_changed(progress);
}

void progress_job_left_out(struct progress *progress)
{
	atomic_fetch_add(&progress->left_out, 1);
}

void progress_job_taken_back(struct progress *progress, const struct job_record *record)
{
	atomic_fetch_sub(record->failed ? &progress->failed : &progress->done, 1);
	if (record->failed)
		failures_take_back(&progress->failures, record);
	if (progress->counts_jobs)
		summary_take_back(&progress->summary, record);
	progress_job_left_out(progress);
	progress_changed(progress);
}
