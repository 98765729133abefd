#include "process/caller_state.h"

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

void caller_state_open_standard(void)
{
	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++) {
		if (fcntl(fd, F_GETFD) >= 0 || errno != EBADF)
			continue;
		/* In the wrong direction on purpose: to read stdin or write stdout is EBADF. */
		int wrong_way = fd == STDIN_FILENO ? O_WRONLY : O_RDONLY;
		if (open("/dev/null", wrong_way | O_CLOEXEC) != fd)
			err(1, "/dev/null");
	}
}

void caller_state_save(struct caller_state *caller)
{
	*caller = (struct caller_state){.parent = getpid()};
	sigemptyset(&caller->ignored);
	pthread_sigmask(SIG_SETMASK, NULL, &caller->mask);
	caller->has_limit = getrlimit(RLIMIT_NOFILE, &caller->descriptor_limit) == 0;
}

void caller_state_ignore(struct caller_state *caller, int signal)
{
	sigaddset(&caller->ignored, signal);
	caller->any_ignored = true;
}

void caller_state_unignore(struct caller_state *caller, int signal)
{
	struct sigaction action;

	if (sigaction(signal, NULL, &action) != 0 || action.sa_handler != SIG_IGN)
		return;
	action = (struct sigaction){.sa_handler = SIG_DFL};
	sigaction(signal, &action, NULL);
	caller_state_ignore(caller, signal);
}

void caller_state_compare_limits(struct caller_state *caller)
{
	struct rlimit now;

	/* What is not known cannot be given back. */
	if (caller->has_limit && getrlimit(RLIMIT_NOFILE, &now) == 0)
		atomic_store(
		    &caller->limit_changed, now.rlim_cur != caller->descriptor_limit.rlim_cur);
}

void caller_state_restore(const struct caller_state *caller)
{
	const struct sigaction ignore = {.sa_handler = SIG_IGN};

	if (atomic_load(&caller->limit_changed))
		setrlimit(RLIMIT_NOFILE, &caller->descriptor_limit);
	for (int signal = 1; caller->any_ignored && signal < NSIG; signal++)
		if (sigismember(&caller->ignored, signal) == 1)
			sigaction(signal, &ignore, NULL);
	/* Last, as a pending signal may now end the child. */
	sigprocmask(SIG_SETMASK, &caller->mask, NULL);
}
