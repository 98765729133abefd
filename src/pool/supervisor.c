#include "pool/supervisor.h"
#include "cli/options.h"

#include <err.h>
#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/message.h"
#include "base/system.h"
#include "pool/slot.h"
#include "pool/status.h"
#include "service/daemon.h"
#include "service/log.h"
#include "service/sd_notify.h"

/*
 * Every signal is blocked in all threads, and taken here with sigtimedwait(2): there is no handler,
 * so nothing happens between two instructions, and no system call of a slot is ever interrupted.
 */

/* How long output may keep coming after SIGKILL, in ms, from processes that have left their group.
 */
enum { AFTERMATH = 1000 };

/*
 * When a child ends or stops there is SIGCHLD, and only the stops matter here. Under load they are
 * looked at this often, in ms, so that a fast queue does not wake this thread for each job.
 */
enum { CHILD_INTERVAL = 100 };

/* Orphans that are looked after, at a time. */
enum { MOST_ADOPTED = 64 };

struct supervisor {
	struct pool *pool;
	sigset_t signals; /* those that are waited for */
	int watch;        /* what tells of them; -1: nothing yet */
	int reader;       /* our stdout, whose reader may go away; -1: it has, or nobody cares */
	bool told;        /* the jobs were told to end */
	bool by_itself;   /* the run ends for a reason of its own, not by a signal to pexec */
	bool killed;      /* and killed */
	bool abandoned;   /* and their output is waited for no longer */
	bool gave_up;     /* and not even that ended the run */
	int64_t deadline; /* when the next of these is due, in ms; 0: never */
	int64_t expiry;   /* when the time of a job runs out; 0: never */
	int ending;       /* the signal that adopted orphans get */
	pid_t adopted[MOST_ADOPTED]; /* those that have got it */
	size_t adopted_count;
	pid_t own[MOST_ADOPTED]; /* children that pexec was started with: they are none of a job */
	size_t own_count;
	int64_t child_look; /* SIGCHLD is not waited for until then, in ms; 0: it is */
};

/* Signals whose default is to stop the process for the terminal, or that the kernel raises for a
 * bug. */
static void leave_alone(sigset_t *set)
{
	static const int left[] = {
	    SIGABRT, SIGBUS, SIGFPE, SIGILL, SIGSEGV, SIGSYS, SIGTRAP, SIGTTIN, SIGTTOU};

	for (size_t i = 0; i < sizeof left / sizeof *left; i++)
		sigdelset(set, left[i]);
}

void supervisor_hold_signals(void)
{
	sigset_t resize;

	sigemptyset(&resize);
	sigaddset(&resize, SIGUSR1);
	sigaddset(&resize, SIGUSR2);
	pthread_sigmask(SIG_BLOCK, &resize, NULL);
}

void supervisor_take_signals(struct caller_state *caller)
{
	/* What pexec is told by these, it is told however it was started: shells ignore SIGQUIT in
	 * the background, and with SIGCHLD ignored no wait would find a child. */
	static const int taken[] = {SIGCHLD, SIGQUIT, SIGUSR1, SIGUSR2, SIGCONT, SIGURG};
	sigset_t blocked;

	for (size_t i = 0; i < sizeof taken / sizeof *taken; i++)
		caller_state_unignore(caller, taken[i]);
	sigfillset(&blocked);
	leave_alone(&blocked);
	pthread_sigmask(SIG_SETMASK, &blocked, NULL);
}

/* The signals to wait for: the blocked ones, without those that the user wants ignored (nohup). */
static void choose_signals(sigset_t *signals)
{
	sigfillset(signals);
	leave_alone(signals);
	for (int signal = 1; signal < NSIG; signal++) {
		struct sigaction action;
		if (sigaction(signal, NULL, &action) == 0 && action.sa_handler == SIG_IGN)
			sigdelset(signals, signal);
	}
}

/* When something is due next, in ms of clock_ms(); INT64_MAX: never. */
static int64_t earliest(const struct supervisor *supervisor)
{
	const int64_t times[] = {supervisor->deadline, supervisor->child_look, supervisor->expiry};
	const struct pool *pool = supervisor->pool;
	int64_t due = queue_due(pool->queue), alive = sd_notify_due();

	for (size_t i = 0; i < sizeof times / sizeof *times; i++)
		if (times[i] != 0 && times[i] < due)
			due = times[i];
	if (atomic_load(&pool->news) && atomic_load(&pool->news_due) < due)
		due = atomic_load(&pool->news_due);
	return alive < due ? alive : due;
}

