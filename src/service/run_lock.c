#include "service/run_lock.h"

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <libutil.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/escape.h"
#include "base/message.h"

/* After the time to wait for the lock there is a signal each of so many ns: one that comes right
 * before flock(2) is lost. */
enum { ALARM_INTERVAL = 10000000 };

/*
 * How long, in ms, a process that has died may take to let go of its pidfile, and one that is about
 * to die, and how often that is looked at: its guardian ends a little later.
 */
enum { PIDFILE_DEAD = 1000, PIDFILE_ALIVE = 100, PIDFILE_INTERVAL = 10 };

/* The pidfile. The handler below reads of it what it needs, and changes nothing. */
static struct pidfh *handle;
static const char *pidfile;
static struct stat identity; /* of the file */
static volatile pid_t owner; /* the process whose number is in it; 0: it is not ours */

static void wake_up(int signal)
{
	(void)signal;
}

/* As flopen(3) without an end, but for the time in ms: then fails with EWOULDBLOCK. */
static int open_within(const char *name, int flags, long long wait)
{
	struct sigevent event = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGALRM};
	struct itimerspec time = {
	    .it_value = {.tv_sec = wait / 1000, .tv_nsec = wait % 1000 * 1000000},
	    .it_interval = {.tv_nsec = ALARM_INTERVAL}};
	struct sigaction action = {.sa_handler = wake_up}, action_before;
	sigset_t alarm, mask_before;
	int64_t end = clock_ms() + wait;
	timer_t timer;
	int fd;

	sigemptyset(&alarm);
	sigaddset(&alarm, SIGALRM);
	if (timer_create(CLOCK_MONOTONIC, &event, &timer) != 0)
		err(1, "--lock-wait");
	sigaction(SIGALRM, &action, &action_before);
	sigprocmask(SIG_UNBLOCK, &alarm, &mask_before);
	timer_settime(timer, 0, &time, NULL);
	do {
		fd = flopen(name, flags, 0666);
	} while (fd < 0 && errno == EINTR && clock_ms() < end);
	int error = errno == EINTR ? EWOULDBLOCK : errno;
	timer_delete(timer);
	sigprocmask(SIG_SETMASK, &mask_before, NULL);
	sigaction(SIGALRM, &action_before, NULL);
	errno = error;
	return fd;
}

/* --lock. The descriptor stays open until the process ends: that is the lock. */
static void take_lock(const struct run_lock_options *options)
{
	char shown[ESCAPED_NAME];
	int flags = O_RDWR | O_CREAT | O_CLOEXEC;
	int fd = options->wait_ms > 0 ? open_within(options->path, flags, options->wait_ms)
				      : flopen(options->path, flags | O_NONBLOCK, 0666);

	if (fd < 0 && errno == EWOULDBLOCK)
		exit(options->status > 0 ? options->status : 0);
	if (fd < 0)
		err(1, "--lock %s", escape_name(shown, options->path));
}

/* Is the file still the one that we have made? Somebody may have taken it away. */
static bool is_ours(void)
{
	struct stat status;

	return getpid() == owner && stat(pidfile, &status) == 0 &&
	       status.st_dev == identity.st_dev && status.st_ino == identity.st_ino;
}

/* A signal is about to end the process: the file goes first. */
static void end_by_signal(int signal)
{
	if (is_ours())
		unlink(pidfile);
	raise(signal);
}

/*
 * Sees to it that the file is removed before a signal ends the process: one that nothing waits for
 * yet, or that the kernel sends for a bug. Handlers are gone in a job by its exec.
 */
static void handle_signals(void)
{
	static const int harmless[] = {
	    SIGCHLD, SIGCONT, SIGURG, SIGWINCH, SIGTSTP, SIGTTIN, SIGTTOU};
	struct sigaction action = {
	    .sa_handler = end_by_signal, .sa_flags = (int)SA_RESETHAND | SA_NODEFER};

	for (int signal = 1; signal < NSIG; signal++) {
		struct sigaction before;
		bool ends = sigaction(signal, NULL, &before) == 0 && before.sa_handler == SIG_DFL;
		for (size_t i = 0; i < sizeof harmless / sizeof *harmless; i++)
			ends &= signal != harmless[i];
		if (ends)
			sigaction(signal, &action, NULL); /* in vain for SIGKILL */
	}
}

/* As pidfile_open(3), but a process that has the file gets the time to be gone. */
static struct pidfh *open_pidfile(pid_t *other)
{
	static const struct timespec interval = {.tv_nsec = PIDFILE_INTERVAL * 1000000L};

	for (int waited = 0;; waited += PIDFILE_INTERVAL) {
		*other = -1;
		struct pidfh *opened = pidfile_open(pidfile, 0644, other);
		int error = errno;
		bool dead = *other > 0 && kill(*other, 0) != 0 && errno == ESRCH;
		errno = error;
		if (opened || error != EEXIST || waited >= (dead ? PIDFILE_DEAD : PIDFILE_ALIVE))
			return opened;
		nanosleep(&interval, NULL);
	}
}

/* --pidfile. It has a number from the beginning: who finds it taken shall be able to say by whom.
 */
static void take_pidfile(const struct run_lock_options *options)
{
	char shown[ESCAPED_NAME];
	pid_t other;

	pidfile = options->pidfile;
	handle = open_pidfile(&other);
	escape_name(shown, pidfile);
	if (!handle && errno == EEXIST && other > 0)
		errx(1, "--pidfile %s: already running, as process %d", shown, (int)other);
	if (!handle && (errno == EEXIST || errno == EAGAIN))
		errx(1, "--pidfile %s: already running", shown);
	/* The library does not do that everywhere. */
	if (!handle || fcntl(pidfile_fileno(handle), F_SETFD, FD_CLOEXEC) != 0 ||
	    fstat(pidfile_fileno(handle), &identity) != 0)
		err(1, "--pidfile %s", shown);
	handle_signals();
	atexit(run_lock_end);
	run_lock_enter();
}

void run_lock_take(const struct run_lock_options *options)
{
	if (options->path)
		take_lock(options);
	if (options->pidfile)
		take_pidfile(options);
}

void run_lock_leave(void)
{
	owner = 0;
}

void run_lock_enter(void)
{
	char shown[ESCAPED_NAME];

	if (!handle)
		return;
	owner = getpid();
	if (pidfile_write(handle) != 0)
		err(1, "--pidfile %s", escape_name(shown, pidfile));
}

void run_lock_end(void)
{
	struct pidfh *ours = handle;

	handle = NULL;
	if (!ours)
		return;
	if (!is_ours())
		pidfile_close(ours);
	else if (pidfile_remove(ours) != 0)
		message_errno("--pidfile: removing it");
	owner = 0;
}
