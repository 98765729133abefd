#include "process/process.h"

#include <err.h>
#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"

/*
 * Why vfork: it is the quickest way to a new program everywhere, since nothing of the parent is
 * copied. posix_spawn maps a stack for each child, and cannot set everything that a job needs.
 *
 * What it asks for: the child runs in the memory of the thread that called it, which stands still
 * until the exec. So between vfork and exec there are only async-signal-safe calls, no writing to
 * anything but locals and the error that is left for the parent, and _exit on failure.
 */

/* How often a group is looked at: nothing tells when processes end that are not our children. */
static const struct timespec GROUP_INTERVAL = {.tv_nsec = 5000000};

/* A process that is being started now is looked at again after this, in ms. */
enum { BUSY_INTERVAL = 20 };

/* Where it matters, processes that are being started now are waited for as long as this, in ms. */
enum { START_PATIENCE = 1000 };

/* The last members of a group that was killed may take as long as this, in ms, to be gone. */
enum { LAST_WAIT = 100 };

void process_init(struct process *process, volatile struct shared_process *shared)
{
	*process = (struct process){.shared = shared};
	lock_init(&process->lock, LOCK_PROCESS);
	shared->used = true;
}

/*
 * What was sent to pexec's whole group, as from the terminal, before the child had one of its own:
 * pexec has got it as well, and hands it on. Left here it would end or stop the child on the way to
 * exec: a job that failed, though it never ran, or a vfork that does not return.
 */
static void forget_pending(void)
{
	const struct sigaction ignore = {.sa_handler = SIG_IGN};
	struct sigaction before;
	sigset_t pending;

	sigemptyset(&pending);
	sigpending(&pending);
	for (int signal = 1; signal < NSIG; signal++)
		if (sigismember(&pending, signal) == 1 && sigaction(signal, &ignore, &before) == 0)
			sigaction(signal, &before, NULL);
}

/*
 * The child, up to exec. That it failed is found out when it is waited for: where vfork is a fork,
 * as under the thread sanitizer, it is not known earlier, and so there is one way for both.
 */
static _Noreturn void become(const struct launch *launch, volatile struct shared_process *shared)
{
	if (launch->caller->parent != 0) {
		/* Whoever ends the jobs of a dead pexec has not seen this one, if it died before
		 * that. */
		shared->pid = getpid();
		if (getppid() != launch->caller->parent)
			_exit(127);
	}
	if (setpgid(0, 0) == 0 &&
	    (launch->in == STDIN_FILENO || dup2(launch->in, STDIN_FILENO) >= 0) &&
	    (launch->out < 0 || dup2(launch->out, STDOUT_FILENO) >= 0) &&
	    (launch->err < 0 || dup2(launch->err, STDERR_FILENO) >= 0)) {
		forget_pending();
		caller_state_restore(launch->caller);
		execve(launch->path, launch->arguments, launch->environment);
	}
	shared->error = errno;
	_exit(127);
}

/* A function of its own: where vfork returns twice, no variable of its caller is at stake. */
static __attribute__((noinline)) pid_t fork_and_exec(
    const struct launch *launch, volatile struct shared_process *shared)
{
	/* NOLINTBEGIN(clang-analyzer-security.insecureAPI.vfork,clang-analyzer-unix.Vfork): see the
	 * top of this file */
	pid_t pid = vfork();

	if (pid == 0)
		become(launch, shared);
	/* NOLINTEND(clang-analyzer-security.insecureAPI.vfork,clang-analyzer-unix.Vfork) */
	return pid;
}

/* Everything that could be done to end the process was done: from now on it is only waited for. */
static void gave_all(struct process *process, int64_t time)
{
	if (process->done_at_ms == 0)
		process->done_at_ms = time;
}

/* Signals the group; one that is to end wakes up first. With the lock held. */
static void send_signal(struct process *process, int signal)
{
	if (process->spared && signal != SIGKILL && signal != SIGSTOP && signal != SIGCONT)
		return;
	kill(-process->pid, signal);
	if (signal != SIGSTOP && signal != SIGCONT) {
		process->told = true;
		kill(-process->pid, SIGCONT);
	}
	if (signal == SIGKILL)
		gave_all(process, clock_ms());
}

static uint64_t bit(int signal)
{
	return (uint64_t)1 << (signal - 1);
}

/* Leaves a signal for whoever has the lock. As in the kernel, one that stops and one that goes on
 * cancel each other. */
static void leave_signal(struct process *process, int signal)
{
	uint64_t before = atomic_load(&process->pending), after;

	do {
		after = before | bit(signal);
		if (signal == SIGCONT)
			after &= ~bit(SIGSTOP);
		if (signal == SIGSTOP)
			after &= ~bit(SIGCONT);
	} while (!atomic_compare_exchange_weak(&process->pending, &before, after));
}

/* Sends the signals that came while the lock was taken. With the lock held. */
static void send_pending(struct process *process)
{
	uint64_t signals = atomic_exchange(&process->pending, 0);

	for (int signal = 1; signals != 0 && process->pid > 0; signal++, signals >>= 1)
		if (signals & 1)
			send_signal(process, signal);
}

/* Whoever has a signal to send tries the lock after leaving it, and so it is seen here. */
static void unlock(struct process *process)
{
	do {
		send_pending(process);
		lock_release(&process->lock);
	} while (atomic_load(&process->pending) != 0 && lock_try(&process->lock));
}