static bool is_pending(int signal)
{
	sigset_t pending;

	return sigpending(&pending) == 0 && sigismember(&pending, signal) == 1;
}

/* Waits for a signal, or until the next thing is due: then returns 0. */
static int wait_for_signal(struct supervisor *supervisor)
{
	static const struct timespec at_once = {0};
	int64_t due = earliest(supervisor), left = due - clock_ms();
	struct timespec timeout = {
	    left > 0 ? left / 1000 : 0, left > 0 ? left % 1000 * 1000000 : 0};
	sigset_t signals = supervisor->signals;

	if (supervisor->child_look)
		sigdelset(&signals, SIGCHLD);
	if (system_await_signal(&supervisor->watch, &signals, due == INT64_MAX ? NULL : &timeout,
		supervisor->reader)) {
		supervisor->reader = -1;
		pool_give_up_output(supervisor->pool, EPIPE);
	}
	sigdelset(&signals, SIGTSTP);
	int signal = sigtimedwait(&signals, NULL, &at_once);
	if (signal > 0)
		return signal;
	return sigismember(&supervisor->signals, SIGTSTP) && is_pending(SIGTSTP) ? SIGTSTP : 0;
}

/*
 * Looks for jobs that have stopped. One that wants the terminal would wait for it for ever: jobs
 * are in the background there. Others may be stopped by whoever likes to.
 */
static void look_for_stopped(struct supervisor *supervisor)
{
	struct timespec until = process_patience();
	siginfo_t info = {0};

	supervisor->child_look = clock_ms() + CHILD_INTERVAL;
	while (waitid(P_ALL, 0, &info, WSTOPPED | WNOHANG) == 0 && info.si_pid != 0) {
		struct slot *slot = pool_find(supervisor->pool, info.si_pid, &until);
		bool wants_terminal = info.si_status == SIGTTIN || info.si_status == SIGTTOU;
		if (slot && wants_terminal) {
			message("job %" PRIu64 ": stopped, it wants to %s the terminal: killed",
			    atomic_load(&slot->seq),
			    info.si_status == SIGTTIN ? "read from" : "write to");
			process_signal(&slot->process, SIGKILL);
		} else if (wants_terminal &&
			   queue_is_process(supervisor->pool->queue, info.si_pid, &until)) {
			message("the command that gives the items: stopped, it wants the terminal: "
				"killed");
			queue_signal(supervisor->pool->queue, SIGKILL);
		}
		info.si_pid = 0;
	}
}

/* Tells all jobs to end by `signal`, and sets the time until they are killed. */
static void end_jobs(struct supervisor *supervisor, int signal)
{
	supervisor->told = true;
	system_adopt_orphans();
	supervisor->ending = signal ? signal : SIGTERM;
	supervisor->deadline = clock_ms() + supervisor->pool->options->pool.grace_ms;
	if (signal != 0)
		pool_signal(supervisor->pool, signal);
}

/*
 * Ends the jobs whose time has run out, step by step; and all of them so when the run ends for a
 * reason of its own.
 */
static void expire_jobs(struct supervisor *supervisor)
{
	struct pool *pool = supervisor->pool;
	bool all = supervisor->by_itself;
	int64_t timeout = all ? 0 : atomic_load(&pool->timeout);
	bool condemned = atomic_exchange(&pool->condemned, false);

	supervisor->expiry = 0;
	if (!all && timeout == 0) {
		if (!condemned)
			return;
		timeout = NO_TIMEOUT;
	}
	atomic_store(&pool->sleeps_until, INT64_MAX);
	int64_t due = pool_expire(pool, timeout);
	/* Its end takes several steps. */
	if (condemned && due != INT64_MAX)
		atomic_store(&pool->condemned, true);
	supervisor->expiry = due == INT64_MAX ? 0 : due;
}

/* Lets jobs be taken whose next attempt is due, and starts slots for them where none waits. */
static void start_delayed(struct supervisor *supervisor, int64_t time)
{
	struct pool *pool = supervisor->pool;

	queue_release(pool->queue, time);
	pool_output_moved(pool);
	while (queue_returned(pool->queue) > atomic_load(&pool->waiting) && pool_may_grow(pool) &&
	       atomic_load(&pool->state) == POOL_RUNNING)
		if (!slot_start(pool)) {
			pool_say_scarce(pool, errno);
			break;
		}
}

static void kill_jobs(struct supervisor *supervisor)
{
	supervisor->killed = true;
	supervisor->ending = SIGKILL;
	supervisor->adopted_count = 0;
	supervisor->deadline = clock_ms() + AFTERMATH;
	atomic_store(&supervisor->pool->killed, true);
	pool_signal(supervisor->pool, SIGKILL);
}

