#include <signal.h>
#include <sys/wait.h>

#include "base/clock.h"
#include "process/process_signal.h"

/* Is a job running, and not being ended? `started_ms`: when it was started; 0: at any time. With
 * the lock held. */
static bool runs(const struct process *process, int64_t started_ms)
{
	siginfo_t info = {0};

	if (process->pid == 0 || process->reaped || process->spared || process->told_to_end ||
	    process->preempted || (started_ms != 0 && process->started_ms != started_ms))
		return false;
	/* It may have ended, and not been reaped. */
	return waitid(P_PID, (id_t)process->pid, &info, WEXITED | WNOHANG | WNOWAIT) != 0 ||
	       info.si_pid == 0;
}

bool process_may_wait(struct process *process, struct process_view *view)
{
	if (!lock_try(&process->lock))
		return false;
	bool running = runs(process, 0);
	*view =
	    (struct process_view){process->pid, process->started_ms, process->suspended_ms != 0};
	process_unlock(process);
	return running;
}

bool process_preempt(struct process *process, int64_t started_ms)
{
	if (!lock_try(&process->lock))
		return false;
	bool running = runs(process, started_ms);
	process->preempted |= running;
	process_unlock(process);
	return running;
}

bool process_was_preempted(struct process *process)
{
	lock_take(&process->lock);
	/* It may have ended by itself before it was told. */
	bool preempted = process->preempted && process->told_to_end;
	process_unlock(process);
	return preempted;
}

bool process_suspend(struct process *process, int64_t started_ms)
{
	if (!lock_try(&process->lock))
		return false;
	bool running = runs(process, started_ms);
	if (running) {
		process_send(process, SIGSTOP);
		process->suspended_ms = clock_ms();
	}
	process_unlock(process);
	return running;
}

/* Gives the process the time for which it was stopped. With the lock held. */
static void postpone(struct process *process, int64_t time_ms)
{
	process->started_ms += time_ms;
	process->next_step_ms += time_ms;
	if (process->all_sent_ms != 0)
		process->all_sent_ms += time_ms;
}

bool process_resume(struct process *process, int64_t started_ms)
{
	if (!lock_try(&process->lock))
		return false;
	bool running = runs(process, started_ms);
	if (running) {
		postpone(process, clock_ms() - process->suspended_ms);
		process->suspended_ms = 0;
		process_send(process, SIGCONT);
	}
	process_unlock(process);
	return running;
}

void process_postpone(struct process *process, int64_t time_ms, int64_t until_ms)
{
	if (!lock_take_until(&process->lock, until_ms))
		return;
	/* What process_suspend has stopped gets its time from process_resume. */
	if (process->suspended_ms == 0)
		postpone(process, time_ms);
	process_unlock(process);
}
