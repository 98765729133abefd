#include "process/pid1.h"

#include <err.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

/* Reaps all children that have ended; exits as pexec did when it is among them. */
static void reap(pid_t pexec)
{
	int status;

	for (pid_t pid; (pid = waitpid(-1, &status, WNOHANG)) > 0;)
		if (pid == pexec)
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
	/* The caller may have ignored SIGCHLD: then waitpid(2) would not tell how pexec ended. */
	sigaction(SIGCHLD, &action, &inherited);
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
		/* A signal of the kernel (si_code > 0), as from the terminal, reaches pexec too. */
		if (signal > 0 && signal != SIGCHLD && info.si_code <= 0)
			kill(child, signal);
		reap(child);
	}
}
