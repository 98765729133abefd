#include <signal.h>

#include "base/clock.h"
#include "process/process_signal.h"

/* When process_expire finds the lock taken, as while a process is started, it is due again after
 * this. */
enum { BUSY_INTERVAL_MS = 20 };

int64_t process_expire(struct process *process, int64_t timeout_ms,
    const struct termination *termination, bool *timed_out)
{
	int64_t now_ms = clock_ms(), due_ms = INT64_MAX;

	*timed_out = false;
	if (!lock_try(&process->lock))
		return now_ms + BUSY_INTERVAL_MS;
	bool at_once = timeout_ms == 0 || process->kill_requested || process->preempted;
	bool counts = timeout_ms != NO_TIMEOUT && process->suspended_ms == 0 && !process->idle;
	if (process->pid > 0 && !process->spared && (at_once || counts)) {
		if (process->next_step == 0)
			process->next_step_ms = at_once ? now_ms : process->started_ms + timeout_ms;
		while (process->next_step_ms <= now_ms && process->next_step < termination->count) {
			process->next_step_ms =
			    now_ms + termination->steps[process->next_step].wait_ms;
			process_send(process, termination->steps[process->next_step++].signal);
			process->timed_out |= !at_once;
		}
		if (process->next_step_ms > now_ms)
			due_ms = process->next_step_ms;
		else
			process_note_all_sent(process, now_ms);
		*timed_out = process->timed_out;
	}
	process_unlock(process);
	return due_ms;
}

bool process_count_time(struct process *process, bool counts)
{
	lock_take(&process->lock);
	bool told = process->told_to_end;
	process->idle = !counts;
	process->started_ms = clock_ms();
	process_unlock(process);
	return told;
}

void process_request_kill(struct process *process)
{
	lock_take(&process->lock);
	process->kill_requested = process->pid > 0;
	process_unlock(process);
}

bool process_was_killed(struct process *process)
{
	lock_take(&process->lock);
	bool kill_requested = process->kill_requested;
	process_unlock(process);
	return kill_requested;
}

bool process_timed_out(struct process *process)
{
	lock_take(&process->lock);
	bool timed_out = process->timed_out;
	process_unlock(process);
	return timed_out;
}
