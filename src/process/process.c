#include "process/process.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/message.h"
#include "base/system_companion.h"

/*
 * Why vfork: it is the quickest way to a new program everywhere, since nothing of the parent is
 * copied. posix_spawn maps a stack for each child, and cannot set everything that a job needs.
 *
 * What it asks for: the child runs in the memory of the thread that called it, which stands still
 * until the exec. So between vfork and exec the child makes only async-signal-safe calls, writes
 * only to its locals and to struct shared_process, and calls _exit on failure.
 */

/*
 * How often wait_for_group polls: the kernel does not tell when processes end that are not our
 * children. First soon, then more and more seldom: many slots that poll often hold up the very end
 * that they wait for.
 */
enum { GROUP_INTERVAL_MS = 5, GROUP_INTERVAL_MOST_MS = 80 };

/* When process_expire finds the lock taken, as while a process is started, it is due again after
 * this. */
enum { BUSY_INTERVAL_MS = 20 };

/* The time from process_patience to the deadline that it returns. */
enum { START_WAIT_MS = 1000 };

/* How often descendants that have just been started are searched for, when one signal is sent. */
enum { MOST_SEARCHES = 8 };

/* How long the slot waits for the last members of a group when no signal is left to send. */
enum { LAST_WAIT_MS = 100 };

void process_init(
    struct process *process, volatile struct shared_process *shared, struct orphan_list *orphans)
{
	*process = (struct process){.shared = shared, .descendants.orphans = orphans};
	lock_init(&process->lock, LOCK_PROCESS);
	shared->used = true;
}

/*
 * Discards the pending signals of the child. They were sent to pexec's whole group, as from the
 * terminal, before the child had its own. pexec got them as well, and passes them on. Left pending
 * they would end the child before its exec, so that a job fails that never ran, or stop it, so that
 * vfork does not return.
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
 * In the child: lets the guardian know of it, and looks whether pexec is there to end it. First
 * the group, which the guardian kills; then the number, by which it knows the group; then the look
 * at who started it. When pexec is killed the guardian finds the number, or the child finds that
 * pexec is dead.
 */
static bool report(const struct launch *launch, volatile struct shared_process *shared)
{
	pid_t parent = launch->caller->parent;

	if (parent == 0)
		return true;
	shared->pid = getpid();
	if (launch->tied)
		system_end_with_thread();
	return getppid() == parent;
}

/*
 * Runs in the child, up to exec. process_wait returns the errno of a failed exec, not
 * process_start: where vfork is a fork, as under the thread sanitizer, it is not known earlier.
 */
static _Noreturn void become(const struct launch *launch, volatile struct shared_process *shared)
{
	bool is_placed = launch->joins || setpgid(0, 0) == 0;

	if (is_placed && !report(launch, shared))
		_exit(127);
	if (is_placed && (launch->in == STDIN_FILENO || dup2(launch->in, STDIN_FILENO) >= 0) &&
	    (launch->out < 0 || dup2(launch->out, STDOUT_FILENO) >= 0) &&
	    (launch->err < 0 || dup2(launch->err, STDERR_FILENO) >= 0)) {
		forget_pending();
		caller_state_restore(launch->caller);
		if (!launch->directory || chdir(launch->directory) == 0)
			execve(launch->path, launch->arguments, launch->environment);
	}
	shared->error = errno;
	_exit(127);
}

/* Not inlined, as vfork returns twice: no variable of the caller can change in between. */
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

/* No signal is left that could end the group: LAST_WAIT_MS begins. */
static void note_all_sent(struct process *process, int64_t now_ms)
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

/* Signals all of it; SIGCONT follows, as a stopped process would not end. With the lock held. */
static void send_signal(struct process *process, int signal)
{
	bool ends = signal != SIGSTOP && signal != SIGCONT;

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
		note_all_sent(process, clock_ms());
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
			send_signal(process, signal);
}

/*
 * Releases the lock, and sends the signals that were left for it. None is missed: process_signal
 * leaves the signal first and then tries the lock; this releases the lock first and then looks.
 */
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
	/* Signals that are pending now were for an earlier process, later ones are for this one. */
	atomic_store(&process->pending, 0);
}

void process_cancel(struct process *process)
{
	unlock(process);
}

int process_start(struct process *process, const struct launch *launch)
{
	process->shared->error = 0;
	process->joins = process->shared->joins = launch->joins;
	process->told_to_end = process->timed_out = process->kill_requested = false;
	process->preempted = false;
	process->suspended_ms = 0;
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
	pid_t pid = fork_and_exec(launch, process->shared);
	int error = errno;
	if (pid > 0)
		process->pid = pid;
	else
		process->shared->seq = 0;
	unlock(process);
	errno = error;
	return pid > 0 ? 0 : -1;
}

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
		unlock(process);
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
	unlock(process);
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

