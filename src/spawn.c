#include "spawn.h"

#include <err.h>
#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/*
 * Why vfork: it is the quickest way to a new program everywhere, since nothing of the parent is
 * copied. posix_spawn maps a stack for each child, and cannot set everything that a job needs.
 *
 * What it asks for: the child runs in the memory of the thread that called it, which stands still
 * until the exec. So between vfork and exec there are only async-signal-safe calls, no writing to
 * anything but locals and the error that is left for the parent, and _exit on failure.
 */

/* How often a group is looked at: nothing tells when processes end that are not our children. */
static const struct timespec GROUP_INTERVAL = {.tv_nsec = 5000000};

void process_init(struct process *process, volatile int *error)
{
	pthread_mutex_init(&process->lock, NULL);
	process->pid = 0;
	process->told = false;
	process->error = error;
}

/* Can this file be run? Sets errno when not. */
static bool runnable(const char *path)
{
	struct stat status;

	if (stat(path, &status) != 0)
		return false;
	if (S_ISDIR(status.st_mode)) {
		errno = EISDIR;
		return false;
	}
	if (!S_ISREG(status.st_mode)) {
		errno = EACCES;
		return false;
	}
	return access(path, X_OK) == 0;
}

char *command_find(const char *name)
{
	const char *path = getenv("PATH");
	int error = ENOENT;
	char *found = NULL;

	if (strchr(name, '/'))
		return runnable(name) ? strdup(name) : NULL;
	for (const char *at = path ? path : "/bin:/usr/bin"; at && *name;) {
		size_t length = strcspn(at, ":");
		/* An empty entry of PATH is the working directory. */
		if (asprintf(&found, "%.*s%s%s", (int)length, at, length ? "/" : "", name) < 0)
			return NULL;
		if (runnable(found))
			return found;
		if (errno != ENOENT && errno != ENOTDIR)
			error = errno;
		free(found);
		at = at[length] ? at + length + 1 : NULL;
	}
	errno = error;
	return NULL;
}

/*
 * The child, up to exec. That it failed is found out when it is waited for: where vfork is a fork,
 * as under the thread sanitizer, it is not known earlier, and so there is one way for both.
 */
static _Noreturn void become(const struct launch *launch, volatile int *error)
{
	if (setpgid(0, 0) == 0 && (launch->out < 0 || dup2(launch->out, STDOUT_FILENO) >= 0) &&
	    (launch->err < 0 || dup2(launch->err, STDERR_FILENO) >= 0)) {
		inherit_restore(launch->inheritance);
		execve(launch->path, launch->arguments, launch->environment);
	}
	*error = errno;
	_exit(127);
}

/* A function of its own: where vfork returns twice, no variable of its caller is at stake. */
static __attribute__((noinline)) pid_t fork_and_exec(
    const struct launch *launch, volatile int *error)
{
	/* NOLINTBEGIN(clang-analyzer-security.insecureAPI.vfork,clang-analyzer-unix.Vfork): see the
	 * top of this file */
	pid_t pid = vfork();

	if (pid == 0)
		become(launch, error);
	/* NOLINTEND(clang-analyzer-security.insecureAPI.vfork,clang-analyzer-unix.Vfork) */
	return pid;
}

enum spawn_status process_start(struct process *process, const struct launch *launch,
    bool (*may_start)(void *context), void *context)
{
	pthread_mutex_lock(&process->lock);
	if (!may_start(context)) {
		pthread_mutex_unlock(&process->lock);
		return SPAWN_REFUSED;
	}
	*process->error = 0;
	process->told = false;
	pid_t pid = fork_and_exec(launch, process->error);
	int error = errno;
	if (pid > 0)
		process->pid = pid;
	pthread_mutex_unlock(&process->lock);
	errno = error;
	return pid > 0 ? SPAWN_STARTED : SPAWN_FAILED;
}

/* Waits for the rest of a group whose first process has been reaped, until it is empty. */
static void wait_for_group(struct process *process)
{
	/*
	 * As long as there is a member, no other process gets the group's number. That the last one
	 * ends and the number is given out anew between two looks would take a full round of all
	 * process numbers in 5 ms.
	 */
	pid_t group = process->pid;
	for (bool empty = false; !empty;) {
		/* Members become our children as their parents end (system_adopt_orphans). */
		siginfo_t info;
		bool ours = waitid(P_PGID, (id_t)group, &info, WEXITED | WNOWAIT) == 0;
		pthread_mutex_lock(&process->lock);
		while (waitpid(-group, NULL, WNOHANG) > 0)
			;
		empty = kill(-group, 0) != 0;
		if (empty)
			process->pid = 0;
		pthread_mutex_unlock(&process->lock);
		if (!empty && !ours)
			nanosleep(&GROUP_INTERVAL, NULL);
	}
}

int process_wait(struct process *process, int *status, struct rusage *usage)
{
	siginfo_t info;
	bool rest;

	/* While it is not reaped its number is its own: so wait without reaping, then reap locked.
	 */
	while (waitid(P_PID, (id_t)process->pid, &info, WEXITED | WNOWAIT) != 0)
		if (errno != EINTR)
			err(1, "waiting for process %d", (int)process->pid);
	pthread_mutex_lock(&process->lock);
	wait4(process->pid, status, 0, usage);
	rest = process->told && kill(-process->pid, 0) == 0;
	if (!rest)
		process->pid = 0;
	pthread_mutex_unlock(&process->lock);
	if (rest)
		wait_for_group(process);
	return *process->error;
}

void process_signal(struct process *process, int signal)
{
	pthread_mutex_lock(&process->lock);
	if (process->pid > 0) {
		kill(-process->pid, signal);
		if (signal != SIGSTOP && signal != SIGCONT) {
			process->told = true;
			kill(-process->pid, SIGCONT);
		}
	}
	pthread_mutex_unlock(&process->lock);
}

bool process_is(struct process *process, pid_t pid)
{
	pthread_mutex_lock(&process->lock);
	bool same = process->pid == pid;
	pthread_mutex_unlock(&process->lock);
	return same;
}

bool process_told(struct process *process)
{
	pthread_mutex_lock(&process->lock);
	bool told = process->told;
	pthread_mutex_unlock(&process->lock);
	return told;
}
