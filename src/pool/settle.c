#include "pool/settle.h"

#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "base/message.h"

void settle_init(struct settle *settle)
{
	lock_init(&settle->lock, LOCK_SETTLE);
	TAILQ_INIT(&settle->order);
}

void settle_destroy(struct settle *settle)
{
	assert(TAILQ_EMPTY(&settle->order));
	lock_destroy(&settle->lock);
}

void settle_set_most_files(struct settle *settle, unsigned files)
{
	settle->most_kept_files = files;
}

/* --- the order --- */

/* Gives the turn to the first job, if there is one. With the lock held. */
static void give_turn(struct settle *settle)
{
	struct job *first = TAILQ_FIRST(&settle->order);

	if (!first || first->over)
		return;
	atomic_store(&first->output.discards, settle->broken_off);
	job_output_give_turn(&first->output);
}

/* Does so much wait that no more jobs should be started? With the lock held. */
static bool is_full(const struct settle *settle)
{
	return settle->kept_bytes > settle->most_kept_bytes ||
	       settle->kept_files > settle->most_kept_files;
}

/* Counts what a job takes while it waits. With the lock held, also over the word to the gate: a
 * word that comes too late would keep it closed. */
static void count_kept(struct settle *settle, struct job *job, size_t bytes, unsigned files)
{
	job->kept_bytes = bytes;
	job->kept_files = files;
	settle->kept_bytes += bytes;
	settle->kept_files += files;
	gate_set_backlog(settle->gate, is_full(settle));
}

/* The job waits no more. With the lock held. */
static void uncount_kept(struct settle *settle, struct job *job)
{
	settle->kept_bytes -= job->kept_bytes;
	settle->kept_files -= job->kept_files;
	job->kept_bytes = 0;
	job->kept_files = 0;
}

/* A job that has waited for another attempt is taken again. */
static void take_again(struct settle *settle, struct job *job)
{
	if (job->kept_bytes == 0 && job->kept_files == 0)
		return;
	lock_take(&settle->lock);
	uncount_kept(settle, job);
	gate_set_backlog(settle->gate, is_full(settle));
	lock_release(&settle->lock);
}

void settle_begin(struct settle *settle, struct job *job)
{
	if (job->in_order) {
		take_again(settle, job);
		return;
	}
	job->in_order = true;
	queue_job_begins(settle->queue, job);
	if (!settle->ordered) {
		atomic_store(&job->output.has_turn, true);
		return;
	}
	lock_take(&settle->lock);
	bool is_first = TAILQ_EMPTY(&settle->order) && !settle->settling;
	TAILQ_INSERT_TAIL(&settle->order, job, order);
	if (is_first)
		give_turn(settle);
	lock_release(&settle->lock);
}

void settle_set_wake(struct settle *settle, struct job *job, const int ends[2])
{
	struct job_output *output = &job->output;

	lock_take(&settle->lock);
	output->wake[0] = ends ? ends[0] : -1;
	output->wake[1] = ends ? ends[1] : -1;
	/* What an earlier attempt has printed may be waiting since then. */
	if (atomic_load(&output->has_turn) && !job_output_is_empty(output))
		job_output_give_turn(output);
	lock_release(&settle->lock);
}

bool settle_turn_is_idle(struct settle *settle)
{
	lock_take(&settle->lock);
	const struct job *first = TAILQ_FIRST(&settle->order);
	bool idle = first && !settle->settling && !first->over && first->output.wake[1] < 0;
	lock_release(&settle->lock);
	return idle;
}

/* The job is over, and waits for its turn. */
static void keep(struct settle *settle, struct job *job)
{
	lock_take(&settle->lock);
	job->over = true;
	if (!atomic_load(&job->output.has_turn))
		job_output_trim(&job->output);
	count_kept(settle, job, job_bytes(job) + job_output_outside(&job->output),
	    job_output_files(&job->output));
	lock_release(&settle->lock);
}

/* Takes the first job, if it is over and no other slot settles one. */
static struct job *take_first(struct settle *settle)
{
	lock_take(&settle->lock);
	struct job *first = TAILQ_FIRST(&settle->order);
	if (settle->settling || !first || !first->over)
		first = NULL;
	if (first) {
		TAILQ_REMOVE(&settle->order, first, order);
		first->in_order = false;
		uncount_kept(settle, first);
		settle->settling = true;
	}
	lock_release(&settle->lock);
	return first;
}

/* The first job is settled, to its end or not: the next one has the turn. */
static void pass_turn(struct settle *settle, bool completed)
{
	lock_take(&settle->lock);
	settle->settling = false;
	settle->broken_off |= settle->resumable && !completed;
	give_turn(settle);
	gate_set_backlog(settle->gate, is_full(settle)); /* with the lock: the last one to know */
	lock_release(&settle->lock);
}

void settle_let_listen(struct settle *settle, uint64_t seq)
{
	const struct job *job;

	lock_take(&settle->lock);
	for (job = TAILQ_FIRST(&settle->order); job; job = TAILQ_NEXT(job, order))
		if (job->record.seq == seq)
			job_output_let_listen(&job->output, seq);
	lock_release(&settle->lock);
}

/* --- the end of a job --- */

void settle_lose_results(struct settle *settle, const struct job *job, int error)
{
	char place[ESCAPED_NAME];

	/* A reader that is gone: the table goes to a pipe. */
	if (error == EPIPE)
		run_state_lose_output(settle->state, error);
	else if (!run_state_stop(settle->state, RUN_ENDS, 1, 0))
		return;
	else if (job->output.has_no_room)
		message("job %" PRIu64 ": no room to keep its output in %s: %s; a table needs all "
			"of it",
		    job->record.seq, escape_name(place, spool_folder()), strerror(error));
	else
		message("job %" PRIu64 ": writing its results in %s: %s", job->record.seq,
		    records_place(settle->records, &job->record, place), strerror(error));
}

