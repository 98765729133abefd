#include "service/daemon.h"

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/io.h"
#include "service/run_lock.h"

/*
 * The write end of a pipe: the process that the user started waits at the other end for one byte.
 * EOF without it tells that the daemon has ended. -1: no process waits.
 */
static int ready_pipe = -1;

/*
 * Forks. Returns 0 in the child, whose ready_pipe is set, and its number in the parent, with the
 * end of the pipe to read from. Exits on failure.
 */
static pid_t fork_waited_for(int *read_end)
{
	int ends[2];

	if (pipe2(ends, O_CLOEXEC) != 0)
		err(1, "going into the background");
	pid_t child = fork();
	if (child < 0)
		err(1, "going into the background");
	close(ends[child > 0]);
	if (child == 0)
		ready_pipe = ends[1];
	*read_end = ends[0];
	return child;
}

/* Waits until the child writes to the pipe, or has ended: then returns false. */
static bool await_ready(int read_end)
{
	char byte;
	ssize_t got;

	do {
		got = read(read_end, &byte, 1);
	} while (got < 0 && errno == EINTR);
	return got == 1;
}

/* Waits until the daemon is ready or has ended, and exits. */
static _Noreturn void stay_behind(int read_end)
{
	run_lock_leave();
	bool is_ready = await_ready(read_end);
	if (!is_ready)
		warnx("the daemon has ended before it was ready");
	/* Not exit(3): the handlers of atexit(3) are the daemon's to run. */
	_exit(is_ready ? 0 : 1);
}

/* The same, with the status of a child that has ended. */
static _Noreturn void stay_behind_child(int read_end, pid_t child)
{
	int status = 0;

	if (await_ready(read_end))
		_exit(0);
	while (waitpid(child, &status, 0) < 0 && errno == EINTR)
		;
	_exit(WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status));
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
	int read_end;

	if (fork_waited_for(&read_end) > 0)
		stay_behind(read_end);
	enter_session();
	caller->parent = getpid();
	run_lock_enter();
}

void daemon_step_aside(struct caller_state *caller)
{
	int read_end;
	pid_t child = fork_waited_for(&read_end);

	if (child > 0) {
		/* What ends a program ends this one: it only waits. */
		sigprocmask(SIG_SETMASK, &caller->mask, NULL);
		stay_behind_child(read_end, child);
	}
	caller->parent = getpid();
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

bool daemon_ready(void)
{
	if (ready_pipe < 0)
		return true;
	bool told = send_ready() == 0;
	close(ready_pipe);
	ready_pipe = -1;
	return told;
}
