#include "process/launch.h"

#include <errno.h>
#include <signal.h>
#include <stdatomic.h>
#include <unistd.h>

#include "base/system_companion.h"

/*
 * Why vfork: it is the quickest way to a new program everywhere, since nothing of the parent is
 * copied. posix_spawn maps a stack for each child, and cannot set everything that a job needs.
 *
 * What it asks for: the child runs in the memory of the thread that called it, which stands still
 * until the exec. So between vfork and exec the child makes only async-signal-safe calls, writes
 * only to its locals and to struct shared_process, and calls _exit on failure.
 */

/*
 * Discards the pending signals of the child. They were sent to pexec's whole group, as from the
 * terminal, before the child had its own. pexec got them as well, and passes them on. Left pending
 * they would end the child before its exec, so that a job fails that never ran, or stop it, so that
 * vfork does not return.
 */
static void forget_pending(void)
{
	const struct sigaction ignore = {.sa_handler = SIG_IGN};
	struct sigaction before;
	sigset_t pending;

	sigemptyset(&pending);
	sigpending(&pending);
	for (int signal = 1; signal < NSIG; signal++)
		if (sigismember(&pending, signal) == 1 && sigaction(signal, &ignore, &before) == 0)
			sigaction(signal, &before, NULL);
}

/*
 * In the child: lets the guardian know of it, and looks whether pexec is there to end it. First
 * the group, which the guardian kills; then the number, by which it knows the group; then the look
 * at who started it. When pexec is killed the guardian finds the number, or the child finds that
 * pexec is dead.
 */
static bool report(const struct launch *launch, volatile struct shared_process *shared)
{
	pid_t parent = launch->caller->parent;

	if (parent == 0)
		return true;
	shared->pid = getpid();
	if (launch->tied)
		system_end_with_thread();
	return getppid() == parent;
}

/*
 * Runs in the child, up to exec. process_wait returns the errno of a failed exec, not
 * process_start: where vfork is a fork, as under the thread sanitizer, it is not known earlier.
 */
static _Noreturn void become(const struct launch *launch, volatile struct shared_process *shared)
{
	bool is_placed = launch->joins || setpgid(0, 0) == 0;

	if (is_placed && !report(launch, shared))
		_exit(127);
	if (is_placed && (launch->in == STDIN_FILENO || dup2(launch->in, STDIN_FILENO) >= 0) &&
	    (launch->out < 0 || dup2(launch->out, STDOUT_FILENO) >= 0) &&
	    (launch->err < 0 || dup2(launch->err, STDERR_FILENO) >= 0)) {
		forget_pending();
		caller_state_restore(launch->caller);
		if (!launch->directory || chdir(launch->directory) == 0)
			execve(launch->path, launch->arguments, launch->environment);
	}
	shared->error = errno;
	_exit(127);
}

/* Threads in launch_process. Descriptors, too, are those of the whole process. */
static atomic_uint under_way;

/* Not inlined, as vfork returns twice: no variable of the caller can change in between. */
static __attribute__((noinline)) pid_t start(
    const struct launch *launch, volatile struct shared_process *shared)
{
	/* NOLINTBEGIN(clang-analyzer-security.insecureAPI.vfork,clang-analyzer-unix.Vfork): see the
	 * top of this file */
	pid_t pid = vfork();

	if (pid == 0)
		become(launch, shared);
	/* NOLINTEND(clang-analyzer-security.insecureAPI.vfork,clang-analyzer-unix.Vfork) */
	return pid;
}

pid_t launch_process(const struct launch *launch, volatile struct shared_process *shared)
{
	atomic_fetch_add(&under_way, 1);
	pid_t pid = start(launch, shared);
	atomic_fetch_sub(&under_way, 1);
	return pid;
}

bool launch_is_under_way(void)
{
	return atomic_load(&under_way) > 0;
}
