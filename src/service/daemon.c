#include "service/daemon.h"

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <time.h>
#include <unistd.h>

#include "base/io.h"
#include "base/message.h"
#include "service/run_lock.h"

/*
 * The write end of a pipe: the process that the user started waits at the other end for one byte.
 * EOF without it tells that the daemon has ended. -1: no process waits.
 */
static int ready_pipe = -1;

/* Waits until the daemon writes to the pipe or has ended, and exits. */
static _Noreturn void stay_behind(int read_end)
{
	char byte;
	ssize_t got;

	run_lock_leave();
	do {
		got = read(read_end, &byte, 1);
	} while (got < 0 && errno == EINTR);
	if (got != 1)
		warnx("the daemon has ended before it was ready");
	/* Not exit(3): the handlers of atexit(3) are the daemon's to run. */
	_exit(got == 1 ? 0 : 1);
}

/* Nobody becomes the daemon: what was taken for it is given back. */
static _Noreturn void give_up(void)
{
	run_lock_enter();
	run_lock_end();
	_exit(1);
}

/* In the child: begins a session, and starts the daemon in it. Returns in the daemon alone. */
static void enter_session(void)
{
	if (setsid() < 0) {
		warn("--daemon: a session");
		give_up();
	}
	pid_t child = fork();
	if (child < 0) {
		warn("--daemon");
		give_up();
	}
	if (child != 0)
		_exit(0);
	setpgid(0, 0);
}

void daemon_start(struct caller_state *caller)
{
	int ends[2];

	if (pipe2(ends, O_CLOEXEC) != 0)
		err(1, "--daemon");
	pid_t child = fork();
	if (child < 0)
		err(1, "--daemon");
	if (child > 0) {
		close(ends[1]);
		stay_behind(ends[0]);
	}
	close(ends[0]);
	ready_pipe = ends[1];
	enter_session();
	caller->parent = getpid();
	run_lock_enter();
}

/* Writes the byte that is waited for. Returns 0, or -1 with errno: EPIPE where who waited for it
 * has been killed. SIGPIPE would end the daemon for that. */
static int send_ready(void)
{
	static const struct timespec at_once = {0};
	sigset_t pipe_signal, before;

	sigemptyset(&pipe_signal);
	sigaddset(&pipe_signal, SIGPIPE);
	pthread_sigmask(SIG_BLOCK, &pipe_signal, &before);
	int result = io_wake(ready_pipe);
	int error = errno;
	if (result != 0 && error == EPIPE)
		sigtimedwait(&pipe_signal, NULL, &at_once);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	errno = error;
	return result;
}

void daemon_ready(void)
{
	if (ready_pipe < 0)
		return;
	if (send_ready() != 0)
		message_errno("telling who has started this daemon");
	close(ready_pipe);
	ready_pipe = -1;
}
