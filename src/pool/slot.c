#include "pool/slot.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/message.h"
#include "base/random.h"
#include "base/thread.h"

/*
 * Why a thread a slot: what happens to a job is then plain, blocking code, one step after the
 * other, and the kernel does the scheduling. It is also the fastest way to start processes: a vfork
 * holds up only the thread that calls it, so several go on at once (one loop with vfork reaches
 * half the rate).
 */

/* Between two attempts there is at most as much as this, in ms, or what the user asks for. */
enum { MOST_RETRY_DELAY = 300000 };

/* --- taking a job --- */

/*
 * Waits until the slot may take a job. Sets the number of interrupts of the queue as it was before
 * the look. Returns false when the thread has to leave: the run ends, or the slot is one too many.
 */
static bool await_permission(struct slot *slot, unsigned *interrupts)
{
	const struct slot_parts *parts = slot->parts;
	const struct side_process side = attempt_side_process(&slot->attempt);

	for (;;) {
		gate_ask(parts->gate, &side);
		unsigned changes = eventcount_read(&parts->state->changed);
		*interrupts = queue_interrupts(parts->queue);
		/* One that was started to give items back stays for that. */
		bool gives_back =
		    !run_state_goes_on(parts->state) && queue_gives_back(parts->queue);
		enum pool_verdict verdict =
		    pool_ask(parts->pool, slot, gives_back || queue_ready(parts->queue) > 0);
		if (verdict == POOL_LEAVE || !run_state_goes_on(parts->state))
			return false;
		if (verdict == POOL_STAY && gate_may_take(parts->gate))
			return true;
		eventcount_wait(&parts->state->changed, changes, gate_next_ask(parts->gate));
	}
}

/* Makes sure that there is an empty job. */
static bool have_spare(struct slot *slot)
{
	if (!slot->spare)
		slot->spare = job_new(&slot->parts->output->budget);
	if (!slot->spare)
		message_errno("starting a job");
	return slot->spare != NULL;
}

/*
 * The run drains, and with it ends the command of --next. What that has taken off its queue until
 * then is still a job.
 */
static enum queue_status take_last(struct slot *slot, struct job **job)
{
	if (run_state_goes_on(slot->parts->state) || !have_spare(slot))
		return QUEUE_END;
	/* It counts as a job: the supervisor kills what runs when the time of --grace is over. */
	progress_process_begins(slot->parts->progress);
	enum queue_status status = queue_last(slot->parts->queue, &slot->spare, job);
	progress_process_ended(slot->parts->progress, 0);
	return status;
}

/*
 * The queue has given a job: it gets its place in the order, and may step aside. Then there is none
 * (QUEUE_INTERRUPTED).
 */
static enum queue_status admit(struct slot *slot, struct job **job)
{
	const struct slot_parts *parts = slot->parts;

	settle_begin(parts->settle, *job);
	bool admitted = queue_admit(parts->queue, *job);
	if (admitted) {
		gate_job_taken(parts->gate, &slot->attempt.place);
		/* Before the next slot asks --next for as many items as slots are free. */
		atomic_fetch_add(&parts->progress->at_work, 1);
	} else {
		gate_job_aside(parts->gate);
		*job = NULL;
	}
	queue_pass_on(parts->queue);
	return admitted ? QUEUE_JOB : QUEUE_INTERRUPTED;
}

/* Takes the next job from the queue. */
static enum queue_status take(struct slot *slot, struct job **job)
{
	struct queue *queue = slot->parts->queue;
	enum queue_status status = QUEUE_INTERRUPTED;
	unsigned interrupts;
	bool may_take = true;

	while (may_take && status == QUEUE_INTERRUPTED) {
		may_take = await_permission(slot, &interrupts);
		if (may_take && have_spare(slot))
			status = queue_next(queue, &slot->spare, job, interrupts);
		else
			status = may_take ? QUEUE_FAILED : QUEUE_END;
		if (status == QUEUE_JOB)
			status = admit(slot, job);
	}
	if (!may_take && slot->counted && gate_may_run(slot->parts->gate)) {
		status = take_last(slot, job);
		if (status == QUEUE_JOB)
			status = admit(slot, job);
	}
	return status;
}

/* The slot does not wait for a job any more. Returns whether no other one does. */
static bool stop_waiting(struct slot *slot)
{
	/* A slot that was one too many has been counted out already. */
	return slot->counted && atomic_fetch_sub(&slot->parts->pool->waiting, 1) == 1;
}

/*
 * Takes the next job. When another one may follow and no slot waits for it, one more slot begins
 * its life: there are never more threads than there have been jobs. NULL: the slot's life is over.
 */
