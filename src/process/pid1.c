#include "process/pid1.h"

#include <err.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

/* Reaps all children that have ended; exits when the one that counts is among them. */
static void reap(pid_t child)
{
	int status;

	for (pid_t pid; (pid = waitpid(-1, &status, WNOHANG)) > 0;)
		if (pid == child)
			exit(WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status));
}

bool pid1_stay_behind(void)
{
	struct sigaction action = {.sa_handler = SIG_DFL}, inherited;
	sigset_t all, before;

	if (getpid() != 1)
		return false;
	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, &before);
	sigaction(SIGCHLD, &action, &inherited); /* where it is ignored there is nothing to reap */
	pid_t child = fork();
	if (child < 0)
		err(1, "starting as process 1");
	if (child == 0) {
		sigaction(SIGCHLD, &inherited, NULL);
		sigprocmask(SIG_SETMASK, &before, NULL);
		return true;
	}
	for (;;) {
		siginfo_t info;
		int signal = sigwaitinfo(&all, &info);
		/* What comes from the terminal (si_code > 0) the child got as well. */
		if (signal > 0 && signal != SIGCHLD && info.si_code <= 0)
			kill(child, signal);
		reap(child);
	}
}
