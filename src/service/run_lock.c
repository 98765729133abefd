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
#include "base/path.h"
#include "service/lock_holder.h"

/* When --lock-wait is over, SIGALRM ends flock(2). One that comes right before flock(2) would be
 * lost: so it comes again after this time. */
enum { ALARM_INTERVAL_NS = 10000000 };

/*
 * How long a taken pidfile is tried again when the process in it is dead, as its guardian has the
 * lock for a little longer; and when it lives, as it may be about to end. And how often.
 */
enum { DEAD_WAIT_MS = 1000, ALIVE_WAIT_MS = 100, PIDFILE_INTERVAL_MS = 10 };

/* A pidfile is shorter than this: it has a number, perhaps with a newline. */
enum { PIDFILE_BYTES = 16, PIDFILE_MODE = 0644 };

/* --pidfile. The signal handler end_by_signal reads these. */
static struct pidfh *handle;
static const char *pidfile;
static struct stat pidfile_status; /* its device and inode tell whether it is still our file */
static volatile pid_t owner;       /* the process whose number is in it; 0: not this process */
static bool is_new;                /* this process has made the file, and has not taken it yet */

static void wake_up(int signal)
{
	(void)signal;
}

/* Who may read a lock can take it, and keep every run from beginning: it is made for us alone. */
enum { LOCK_MODE = 0600 };

/* Opens and locks a file as flopen(3). Fails with EWOULDBLOCK when it is still locked after
 * `wait_ms`. */
static int open_within(const char *name, int flags, long long wait_ms)
{
	struct sigevent event = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGALRM};
	struct itimerspec time = {
	    .it_value = {.tv_sec = wait_ms / 1000, .tv_nsec = wait_ms % 1000 * 1000000},
	    .it_interval = {.tv_nsec = ALARM_INTERVAL_NS}};
	struct sigaction action = {.sa_handler = wake_up}, action_before;
	sigset_t alarm, mask_before;
	int64_t deadline_ms = clock_ms() + wait_ms;
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
		fd = flopen(name, flags, LOCK_MODE);
	} while (fd < 0 && errno == EINTR && clock_ms() < deadline_ms);
	int error = errno == EINTR ? EWOULDBLOCK : errno;
	timer_delete(timer);
	sigprocmask(SIG_SETMASK, &mask_before, NULL);
	sigaction(SIGALRM, &action_before, NULL);
	errno = error;
	return fd;
}

/* Takes --lock. Its descriptor is never closed: the lock lasts as long as the process. */
static void take_lock(const struct run_lock_options *options)
{
	char shown[ESCAPED_NAME], holder[LOCK_HOLDER_TEXT];
	int guard = path_guard(options->path), fd = -1;
	int flags = O_RDWR | O_CREAT | O_CLOEXEC | guard;

	if (guard >= 0)
		fd = options->wait_ms > 0 ? open_within(options->path, flags, options->wait_ms)
					  : flopen(options->path, flags | O_NONBLOCK, LOCK_MODE);

	if (fd < 0 && errno == EWOULDBLOCK) {
		/* Another run that has the lock is nothing to tell of. */
		if (lock_holder_of(options->path, holder) != HOLDER_IS_OURS)
			message("--lock %s: nothing is run: it is held by %s",
			    escape_name(shown, options->path), holder);
		exit(options->status > 0 ? options->status : 0);
	}
	if (fd < 0)
		err(1, "--lock %s", escape_name(shown, options->path));
}

/* Does the pidfile belong to this process, and is it still the file that we made? The user may have
 * removed it, and another run made a new one. Sets errno, to 0 when that can be told. */
static bool is_ours(void)
{
	struct stat status;

	errno = 0;
	return getpid() == owner && stat(pidfile, &status) == 0 &&
	       status.st_dev == pidfile_status.st_dev && status.st_ino == pidfile_status.st_ino;
}

/* Removes the pidfile, and lets the signal end the process. Async-signal-safe. */
static void end_by_signal(int signal)
{
	int saved_errno = errno;

	if (is_ours())
		unlink(pidfile);
	raise(signal);
	errno = saved_errno;
}

/*
 * Makes the signals that end the process remove the pidfile: those that come before the main thread
 * takes them, and those of a crash. The exec of a job resets the handlers.
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
			sigaction(signal, &action, NULL); /* fails for SIGKILL */
	}
}

