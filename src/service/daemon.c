#include "service/daemon.h"

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "base/message.h"
#include "service/run_lock.h"

/* What the process that was typed waits at; closed without a word: the daemon has ended. */
static int ready = -1;

/* Waits until the daemon is ready, or has ended, and ends. */
static _Noreturn void stay_behind(int told)
{
	char byte;
	ssize_t got;

	run_lock_leave();
	do {
		got = read(told, &byte, 1);
	} while (got < 0 && errno == EINTR);
	if (got != 1)
		warnx("the daemon has ended before it was ready");
	/* Not exit(3): what is to be done at the end is the daemon's. */
	_exit(got == 1 ? 0 : 1);
}

/* In the child of who was typed: makes the session, and the daemon in it. */
static void enter_session(void)
{
	if (setsid() < 0) {
		warn("--daemon: a session");
		_exit(1);
	}
	pid_t child = fork();
	if (child < 0)
		warn("--daemon");
	if (child != 0)
		_exit(child < 0);
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
	ready = ends[1];
	enter_session();
	caller->parent = getpid();
	run_lock_enter();
}

void daemon_ready(void)
{
	if (ready < 0)
		return;
	if (write(ready, "", 1) != 1)
		message_errno("telling who has started this daemon");
	close(ready);
	ready = -1;
}