/* Processes that have left their job's group hold its output: what has come of it is all. */
static void abandon_output(struct supervisor *supervisor)
{
	supervisor->abandoned = true;
	supervisor->deadline = clock_ms() + AFTERMATH;
	message("not waiting any longer for output of processes that have left their job's group");
	output_abandon(&supervisor->pool->output);
}

static bool is_among(pid_t process, const pid_t *list, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (list[i] == process)
			return true;
	return false;
}

/* Has this orphan been told already? Remembers it. */
static bool knows(struct supervisor *supervisor, pid_t orphan)
{
	if (is_among(orphan, supervisor->adopted, supervisor->adopted_count))
		return true;
	if (supervisor->adopted_count < MOST_ADOPTED)
		supervisor->adopted[supervisor->adopted_count++] = orphan;
	return false;
}

/*
 * Processes of jobs may be in groups of their own, as what timeout(1) runs. When the run ends, and
 * their parents with it, they become our children, and are ended as well. Returns whether there are
 * any.
 */
static bool end_adopted(struct supervisor *supervisor)
{
	pid_t children[MOST_ADOPTED];
	size_t count = supervisor->told ? system_children(children, MOST_ADOPTED) : 0;
	bool any = false;

	for (size_t i = 0; i < count; i++) {
		pid_t orphan = children[i], group = getpgid(orphan);
		siginfo_t info = {0};
		if (orphan == supervisor->pool->guardian ||
		    is_among(orphan, supervisor->own, supervisor->own_count) ||
		    pool_find(supervisor->pool, group, NULL) ||
		    queue_is_process(supervisor->pool->queue, group, NULL))
			continue;
		if (waitid(P_PID, (id_t)orphan, &info, WEXITED | WNOHANG) != 0 || info.si_pid)
			continue;
		any = true;
		if (!knows(supervisor, orphan)) {
			pid_t target = group > 0 && group != getpgrp() ? -group : orphan;
			kill(target, supervisor->ending);
			kill(target, SIGCONT);
		}
	}
	return any;
}

/* pexec is told to stop: the first time it tells the jobs, the second time it kills them. */
static void stop(struct supervisor *supervisor, int signal)
{
	pool_stop(supervisor->pool, POOL_ENDING, 1, signal);
	if (!supervisor->told)
		end_jobs(supervisor, signal);
	else if (!supervisor->killed || supervisor->deadline == 0)
		kill_jobs(supervisor);
}

/*
 * Ctrl-Z: the jobs stop, then pexec itself, and they go on together. Where a SIGCONT came right
 * behind, SIGTSTP is pending no more, and nothing stops here.
 */
static void suspend(struct supervisor *supervisor)
{
	sigset_t terminal_stop;
	int64_t stopped = clock_ms();

	pool_pause(supervisor->pool, true);
	pool_stop_jobs(supervisor->pool);
	sigemptyset(&terminal_stop);
	sigaddset(&terminal_stop, SIGTSTP);
	pthread_sigmask(SIG_UNBLOCK, &terminal_stop, NULL); /* stops here */
	pthread_sigmask(SIG_BLOCK, &terminal_stop, NULL);
	pool_postpone(supervisor->pool, clock_ms() - stopped);
	pool_signal(supervisor->pool, SIGCONT);
	pool_pause(supervisor->pool, false);
}

static void resize(struct supervisor *supervisor, int change)
{
	pool_resize(supervisor->pool, change);
	slot_start_if_wanted(supervisor->pool);
}

/* SIGHUP: a log is opened anew; without one it is a signal to stop. */
static void hang_up(struct supervisor *supervisor)
{
	const struct options *options = supervisor->pool->options;

	if (!options->log.path && !options->log.syslog) {
		stop(supervisor, SIGHUP);
		return;
	}
	sd_notify_reloading();
	log_reopen();
	sd_notify_ready();
}

static void handle(struct supervisor *supervisor, int signal)
{
	switch (signal) {
	case 0:      /* something is due */
	case SIGURG: /* a slot wants the pool to be looked at */
	case SIGWINCH:
		break;
	case SIGCHLD:
		look_for_stopped(supervisor);
		break;
	case SIGUSR1:
		resize(supervisor, 1);
		break;
	case SIGUSR2:
		resize(supervisor, -1);
		break;
	case SIGQUIT:
		pool_stop(supervisor->pool, POOL_DRAINING, 0, 0);
		break;
	case SIGTSTP:
		suspend(supervisor);
		break;
	case SIGCONT:
		pool_signal(supervisor->pool, SIGCONT);
		break;
	case SIGHUP:
		hang_up(supervisor);
		break;
	default:
		stop(supervisor, signal);
	}
}

