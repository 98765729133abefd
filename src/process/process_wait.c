#include <errno.h>
#include <signal.h>
#include <sys/wait.h>
#include <time.h>

#include "base/clock.h"
#include "base/message.h"
#include "process/process_signal.h"

/*
 * How often wait_for_group polls: the kernel does not tell when processes end that are not our
 * children. First soon, then more and more seldom: many slots that poll often hold up the very end
 * that they wait for.
 */
enum { GROUP_INTERVAL_MS = 5, GROUP_INTERVAL_MOST_MS = 80 };

/*
 * Is LAST_WAIT_MS over? The slot then stops waiting for the group: what is left of it are zombies
 * of a process 1 that does not reap.
 */
static bool is_overdue(const struct process *process)
{
	return process->all_sent_ms != 0 && clock_ms() > process->all_sent_ms + LAST_WAIT_MS;
}

/*
 * Reaps what has ended of the group and was adopted (system_adopt_orphans). Its first process was
 * reaped before: one with that number is the process of another slot.
 */
static void reap_members(struct process *process)
{
	siginfo_t info = {0};

	while (!process->group_gone &&
	       waitid(P_PGID, (id_t)process->pid, &info, WEXITED | WNOHANG | WNOWAIT) == 0 &&
	       info.si_pid != 0) {
		process->group_gone = info.si_pid == process->pid;
		if (!process->group_gone)
			waitpid(info.si_pid, NULL, WNOHANG);
		info.si_pid = 0;
	}
}

/* Is something left of it? Its first process has been reaped. With the lock held. */
static bool any_left(struct process *process)
{
	reap_members(process);
	/* A process that has the number is another one's. One that may not be signalled is there.
	 */
	process->group_gone |= (kill(-process->pid, 0) != 0 && errno == ESRCH) ||
			       kill(process->pid, 0) == 0 || errno != ESRCH;
	if (process->group_gone)
		process->shared->pid = 0;
	return !process->group_gone || descendants_live(&process->descendants);
}

/* The slot waits for it no longer. With the lock held. */
static void let_go(struct process *process)
{
	process->pid = process->shared->pid = 0;
	process->shared->seq = 0;
}

/* Waits until all of it has ended, or is overdue; its first process has been reaped. */
static void wait_for_rest(struct process *process)
{
	long interval_ms = GROUP_INTERVAL_MS;

	for (bool over = false; !over;) {
		nanosleep(&(struct timespec){.tv_nsec = interval_ms * 1000000}, NULL);
		interval_ms = interval_ms < GROUP_INTERVAL_MOST_MS ? interval_ms * 2 : interval_ms;
		lock_take(&process->lock);
		over = !any_left(process) || is_overdue(process);
		if (over)
			let_go(process);
		process_unlock(process);
	}
}

/*
 * Waits until the process has ended, without reaping it; false: it was abandoned before that, or
 * cannot be waited for, which is said.
 */
static bool await_end(struct process *process, siginfo_t *info)
{
	bool is_abandoned = atomic_load(&process->abandoned) && atomic_load(&process->refused) != 0;
	int64_t until_ms = is_abandoned ? clock_ms() + LAST_WAIT_MS : 0;
	int options = WEXITED | WNOWAIT | (is_abandoned ? WNOHANG : 0);
	long interval_ms = GROUP_INTERVAL_MS;

	for (;;) {
		info->si_pid = 0;
		if (waitid(P_PID, (id_t)process->pid, info, options) == 0 && info->si_pid != 0)
			return true;
		if (!is_abandoned && errno != EINTR) {
			message_errno("waiting for process %d", (int)process->pid);
			return false;
		}
		if (is_abandoned && clock_ms() > until_ms)
			return false;
		if (is_abandoned)
			nanosleep(&(struct timespec){.tv_nsec = interval_ms * 1000000}, NULL);
	}
}

/* The status of wait(2) that waitid(2) has told of. */
static int status_of(const siginfo_t *info)
{
	return info->si_code == CLD_EXITED ? (info->si_status & 0xff) << 8 : info->si_status & 0x7f;
}

/*
 * The process has `ended`, or it is waited for no longer. One that is not reaped keeps its number:
 * so it is waited for without reaping, and reaped here, under the lock, where no other thread is
 * about to signal it. It has a number behind this where something else is left that has to end.
 */
static void take_end(struct process *process, bool ended, const siginfo_t *info)
{
	lock_take(&process->lock);
	process->status = ended ? status_of(info) : SIGKILL;
	process->usage = (struct rusage){0};
	/* How it has ended is known, also when it cannot be reaped. */
	while (ended && wait4(process->pid, NULL, 0, &process->usage) < 0 && errno == EINTR)
		;
	process->reaped = ended;
	/* It had no group of its own. */
	process->group_gone |= ended && process->joins;
	if (!ended || !process->told_to_end || !any_left(process))
		let_go(process);
	process_unlock(process);
}

bool process_reap(struct process *process)
{
	siginfo_t info = {0};

	if (!process->reaped &&
	    waitid(P_PID, (id_t)process->pid, &info, WEXITED | WNOHANG | WNOWAIT) == 0 &&
	    info.si_pid != 0)
		take_end(process, true, &info);
	return process->reaped;
}

int process_wait(struct process *process, int *status, struct rusage *usage)
{
	siginfo_t info = {0};

	if (!process->reaped)
		take_end(process, await_end(process, &info), &info);
	*status = process->status;
	*usage = process->usage;
	if (process->pid > 0)
		wait_for_rest(process);
	return process->shared->error;
}