/* Completes what is kept of the job beside the journal. Returns false when that cannot be done. */
static bool complete_results(struct settle *settle, struct job *job)
{
	if (records_add_results(settle->records, &job->record, &job->output) == 0)
		return true;
	settle_lose_results(settle, job, errno);
	return false;
}

/* Adds the job's line to the journal. Returns false when that cannot be done. */
static bool complete_line(struct settle *settle, const struct job *job)
{
	if (records_add_line(settle->records, &job->record) == 0)
		return true;
	message_errno("job %" PRIu64 ": writing the journal", job->record.seq);
	run_state_stop(settle->state, RUN_DRAINS, 1, 0);
	return false;
}

/* Delivers and records the job. Returns whether all of that was done. */
static bool hand_over(struct settle *settle, struct job *job)
{
	/* Only who settles in order changes it. */
	if (settle->broken_off)
		return false;
	if (output_deliver(settle->output, &job->output) != 0)
		run_state_lose_output(settle->state, errno);
	return !job->left_out && !output_has_failed(settle->output) &&
	       complete_results(settle, job) && complete_line(settle, job);
}

/* Tells what has become of the job, as the journal has it. */
static void tell_over(struct settle *settle, const struct job *job, bool completed)
{
	events_tell(settle->events, (struct event){.kind = EVENT_OVER,
					.record = &job->record,
					.outcome = !completed           ? OUTCOME_LEFT_OUT
						   : job->record.failed ? OUTCOME_FAILED
									: OUTCOME_DONE});
}

/* Gives the items of the job back where that can be done, or names them. */
static void leave_out(struct settle *settle, const struct job *job, const struct acknowledger *by)
{
	struct progress *progress = settle->progress;

	atomic_fetch_add(&progress->giving_back, 1);
	if (acknowledge_left_out(&settle->records->options->acknowledge, by, &job->record))
		progress_job_given_back(progress);
	atomic_fetch_sub(&progress->giving_back, 1);
}

/* It is the job's turn: delivers, records, acknowledges. Returns whether it has come to its end. */
static bool complete(struct settle *settle, struct job *job, const struct acknowledger *by)
{
	const struct acknowledge_options *options = &settle->records->options->acknowledge;
	bool completed = hand_over(settle, job);

	records_note_end(settle->records, &job->record, completed, &job->output);
	if (completed)
		acknowledge(options, by, &job->record);
	else if (job->left_out)
		progress_job_left_out(settle->progress);
	else
		progress_job_taken_back(settle->progress, &job->record);
	tell_over(settle, job, completed);
	if (!completed)
		leave_out(settle, job, by);
	queue_job_over(settle->queue, job);
	return completed;
}

/* Counts the job. That does not wait for its turn, and neither does --halt. */
static void count(struct settle *settle, const struct job *job)
{
	if (job->left_out)
		return;
	progress_job_ended(settle->progress, &job->record);
	if (settle->limit->percent)
		time_limit_set_median(settle->limit, summary_median(&settle->progress->summary));
	halt_look(settle->halt, settle->state, settle->progress, settle->total, &job->record);
}

/* Settles the jobs whose turn it is, of whatever slot. */
static void complete_in_order(struct settle *settle, const struct acknowledger *by)
{
	struct job *job;

	while ((job = take_first(settle))) {
		pass_turn(settle, complete(settle, job, by));
		gate_turn_passed(settle->gate);
		job_free(job);
	}
}

/* A job that was never taken has no place in the order, and has printed nothing: it waits for
 * nobody. */
static void leave_out_untaken(struct settle *settle, struct job *job, const struct acknowledger *by)
{
	queue_job_begins(settle->queue, job);
	progress_job_left_out(settle->progress);
	tell_over(settle, job, false);
	leave_out(settle, job, by);
	queue_job_over(settle->queue, job);
	job_clear(job);
}

struct job *settle_end(
    struct settle *settle, struct job *job, enum outcome outcome, const struct acknowledger *by)
{
	if (!job->in_order) {
		leave_out_untaken(settle, job, by);
		return job;
	}
	if (queue_job_ended(settle->queue, job))
		run_state_changed(settle->state);
	job->left_out = outcome == JOB_LEFT_OUT;
	job->record.failed = outcome == JOB_FAILED;
	job_output_end_copies(&job->output);
	count(settle, job);
	if (settle->ordered) {
		keep(settle, job);
		complete_in_order(settle, by);
		job = NULL;
	} else {
		complete(settle, job, by);
		job->in_order = false;
		job_clear(job);
	}
	/* What it has printed takes no memory any more: perhaps that can be given back. */
	progress_changed(settle->progress);
	return job;
}

void settle_attempt(struct settle *settle, struct job *job)
{
	if (atomic_load(&job->output.has_turn) && output_deliver(settle->output, &job->output) != 0)
		run_state_lose_output(settle->state, errno);
	job_output_end_copies(&job->output);
	settle_set_wake(settle, job, NULL);
	/* Very many may wait, and for long. Their own number is bounded by the gate. */
	job_output_trim(&job->output);
	lock_take(&settle->lock);
	count_kept(settle, job, job_output_outside(&job->output), job_output_files(&job->output));
	lock_release(&settle->lock);
}