void process_prepare(struct process *process)
{
	lock_take(&process->lock);
	/* What is there now was for an earlier process. What comes from now on is for this one. */
	atomic_store(&process->pending, 0);
}

void process_cancel(struct process *process)
{
	unlock(process);
}

int process_start(struct process *process, const struct launch *launch)
{
	process->shared->error = 0;
	process->told = process->timed_out = process->kill_requested = false;
	process->spared = launch->spared;
	process->step = 0;
	process->done_at_ms = 0;
	process->started_ms = clock_ms();
	pid_t pid = fork_and_exec(launch, process->shared);
	int error = errno;
	if (pid > 0)
		process->pid = pid;
	unlock(process);
	errno = error;
	return pid > 0 ? 0 : -1;
}

/*
 * Has all been done to end the group, and time enough gone by? What is still there then waits for a
 * process 1 that does not reap.
 */
static bool is_overdue(const struct process *process)
{
	return process->done_at_ms != 0 && clock_ms() > process->done_at_ms + LAST_WAIT;
}

/* Waits for the rest of a group whose first process has been reaped, until it is empty. */
static void wait_for_group(struct process *process)
{
	/*
	 * As long as there is a member, no other process gets the group's number. That the last one
	 * ends and the number is given out anew between two looks would take a full round of all
	 * process numbers in 5 ms.
	 */
	pid_t group = process->pid;
	for (bool empty = false; !empty;) {
		/* Members become our children as their parents end (system_adopt_orphans). */
		siginfo_t info;
		bool ours = waitid(P_PGID, (id_t)group, &info, WEXITED | WNOWAIT) == 0;
		lock_take(&process->lock);
		while (waitpid(-group, NULL, WNOHANG) > 0)
			;
		empty = kill(-group, 0) != 0 || is_overdue(process);
		if (empty)
			process->pid = process->shared->pid = 0;
		unlock(process);
		if (!empty && !ours)
			nanosleep(&GROUP_INTERVAL, NULL);
	}
}

int process_wait(struct process *process, int *status, struct rusage *usage)
{
	siginfo_t info;
	bool rest;

	/* While it is not reaped its number is its own: so wait without reaping, then reap locked.
	 */
	while (waitid(P_PID, (id_t)process->pid, &info, WEXITED | WNOWAIT) != 0)
		if (errno != EINTR)
			err(1, "waiting for process %d", (int)process->pid);
	lock_take(&process->lock);
	wait4(process->pid, status, 0, usage);
	rest = process->told && kill(-process->pid, 0) == 0;
	if (!rest)
		process->pid = process->shared->pid = 0;
	unlock(process);
	if (rest)
		wait_for_group(process);
	return process->shared->error;
}

void process_signal(struct process *process, int signal)
{
	leave_signal(process, signal);
	if (lock_try(&process->lock))
		unlock(process);
}

int64_t process_patience(void)
{
	return clock_ms() + START_PATIENCE;
}

void process_settle(struct process *process, int64_t until_ms)
{
	if (lock_take_until(&process->lock, until_ms))
		unlock(process);
}

int64_t process_expire(
    struct process *process, int64_t timeout, const struct termination *termination)
{
	int64_t time = clock_ms(), due = INT64_MAX;

	if (!lock_try(&process->lock))
		return time + BUSY_INTERVAL;
	bool at_once = timeout == 0 || process->kill_requested;
	if (process->pid > 0 && !process->spared && (at_once || timeout != NO_TIMEOUT)) {
		if (process->step == 0)
			process->step_at_ms = at_once ? time : process->started_ms + timeout;
		while (process->step_at_ms <= time && process->step < termination->count) {
			process->step_at_ms = time + termination->steps[process->step].wait_ms;
			send_signal(process, termination->steps[process->step++].signal);
			process->timed_out |= !at_once;
		}
		if (process->step_at_ms > time)
			due = process->step_at_ms;
		else
			gave_all(process, time);
	}
	unlock(process);
	return due;
}

void process_request_kill(struct process *process)
{
	lock_take(&process->lock);
	process->kill_requested = process->pid > 0;
	unlock(process);
}

bool process_was_killed(struct process *process)
{
	lock_take(&process->lock);
	bool kill_requested = process->kill_requested;
	unlock(process);
	return kill_requested;
}

bool process_look(struct process *process, pid_t *pid, int64_t *started)
{
	lock_take(&process->lock);
	*pid = process->pid;
	*started = process->started_ms;
	unlock(process);
	return *pid > 0;
}

void process_postpone(struct process *process, int64_t time_ms, int64_t until_ms)
{
	if (!lock_take_until(&process->lock, until_ms))
		return;
	process->started_ms += time_ms;
	process->step_at_ms += time_ms;
	if (process->done_at_ms != 0)
		process->done_at_ms += time_ms;
	unlock(process);
}

bool process_timed_out(struct process *process)
{
	lock_take(&process->lock);
	bool timed_out = process->timed_out;
	unlock(process);
	return timed_out;
}

bool process_is(struct process *process, pid_t pid, int64_t until_ms)
{
	if (until_ms == 0 ? !lock_try(&process->lock) : !lock_take_until(&process->lock, until_ms))
		return false;
	bool same = process->pid == pid;
	unlock(process);
	return same;
}

bool process_told(struct process *process)
{
	lock_take(&process->lock);
	bool told = process->told;
	unlock(process);
	return told;
}