/* Lets everybody see what the run has come to: ps(1), and the service manager. */
static void show_status(struct pool *pool, int64_t time)
{
	char text[STATUS_TEXT];

	if (time < atomic_load(&pool->news_due) || !atomic_exchange(&pool->news, false))
		return;
	atomic_store(&pool->news_due, time + NEWS_INTERVAL);
	struct status status = status_of(pool);
	status_counts(&status, text);
	system_set_title(text);
	status_line(&status, text);
	sd_notify_status(text);
	/* Nothing runs that could soon print much. */
	if (status.running == 0)
		output_rest(&pool->output);
}

/* Does what is due by now. */
static void keep_deadlines(struct supervisor *supervisor)
{
	int64_t time = clock_ms();

	/* A slot may have ended the run, for a reason of its own. */
	if (atomic_load(&supervisor->pool->state) == POOL_ENDING && !supervisor->told) {
		supervisor->by_itself = true;
		end_jobs(supervisor, 0);
	}
	/* --sync has failed: no job runs whose line may not be safe. */
	if (atomic_load(&supervisor->pool->state) == POOL_RUNNING && supervisor->pool->journal &&
	    journal_is_lost(supervisor->pool->journal))
		pool_stop(supervisor->pool, POOL_DRAINING, 1, 0);
	bool adopted = end_adopted(supervisor);
	expire_jobs(supervisor);
	start_delayed(supervisor, time);
	if (atomic_load(&supervisor->pool->state) != POOL_RUNNING)
		sd_notify_stopping();
	show_status(supervisor->pool, time);
	sd_notify_keep_alive(time);
	if (supervisor->child_look && time >= supervisor->child_look)
		supervisor->child_look = 0;
	if (!supervisor->deadline || time < supervisor->deadline)
		return;
	/* Without a process what is left is output that nobody takes. It has time, unless a signal
	 * has said to hurry. */
	bool processes = adopted || atomic_load(&supervisor->pool->running) > 0;
	if (!processes && supervisor->pool->signal == 0)
		supervisor->deadline = 0;
	else if (!processes || supervisor->abandoned)
		supervisor->gave_up = true;
	else if (supervisor->killed)
		abandon_output(supervisor);
	else
		kill_jobs(supervisor);
}

/* Is there nothing left to do, for good? */
static bool is_over(struct supervisor *supervisor)
{
	struct pool *pool = supervisor->pool;

	return pool_is_idle(pool) && !end_adopted(supervisor) &&
	       (atomic_load(&pool->state) != POOL_RUNNING || queue_seal(pool->queue)) &&
	       pool_close(pool);
}

bool supervise(struct pool *pool)
{
	/* A job that stops at once is seen then: a run that is short is not woken for its jobs. */
	struct supervisor supervisor = {.pool = pool,
	    .watch = -1,
	    .child_look = clock_ms() + CHILD_INTERVAL,
	    .reader = pool->output.recorded ? -1 : STDOUT_FILENO};

	choose_signals(&supervisor.signals);
	supervisor.own_count = system_children(supervisor.own, MOST_ADOPTED);
	slot_help_stuck(pool);
	if (!slot_start(pool))
		err(1, "starting the first slot");
	daemon_ready();
	sd_notify_ready();
	while (!supervisor.gave_up && !is_over(&supervisor)) {
		atomic_store(&pool->sleeps_until, earliest(&supervisor));
		handle(&supervisor, wait_for_signal(&supervisor));
		keep_deadlines(&supervisor);
	}
	sd_notify_stopping();
	if (supervisor.gave_up)
		queue_signal(pool->queue, SIGKILL);
	if (!supervisor.gave_up)
		slot_join_all(pool);
	else if (console_is_taken())
		message(
		    "not waiting any longer for the reader of the output: the rest of it is lost");
	return !supervisor.gave_up;
}

void supervisor_leave_signals(void)
{
	sigset_t ending;

	sigemptyset(&ending);
	sigaddset(&ending, SIGTERM);
	sigaddset(&ending, SIGINT);
	pthread_sigmask(SIG_UNBLOCK, &ending, NULL);
}

_Noreturn void die_of_signal(int signal)
{
	struct sigaction action = {.sa_handler = SIG_DFL};
	sigset_t set;

	sigaction(signal, &action, NULL);
	raise(signal);
	sigemptyset(&set);
	sigaddset(&set, signal);
	pthread_sigmask(SIG_UNBLOCK, &set, NULL);
	_exit(128 + signal);
}
