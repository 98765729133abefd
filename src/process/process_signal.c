#include "process/process_signal.h"

#include <errno.h>
#include <signal.h>

#include "base/clock.h"

/* The time from process_patience to the deadline that it returns. */
enum { START_WAIT_MS = 1000 };

/* How often descendants that have just been started are searched for, when one signal is sent. */
enum { MOST_SEARCHES = 8 };

void process_note_all_sent(struct process *process, int64_t now_ms)
{
	if (process->all_sent_ms == 0)
		process->all_sent_ms = now_ms;
}

/* One of its processes may not be signalled. */
static void note_refusal(struct process *process, pid_t pid)
{
	if (atomic_load(&process->refused) == 0)
		atomic_store(&process->refused, pid);
}

/* What a signal to the process goes to: its group, or where it joins ours, itself alone. */
static pid_t target_of(const struct process *process)
{
	return process->joins ? process->pid : -process->pid;
}

/*
 * Signals the group, as long as the number is not another one's. While its first process is not
 * reaped that cannot be; and while the group has a member no process gets its number.
 */
static void signal_group(struct process *process, int signal)
{
	process->group_gone |= process->reaped && (kill(process->pid, 0) == 0 || errno != ESRCH);
	if (!process->group_gone && kill(target_of(process), signal) != 0 && errno == EPERM)
		note_refusal(process, process->pid);
}

/* Signals the descendants that have left the group: `again`, also those that were found before. */
static bool signal_outside(struct process *process, int signal, bool again)
{
	struct descendants *descendants = &process->descendants;
	pid_t root = process->reaped ? 0 : process->pid;
	bool any_new = descendants_signal(descendants, root, process->group_gone ? 0 : process->pid,
	    process->mark, signal, again);

	if (descendants->refused != 0)
		note_refusal(process, descendants->refused);
	return any_new;
}

/* Is the process to end by it, as far as it goes by what it is told? */
static bool signal_ends(int signal)
{
	return signal != SIGSTOP && signal != SIGCONT && signal != SIGWINCH;
}

void process_send(struct process *process, int signal)
{
	bool ends = signal_ends(signal);

	if (process->spared && ends && signal != SIGKILL)
		return;
	if (process->suspended_ms != 0 && signal == SIGCONT)
		return; /* process_resume alone lets it go on */
	/* First those that are found only as long as their parents live. */
	bool any_new = ends && signal_outside(process, signal, true);
	signal_group(process, signal);
	if (ends) {
		process->told_to_end = true;
		signal_group(process, SIGCONT);
	}
	/* Meanwhile they may have started others. */
	for (int i = 0; any_new && i < MOST_SEARCHES; i++)
		any_new = signal_outside(process, signal, false);
	if (signal == SIGKILL)
		process_note_all_sent(process, clock_ms());
}

static uint64_t signal_bit(int signal)
{
	return (uint64_t)1 << (signal - 1);
}

/* Leaves a signal for the thread that has the lock. As in the kernel, SIGSTOP and SIGCONT cancel
 * each other. */
static void leave_signal(struct process *process, int signal)
{
	uint64_t before = atomic_load(&process->pending), after;

	do {
		after = before | signal_bit(signal);
		if (signal == SIGCONT)
			after &= ~signal_bit(SIGSTOP);
		if (signal == SIGSTOP)
			after &= ~signal_bit(SIGCONT);
	} while (!atomic_compare_exchange_weak(&process->pending, &before, after));
}

/* Sends the signals that came while the lock was taken. With the lock held. */
static void send_pending(struct process *process)
{
	uint64_t signals = atomic_exchange(&process->pending, 0);

	for (int signal = 1; signals != 0 && process->pid > 0; signal++, signals >>= 1)
		if (signals & 1)
			process_send(process, signal);
}

void process_unlock(struct process *process)
{
	do {
		send_pending(process);
		lock_release(&process->lock);
	} while (atomic_load(&process->pending) != 0 && lock_try(&process->lock));
}

void process_signal(struct process *process, int signal)
{
	leave_signal(process, signal);
	if (lock_try(&process->lock))
		process_unlock(process);
}

int64_t process_patience(void)
{
	return clock_ms() + START_WAIT_MS;
}

void process_settle(struct process *process, int64_t until_ms)
{
	if (lock_take_until(&process->lock, until_ms))
		process_unlock(process);
}