static struct job *take_job(struct slot *slot)
{
	const struct slot_parts *parts = slot->parts;
	struct job *job = NULL;
	enum queue_status status = take(slot, &job);
	bool none_waits = stop_waiting(slot);

	if (status == QUEUE_FAILED)
		run_state_stop(parts->state, RUN_DRAINS, 1, 0);
	if (status == QUEUE_TOO_LARGE)
		run_state_stop(parts->state, RUN_DRAINS, queue_too_large_status(parts->queue), 0);
	if (job && none_waits)
		slot_start_wanted(parts);
	return job;
}

/* --- the end of an attempt --- */

/* What acknowledges jobs for the slot. */
static struct acknowledger acknowledger(struct slot *slot)
{
	return (struct acknowledger){.side = attempt_side_process(&slot->attempt),
	    .gives_up = &slot->parts->state->gives_up,
	    .seq = &slot->attempt.seq};
}

/* The job is over, for better or for worse. */
static void finish(struct slot *slot, struct job *job, enum outcome outcome)
{
	const struct acknowledger by = acknowledger(slot);

	/* It may wait for its turn to write, and needs no input any more. */
	block_drop(&job->block);
	struct job *empty = settle_end(slot->parts->settle, job, outcome, &by);

	if (empty && !slot->spare)
		slot->spare = empty;
	else
		job_free(empty);
}

/* The time until the next attempt, in ms: doubles up to a bound, and a random part comes on top. */
static int64_t retry_delay(const struct attempt_options *options, unsigned attempt)
{
	long long delay = options->retry_delay_ms;
	long long most = delay > MOST_RETRY_DELAY ? delay : MOST_RETRY_DELAY;

	for (unsigned i = 1; i < attempt && delay < most; i++)
		delay *= 2;
	if (delay > most)
		delay = most;
	long long spread = delay / 2 < UINT32_MAX ? delay / 2 : UINT32_MAX;
	return delay + (int64_t)random_below((uint32_t)spread);
}

/* Puts a failed job back for its next attempt. The slot goes on with others. */
static void retry(struct slot *slot, struct job *job)
{
	const struct attempt_options *options = slot->parts->options;
	int64_t delay_ms = retry_delay(options, job->record.attempt);

	records_note_attempt(
	    slot->parts->settle->records, &job->record, REPORT_RETRIED, &job->output);
	if (options->drop_retried)
		job_output_drop(&job->output);
	settle_attempt(slot->parts->settle, job);
	/* Where the run ends before the next attempt, this one is not told of again. */
	job_clear_outcome(job);
	job->record.attempt++;
	job->record.is_begun = false;
	events_tell(slot->parts->events,
	    (struct event){
		.kind = EVENT_RETRY, .record = &job->record, .delay_s = (double)delay_ms / 1000});
	if (delay_ms == 0)
		queue_put_back(slot->parts->queue, job);
	else
		queue_put_back_until(slot->parts->queue, job, clock_ms() + delay_ms);
}

/* Does with a job as its attempt says. */
static void end_attempt(struct slot *slot, struct job *job, enum attempt_result result)
{
	switch (result) {
	case ATTEMPT_DONE:
		finish(slot, job, JOB_DONE);
		break;
	case ATTEMPT_FAILED:
		finish(slot, job, JOB_FAILED);
		break;
	case ATTEMPT_LEFT_OUT:
		finish(slot, job, JOB_LEFT_OUT);
		break;
	case ATTEMPT_RETRY:
		retry(slot, job);
		break;
	case ATTEMPT_PREEMPTED:
		job_output_drop(&job->output);
		settle_attempt(slot->parts->settle, job);
		job_clear_outcome(job);
		queue_put_back(slot->parts->queue, job);
		break;
	case ATTEMPT_CROWDED:
		/* Another slot waits for room already, and a thread takes some: this one ends. */
		queue_put_back(slot->parts->queue, job);
		pool_count_out(slot->parts->pool, slot);
		break;
	}
}

/*
 * The run has ended before jobs could be run that were put back or added, or what --next has given.
 * Takes one of these; NULL: there is none. Ends the command that gives the items.
 */
static struct job *take_rest(struct slot *slot)
{
	struct run_state *state = slot->parts->state;
	struct queue *queue = slot->parts->queue;
	struct job *job = queue_take_rest(queue);

	if (job || !slot->counted || !queue_is_fetched(queue))
		return job;
	/* Nothing is given back any more, and there may be very many of them. */
	if (atomic_load(&state->gives_up)) {
		queue_end_command(queue);
		return NULL;
	}
	if (have_spare(slot))
		return queue_take_given(queue, &slot->spare, run_state_phase(state) == RUN_DRAINS);
	run_state_stop(state, RUN_DRAINS, 1, 0);
	return NULL;
}

