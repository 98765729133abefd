#include "inherit.h"

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

void inherit_standard_streams(void)
{
	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++) {
		if (fcntl(fd, F_GETFD) >= 0 || errno != EBADF)
			continue;
		/* The wrong way round on purpose: reading or writing it fails with EBADF. */
		int wrong = fd == STDIN_FILENO ? O_WRONLY : O_RDONLY;
		if (open("/dev/null", wrong | O_CLOEXEC) != fd)
			err(1, "/dev/null");
	}
}

void inherit_save(struct inheritance *inheritance)
{
	*inheritance = (struct inheritance){.parent = getpid()};
	sigemptyset(&inheritance->ignored);
	pthread_sigmask(SIG_SETMASK, NULL, &inheritance->mask);
	getrlimit(RLIMIT_NOFILE, &inheritance->descriptors);
}

void inherit_unignore(struct inheritance *inheritance, int signal)
{
	struct sigaction action;

	if (sigaction(signal, NULL, &action) != 0 || action.sa_handler != SIG_IGN)
		return;
	action = (struct sigaction){.sa_handler = SIG_DFL};
	sigaction(signal, &action, NULL);
	sigaddset(&inheritance->ignored, signal);
	inheritance->any_ignored = true;
}

void inherit_compare_limits(struct inheritance *inheritance)
{
	struct rlimit now;

	if (getrlimit(RLIMIT_NOFILE, &now) == 0)
		atomic_store(&inheritance->descriptors_changed,
		    now.rlim_cur != inheritance->descriptors.rlim_cur);
}

void inherit_restore(const struct inheritance *inheritance)
{
	const struct sigaction ignore = {.sa_handler = SIG_IGN};

	if (atomic_load(&inheritance->descriptors_changed))
		setrlimit(RLIMIT_NOFILE, &inheritance->descriptors);
	for (int signal = 1; inheritance->any_ignored && signal < NSIG; signal++)
		if (sigismember(&inheritance->ignored, signal) == 1)
			sigaction(signal, &ignore, NULL);
	/* Last: from here on a signal may end the child. */
	sigprocmask(SIG_SETMASK, &inheritance->mask, NULL);
}