/* Ends pexec with the reason of errno. What was made for nothing is removed. */
static _Noreturn void fail(const char *shown)
{
	int error = errno;

	if (is_new)
		unlink(pidfile);
	errno = error;
	err(1, "--pidfile %s", shown);
}

/* Does a file hold what a pidfile does, a number at most? Or nothing yet: it is being written. */
static bool holds_number(int fd, const char *shown)
{
	char bytes[PIDFILE_BYTES];
	ssize_t got = pread(fd, bytes, sizeof bytes, 0);
	ssize_t digits = 0;

	if (got < 0)
		fail(shown);
	while (digits < got && bytes[digits] >= '0' && bytes[digits] <= '9')
		digits++;
	return got == digits || (got == digits + 1 && digits > 0 && bytes[digits] == '\n');
}

/* Opens the file to look at it, and makes it where there is none: then no other user can put his in
 * its place. */
static int open_to_check(int guard)
{
	int flags = O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC | guard;
	int fd = open(pidfile, flags | O_CREAT | O_EXCL, PIDFILE_MODE);

	is_new = fd >= 0;
	return fd < 0 && errno == EEXIST ? open(pidfile, flags) : fd;
}

/* Ends pexec when there is a file that is no pidfile: it would be emptied, and removed later. */
static void check_pidfile(const char *shown)
{
	struct stat status;
	int guard = path_guard(pidfile), fd = guard >= 0 ? open_to_check(guard) : -1;

	/* One that is gone again was another run's. */
	if (guard < 0 || (fd < 0 && errno != EACCES && errno != EISDIR && errno != ENOENT))
		fail(shown);
	if (fd < 0)
		return; /* opening it to write tells why */
	if (fstat(fd, &status) != 0)
		fail(shown);
	errno = EISDIR;
	if (S_ISDIR(status.st_mode))
		fail(shown);
	if (!S_ISREG(status.st_mode) || status.st_size >= PIDFILE_BYTES || !holds_number(fd, shown))
		errx(1, "--pidfile %s: there is a file of that name, and it is no pidfile", shown);
	close(fd);
}

/* Opens the pidfile as pidfile_open(3); tries again for a while when it is taken. */
static struct pidfh *open_pidfile(pid_t *other)
{
	static const struct timespec interval = {.tv_nsec = PIDFILE_INTERVAL_MS * 1000000L};

	for (int waited_ms = 0;; waited_ms += PIDFILE_INTERVAL_MS) {
		*other = -1;
		struct pidfh *opened = pidfile_open(pidfile, PIDFILE_MODE, other);
		int error = errno;
		bool dead = *other > 0 && kill(*other, 0) != 0 && errno == ESRCH;
		errno = error;
		if (opened || error != EEXIST || waited_ms >= (dead ? DEAD_WAIT_MS : ALIVE_WAIT_MS))
			return opened;
		nanosleep(&interval, NULL);
	}
}

/* Takes --pidfile, and writes our number into it at once, so that a run which is refused can name
 * us. */
static void take_pidfile(const struct run_lock_options *options)
{
	char shown[ESCAPED_NAME], holder[LOCK_HOLDER_TEXT];
	pid_t other;

	pidfile = options->pidfile;
	escape_name(shown, pidfile);
	check_pidfile(shown);
	handle = open_pidfile(&other);
	bool is_taken = !handle && (errno == EEXIST || errno == EAGAIN);
	if (is_taken && lock_holder_of(pidfile, holder) == HOLDER_IS_STRANGER)
		errx(1, "--pidfile %s: it is held by %s", shown, holder);
	if (is_taken && other > 0)
		errx(1, "--pidfile %s: already running, as process %d", shown, (int)other);
	if (is_taken)
		errx(1, "--pidfile %s: already running", shown);
	if (handle)
		is_new = true; /* nobody else has it */
	/* Not every version of libbsd opens it with O_CLOEXEC. */
	if (!handle || fcntl(pidfile_fileno(handle), F_SETFD, FD_CLOEXEC) != 0 ||
	    fstat(pidfile_fileno(handle), &pidfile_status) != 0)
		fail(shown);
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
	int error = 0;
	if (!is_ours()) {
		error = errno;
		pidfile_close(ours);
	} else if (pidfile_remove(ours) != 0)
		error = errno;
	errno = error;
	if (error != 0 && error != ENOENT)
		message_errno("--pidfile: removing it");
	owner = 0;
}
