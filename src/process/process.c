#include "process/process.h"

#include <errno.h>
#include <stdio.h>
#include <sys/wait.h>

#include "base/clock.h"
#include "process/process_signal.h"

void process_init(
    struct process *process, volatile struct shared_process *shared, struct orphan_list *orphans)
{
	*process = (struct process){.shared = shared, .descendants.orphans = orphans};
	lock_init(&process->lock, LOCK_PROCESS);
	shared->used = true;
}

void process_prepare(struct process *process)
{
	lock_take(&process->lock);
	/* Signals that are pending now were for an earlier process, later ones are for this one. */
	atomic_store(&process->pending, 0);
}

void process_cancel(struct process *process)
{
	process_unlock(process);
}

int process_start(struct process *process, const struct launch *launch)
{
	process->shared->error = 0;
	process->joins = process->shared->joins = launch->joins;
	process->told_to_end = process->timed_out = process->kill_requested = false;
	process->preempted = false;
	atomic_store(&process->wanted_terminal, 0);
	process->suspended_ms = 0;
	process->idle = false;
	process->spared = launch->spared;
	process->reaped = process->group_gone = process->refusal_said = false;
	process->mark = launch->mark;
	process->descendants.count = 0;
	process->descendants.refused = 0;
	atomic_store(&process->refused, 0);
	process->next_step = 0;
	process->all_sent_ms = 0;
	process->started_ms = clock_ms();
	process->shared->seq = launch->seq;
	pid_t pid = launch_process(launch, process->shared);
	int error = errno;
	if (pid > 0)
		process->pid = pid;
	else
		process->shared->seq = 0;
	process_unlock(process);
	errno = error;
	return pid > 0 ? 0 : -1;
}

bool process_exec_failed(const struct process *process)
{
	return process->shared->error != 0;
}

pid_t process_take_refusal(struct process *process)
{
	if (atomic_load(&process->refused) == 0)
		return 0;
	lock_take(&process->lock);
	pid_t refused = process->pid > 0 && !process->refusal_said ? process->refused : 0;
	process->refusal_said |= refused != 0;
	process_unlock(process);
	return refused;
}

void process_abandon(struct process *process)
{
	atomic_store(&process->abandoned, true);
}

bool process_has_descendant(struct process *process, pid_t pid)
{
	if (!lock_try(&process->lock))
		return false;
	bool has =
	    process->pid > 0 && (descendants_has(&process->descendants, pid) ||
				    (process->mark && descendants_has_mark(pid, process->mark)));
	process_unlock(process);
	return has;
}

/* Has the first process ended, which is not reaped yet? With the lock held. */
static bool has_ended(const struct process *process)
{
	siginfo_t info = {0};

	return waitid(P_PID, (id_t)process->pid, &info, WEXITED | WNOHANG | WNOWAIT) != 0 ||
	       info.si_pid != 0;
}

bool process_lives(struct process *process)
{
	if (!lock_try(&process->lock))
		return true;
	/* Behind its end a number stands for what else is left of its group. */
	bool lives = process->pid > 0 && (process->reaped || !has_ended(process));
	process_unlock(process);
	return lives;
}

pid_t process_that_lingers(struct process *process, bool *signals_come)
{
	if (!lock_try(&process->lock))
		return 0;
	bool lingers = process->pid > 0 && !process->reaped && has_ended(process);
	pid_t pid = lingers ? process->pid : 0;
	*signals_come = process->told_to_end && process->all_sent_ms == 0;
	process_unlock(process);
	return pid;
}

void process_name_holder(struct process *process, char text[HOLDER_TEXT])
{
	char name[32] = "";

	lock_take(&process->lock);
	pid_t holder = process->pid > 0
			   ? descendants_holder(&process->descendants, process->pid, process->mark)
			   : 0;
	process_unlock(process);
	if (holder > 0 && system_process_name(holder, name, sizeof name))
		snprintf(text, HOLDER_TEXT, "process %d (%s)", (int)holder, name);
	else
		snprintf(text, HOLDER_TEXT, "another process");
}

bool process_look(struct process *process, pid_t *pid, int64_t *started_ms)
{
	lock_take(&process->lock);
	*pid = process->pid;
	*started_ms = process->started_ms;
	process_unlock(process);
	return *pid > 0;
}

bool process_is(struct process *process, pid_t pid, int64_t until_ms)
{
	if (until_ms == 0 ? !lock_try(&process->lock) : !lock_take_until(&process->lock, until_ms))
		return false;
	bool same = process->pid == pid;
	process_unlock(process);
	return same;
}

bool process_told(struct process *process)
{
	lock_take(&process->lock);
	bool told_to_end = process->told_to_end;
	process_unlock(process);
	return told_to_end;
}

void process_refuse_terminal(struct process *process, int signal)
{
	atomic_store(&process->wanted_terminal, signal);
	process_signal(process, SIGKILL);
}

int process_wanted_terminal(const struct process *process)
{
	return atomic_load(&process->wanted_terminal);
}
