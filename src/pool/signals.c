#include "pool/signals.h"

#include <pthread.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/system_signals.h"

/* Signals whose default is to stop the process for the terminal, or that the kernel raises for a
 * bug. */
static void leave_alone(sigset_t *set)
{
	static const int left[] = {
	    SIGABRT, SIGBUS, SIGFPE, SIGILL, SIGSEGV, SIGSYS, SIGTRAP, SIGTTIN, SIGTTOU};

	for (size_t i = 0; i < sizeof left / sizeof *left; i++)
		sigdelset(set, left[i]);
}

/* Blocks these signals, or unblocks them. */
static void mask(int how, const int *signals, size_t count)
{
	sigset_t set;

	sigemptyset(&set);
	for (size_t i = 0; i < count; i++)
		sigaddset(&set, signals[i]);
	pthread_sigmask(how, &set, NULL);
}

void signals_hold(void)
{
	static const int resizing[] = {SIGUSR1, SIGUSR2};

	mask(SIG_BLOCK, resizing, sizeof resizing / sizeof *resizing);
}

void signals_take(struct caller_state *caller)
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

void signals_drain_on(struct caller_state *caller, int signal)
{
	bool ends_jobs =
	    signal == SIGTERM || signal == SIGINT || signal == SIGHUP || signal == SIGQUIT;

	if (signal == 0)
		return;
	caller_state_unignore(caller, signal);
	if (!ends_jobs)
		caller_state_ignore(caller, signal);
}

void signals_watch(struct signal_watch *watch, int reader)
{
	*watch = (struct signal_watch){.reader = reader};
	sigfillset(&watch->signals);
	leave_alone(&watch->signals);
	for (int signal = 1; signal < NSIG; signal++) {
		struct sigaction action;
		if (sigaction(signal, NULL, &action) == 0 && action.sa_handler == SIG_IGN)
			sigdelset(&watch->signals, signal);
	}
	watch->descriptor = system_watch_signals(&watch->signals);
}

static bool is_pending(int signal)
{
	sigset_t pending;

	return sigpending(&pending) == 0 && sigismember(&pending, signal) == 1;
}

int signals_await(struct signal_watch *watch, int64_t due_ms, bool children, bool *reader_gone)
{
	static const struct timespec at_once = {0};
	int64_t left_ms = due_ms - clock_ms();
	struct timespec timeout = {
	    left_ms > 0 ? left_ms / 1000 : 0, left_ms > 0 ? left_ms % 1000 * 1000000 : 0};
	sigset_t signals = watch->signals;

	if (!children)
		sigdelset(&signals, SIGCHLD);
	*reader_gone = system_await_signal(
	    watch->descriptor, &signals, due_ms == INT64_MAX ? NULL : &timeout, watch->reader);
	if (*reader_gone)
		watch->reader = -1;
	/* SIGTSTP stays pending, until the jobs are stopped and pexec stops by it. */
	sigdelset(&signals, SIGTSTP);
	int signal = sigtimedwait(&signals, NULL, &at_once);
	if (signal > 0)
		return signal;
	return sigismember(&watch->signals, SIGTSTP) && is_pending(SIGTSTP) ? SIGTSTP : 0;
}

bool signals_want_end(void)
{
	return is_pending(SIGTERM) || is_pending(SIGINT);
}

void signals_leave(void)
{
	static const int ending[] = {SIGTERM, SIGINT};

	mask(SIG_UNBLOCK, ending, sizeof ending / sizeof *ending);
}

void signals_stop_here(void)
{
	static const int stop[] = {SIGTSTP};

	mask(SIG_UNBLOCK, stop, 1); /* stops here */
	mask(SIG_BLOCK, stop, 1);
}

_Noreturn void signals_die(int signal)
{
	struct sigaction action = {.sa_handler = SIG_DFL};

	sigaction(signal, &action, NULL);
	raise(signal);
	mask(SIG_UNBLOCK, &signal, 1);
	_exit(128 + signal);
}