/* What has been taken and is not run when the run ends is left out. */
static void finish_rest(struct slot *slot)
{
	struct progress *progress = slot->parts->progress;
	struct job *job;

	if (run_state_goes_on(slot->parts->state))
		return;
	/* What is given back may take longer than --grace: that goes further then. */
	atomic_fetch_add(&progress->giving_back, 1);
	while ((job = take_rest(slot)))
		finish(slot, job, JOB_LEFT_OUT);
	atomic_fetch_sub(&progress->giving_back, 1);
}

/* --- the life of a slot --- */

static void live(struct slot *slot)
{
	const struct slot_parts *parts = slot->parts;
	struct job *job;

	while (slot->counted && (job = take_job(slot))) {
		enum attempt_result result = attempt_run(&slot->attempt, job);
		gate_job_dropped(parts->gate, &slot->attempt.place);
		end_attempt(slot, job, result);
		atomic_fetch_sub(&parts->progress->at_work, 1);
		if (slot->counted)
			atomic_fetch_add(&parts->pool->waiting, 1);
	}
}

static void *slot_main(void *argument)
{
	struct slot *slot = argument;
	const struct slot_parts *parts = slot->parts;

	if (attempt_begin(&slot->attempt)) {
		live(slot);
	} else {
		message_errno("starting slot %u", slot->number);
		run_state_stop(parts->state, RUN_DRAINS, 1, 0);
		atomic_fetch_sub(&parts->pool->waiting, 1);
	}
	finish_rest(slot);
	attempt_end(&slot->attempt);
	job_free(slot->spare);
	slot->spare = NULL;
	bool last = pool_leave(parts->pool, slot);
	/* A job may have been put back when this slot had seen the end of the queue already; and
	 * the one slot that is left may wait for the command of --limit. */
	if (last || queue_ready(parts->queue) > 0 || gate_is_asking(parts->gate))
		timers_wake(parts->timers);
	return NULL;
}

static int create_thread(struct slot *slot)
{
	if (slot->joinable)
		pthread_join(slot->thread, NULL);
	slot->joinable = false;
	/* The thread leaves the pool with the lock: whoever gets the slot then has what is set
	 * here. */
	lock_take(&slot->pool->lock);
	int error = thread_start(&slot->thread, THREAD_STACK_OF_BLOCKS, slot_main, slot);
	slot->joinable = error == 0;
	lock_release(&slot->pool->lock);
	return error;
}

enum slot_start { SLOT_STARTED, SLOT_NOT_WANTED, SLOT_LOOK_AGAIN, SLOT_NO_ROOM };

/* Starts a slot; parameters as of pool_claim. SLOT_NO_ROOM: errno says what ran short. */
static enum slot_start start_slot(const struct slot_parts *parts, bool extra, unsigned waiting)
{
	struct slot *slot = pool_claim(parts->pool, extra, waiting);
	int error = slot ? create_thread(slot) : errno;

	if (!slot && error == EBUSY)
		return SLOT_LOOK_AGAIN;
	if (slot && error)
		pool_unclaim(parts->pool, slot);
	if (error)
		shortage_begin(&parts->gate->shortage);
	errno = error;
	return error ? SLOT_NO_ROOM : slot ? SLOT_STARTED : SLOT_NOT_WANTED;
}

bool slot_start_first(const struct slot_parts *parts)
{
	/* It is not wanted where --ctl has had one started already. */
	return start_slot(parts, false, 0) != SLOT_NO_ROOM;
}

/* Does a job wait for one more slot than `*waiting`? What is new is looked for only where a slot
 * may be added. */
static bool is_wanted(const struct slot_parts *parts, unsigned *waiting)
{
	*waiting = atomic_load(&parts->pool->waiting);
	bool ready = queue_ready(parts->queue) > *waiting;

	if (!run_state_goes_on(parts->state) || (!ready && *waiting > 0))
		return false;
	return pool_may_grow(parts->pool) && (ready || queue_more(parts->queue));
}

void slot_start_wanted(const struct slot_parts *parts)
{
	enum slot_start started = SLOT_STARTED;
	unsigned waiting;

	while (
	    (started == SLOT_STARTED || started == SLOT_LOOK_AGAIN) && is_wanted(parts, &waiting))
		started = start_slot(parts, false, waiting);
	if (started == SLOT_NO_ROOM)
		shortage_say(&parts->gate->shortage, errno);
}

void slot_start_extra(const struct slot_parts *parts)
{
	if (start_slot(parts, true, 0) == SLOT_NO_ROOM)
		shortage_say(&parts->gate->shortage, errno);
}
