#include "base/system_signals.h"
#include "base/features.h"

#include <err.h>
#include <errno.h>
#include <poll.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#if HAVE_SIGNALFD
#include <sys/signalfd.h>
#endif

#include "base/clock.h"

#if HAVE_SIGNALFD

int system_watch_signals(const sigset_t *signals)
{
	int watch = signalfd(-1, signals, SFD_CLOEXEC);

	if (watch < 0)
		err(1, "watching for signals");
	return watch;
}

bool system_await_signal(
    int watch, const sigset_t *signals, const struct timespec *timeout, int pipe)
{
	struct pollfd fds[] = {{.fd = watch, .events = POLLIN}, {.fd = pipe}};

	/* Of a descriptor that there is only the set of signals changes: that does not fail. */
	signalfd(watch, signals, SFD_CLOEXEC);
	return ppoll(fds, 2, timeout, NULL) > 0 && (fds[1].revents & POLLERR);
}

#else

/* How often it is looked whether the pipe has a reader, in ms. */
enum { READER_INTERVAL = 250 };

/* May the reader of this descriptor go away? A regular file has none. */
static bool has_reader(int fd)
{
	struct stat status;

	return fstat(fd, &status) == 0 &&
	       (S_ISFIFO(status.st_mode) || S_ISSOCK(status.st_mode) || isatty(fd));
}

/* Some systems say of a pipe without a reader that it is broken, others that it has hung up. */
static bool reader_is_gone(int pipe)
{
	struct pollfd fd = {.fd = pipe};

	return poll(&fd, 1, 0) > 0 && (fd.revents & (POLLERR | POLLHUP));
}

static bool is_pending(int signal)
{
	sigset_t pending;

	return sigpending(&pending) == 0 && sigismember(&pending, signal) == 1;
}

/*
 * Makes a signal that was taken pending again. As SIGTSTP and SIGCONT cancel each other, one of
 * them is left out when the other has come meanwhile: what came later counts.
 */
static void put_back(int signal)
{
	int opposite = signal == SIGTSTP ? SIGCONT : signal == SIGCONT ? SIGTSTP : 0;

	if (opposite == 0 || !is_pending(opposite))
		raise(signal);
}

/* When a wait that begins now is over, in ms of clock_ms(); INT64_MAX: never. */
static int64_t end_of(const struct timespec *timeout)
{
	return timeout ? clock_ms() + (int64_t)timeout->tv_sec * 1000 +
			     (timeout->tv_nsec + 999999) / 1000000
		       : INT64_MAX;
}

int system_watch_signals(const sigset_t *signals)
{
	(void)signals;
	return -1;
}

bool system_await_signal(
    int watch, const sigset_t *signals, const struct timespec *timeout, int pipe)
{
	int64_t end = end_of(timeout), most = has_reader(pipe) ? READER_INTERVAL : INT64_MAX;

	(void)watch;
	while (!reader_is_gone(pipe)) {
		int64_t time = clock_ms(), left = end > time ? end - time : 0;
		if (left > most)
			left = most;
		struct timespec part = {left / 1000, left % 1000 * 1000000};
		/* What never ends has no number of seconds that every system takes. */
		int signal = end == INT64_MAX && most == INT64_MAX
				 ? sigwaitinfo(signals, NULL)
				 : sigtimedwait(signals, NULL, &part);
		if (signal > 0)
			put_back(signal);
		if (signal > 0 || errno != EAGAIN || clock_ms() >= end)
			return false;
	}
	return true;
}

#endif

#if HAVE_SIGABBREV

const char *system_signal_name(int signal)
{
	return sigabbrev_np(signal);
}

#else

const char *system_signal_name(int signal)
{
	/* Those of POSIX, and two that every system has. */
	static const struct {
		int signal;
		const char *name;
	} names[] = {{SIGABRT, "ABRT"}, {SIGALRM, "ALRM"}, {SIGBUS, "BUS"}, {SIGCHLD, "CHLD"},
	    {SIGCONT, "CONT"}, {SIGFPE, "FPE"}, {SIGHUP, "HUP"}, {SIGILL, "ILL"}, {SIGINT, "INT"},
	    {SIGIO, "IO"}, {SIGKILL, "KILL"}, {SIGPIPE, "PIPE"}, {SIGPROF, "PROF"},
	    {SIGQUIT, "QUIT"}, {SIGSEGV, "SEGV"}, {SIGSTOP, "STOP"}, {SIGSYS, "SYS"},
	    {SIGTERM, "TERM"}, {SIGTRAP, "TRAP"}, {SIGTSTP, "TSTP"}, {SIGTTIN, "TTIN"},
	    {SIGTTOU, "TTOU"}, {SIGURG, "URG"}, {SIGUSR1, "USR1"}, {SIGUSR2, "USR2"},
	    {SIGVTALRM, "VTALRM"}, {SIGWINCH, "WINCH"}, {SIGXCPU, "XCPU"}, {SIGXFSZ, "XFSZ"}};

	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (names[i].signal == signal)
			return names[i].name;
	return NULL;
}

#endif
