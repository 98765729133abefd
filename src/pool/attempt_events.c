#include "pool/attempt_events.h"

#include "record/events.h"

void attempt_tell_start(struct attempt *attempt, const struct job *job)
{
	attempt->pid = attempt->process.pid;
	events_tell(attempt->parts->events, (struct event){.kind = EVENT_START,
						.record = &job->record,
						.pid = attempt->pid,
						.clock_s = attempt->began_s});
}

static void tell_timeout(struct attempt *attempt, const struct job *job)
{
	events_tell(
	    attempt->parts->events, (struct event){.kind = EVENT_TIMEOUT, .record = &job->record});
}

/* While the job is shown its attempt is not told to be over: of that its timeout comes first. */
int64_t attempt_expire(
    struct attempt *attempt, int64_t timeout_ms, const struct termination *termination)
{
	bool timed_out;

	if (!events_are_wanted(attempt->parts->events))
		return process_expire(&attempt->process, timeout_ms, termination, &timed_out);
	lock_take(&attempt->shown_lock);
	int64_t due_ms = process_expire(&attempt->process, timeout_ms, termination, &timed_out);
	if (timed_out && attempt->shown && !attempt->timeout_told) {
		attempt->timeout_told = true;
		tell_timeout(attempt, attempt->shown);
	}
	lock_release(&attempt->shown_lock);
	return due_ms;
}

void attempt_tell_end(
    struct attempt *attempt, const struct job *job, enum attempt_result result, int error)
{
	static const enum attempt_ending endings[] = {
	    [ATTEMPT_DONE] = ENDING_DONE,
	    [ATTEMPT_FAILED] = ENDING_FAILED,
	    [ATTEMPT_RETRY] = ENDING_RETRY,
	    [ATTEMPT_LEFT_OUT] = ENDING_LEFT_OUT,
	    [ATTEMPT_PREEMPTED] = ENDING_PREEMPTED,
	};

	/* It may have run out before the job was shown. */
	if (job->record.timed_out && !attempt->timeout_told)
		tell_timeout(attempt, job);
	events_tell(
	    attempt->parts->events, (struct event){.kind = EVENT_END,
					.record = &job->record,
					.pid = attempt->pid,
					.ending = error ? ENDING_NOT_RUN : endings[result],
					.error = error,
					.clock_s = attempt->began_s + job->record.runtime_s});
}