void process_signal(struct process *process, int signal)
{
	leave_signal(process, signal);
	if (lock_try(&process->lock))
		unlock(process);
}

int64_t process_patience(void)
{
	return clock_ms() + START_WAIT_MS;
}

void process_settle(struct process *process, int64_t until_ms)
{
	if (lock_take_until(&process->lock, until_ms))
		unlock(process);
}

int64_t process_expire(
    struct process *process, int64_t timeout_ms, const struct termination *termination)
{
	int64_t now_ms = clock_ms(), due_ms = INT64_MAX;

	if (!lock_try(&process->lock))
		return now_ms + BUSY_INTERVAL_MS;
	bool at_once = timeout_ms == 0 || process->kill_requested || process->preempted;
	bool counts = timeout_ms != NO_TIMEOUT && process->suspended_ms == 0;
	if (process->pid > 0 && !process->spared && (at_once || counts)) {
		if (process->next_step == 0)
			process->next_step_ms = at_once ? now_ms : process->started_ms + timeout_ms;
		while (process->next_step_ms <= now_ms && process->next_step < termination->count) {
			process->next_step_ms =
			    now_ms + termination->steps[process->next_step].wait_ms;
			send_signal(process, termination->steps[process->next_step++].signal);
			process->timed_out |= !at_once;
		}
		if (process->next_step_ms > now_ms)
			due_ms = process->next_step_ms;
		else
			note_all_sent(process, now_ms);
	}
	unlock(process);
	return due_ms;
}

pid_t process_take_refusal(struct process *process)
{
	if (atomic_load(&process->refused) == 0)
		return 0;
	lock_take(&process->lock);
	pid_t refused = process->pid > 0 && !process->refusal_said ? process->refused : 0;
	process->refusal_said |= refused != 0;
	unlock(process);
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
	unlock(process);
	return has;
}

pid_t process_that_lingers(struct process *process)
{
	siginfo_t info = {0};

	if (!lock_try(&process->lock))
		return 0;
	if (process->pid > 0 && !process->reaped && !process->told_to_end)
		waitid(P_PID, (id_t)process->pid, &info, WEXITED | WNOHANG | WNOWAIT);
	unlock(process);
	return info.si_pid;
}

void process_name_holder(struct process *process, char text[HOLDER_TEXT])
{
	char name[32] = "";

	lock_take(&process->lock);
	pid_t holder = process->pid > 0
			   ? descendants_holder(&process->descendants, process->pid, process->mark)
			   : 0;
	unlock(process);
	if (holder > 0 && system_process_name(holder, name, sizeof name))
		snprintf(text, HOLDER_TEXT, "process %d (%s)", (int)holder, name);
	else
		snprintf(text, HOLDER_TEXT, "another process");
}

void process_request_kill(struct process *process)
{
	lock_take(&process->lock);
	process->kill_requested = process->pid > 0;
	unlock(process);
}

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
	unlock(process);
	return running;
}

bool process_preempt(struct process *process, int64_t started_ms)
{
	if (!lock_try(&process->lock))
		return false;
	bool running = runs(process, started_ms);
	process->preempted |= running;
	unlock(process);
	return running;
}

bool process_was_preempted(struct process *process)
{
	lock_take(&process->lock);
	/* It may have ended by itself before it was told. */
	bool preempted = process->preempted && process->told_to_end;
	unlock(process);
	return preempted;
}

bool process_suspend(struct process *process, int64_t started_ms)
{
	if (!lock_try(&process->lock))
		return false;
	bool running = runs(process, started_ms);
	if (running) {
		send_signal(process, SIGSTOP);
		process->suspended_ms = clock_ms();
	}
	unlock(process);
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
		send_signal(process, SIGCONT);
	}
	unlock(process);
	return running;
}

bool process_was_killed(struct process *process)
{
	lock_take(&process->lock);
	bool kill_requested = process->kill_requested;
	unlock(process);
	return kill_requested;
}

bool process_look(struct process *process, pid_t *pid, int64_t *started_ms)
{
	lock_take(&process->lock);
	*pid = process->pid;
	*started_ms = process->started_ms;
	unlock(process);
	return *pid > 0;
}

void process_postpone(struct process *process, int64_t time_ms, int64_t until_ms)
{
	if (!lock_take_until(&process->lock, until_ms))
		return;
	/* What process_suspend has stopped gets its time from process_resume. */
	if (process->suspended_ms == 0)
		postpone(process, time_ms);
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
	bool told_to_end = process->told_to_end;
	unlock(process);
	return told_to_end;
}
