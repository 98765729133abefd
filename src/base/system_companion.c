#include "base/system_companion.h"
#include "base/features.h"

#include <errno.h>
#if HAVE_COMPANION
#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
#endif

#if HAVE_COMPANION

#ifdef __has_feature
#define HAS_FEATURE(name) __has_feature(name)
#else
#define HAS_FEATURE(name) 0
#endif

#if defined __SANITIZE_THREAD__ || defined __SANITIZE_ADDRESS__ ||                                 \
    HAS_FEATURE(thread_sanitizer) || HAS_FEATURE(address_sanitizer)
/* Instrumented code keeps a state for each thread that two processes must not share. */
pid_t system_start_companion(int (*program)(void *context), void *context)
{
	pid_t companion = fork();

	if (companion == 0)
		_exit(program(context));
	return companion;
}
#else
pid_t system_start_companion(int (*program)(void *context), void *context)
{
	static _Alignas(16) char stack[16384];

	/* No CLONE_SIGHAND: it blocks and waits for signals of its own. No exit signal either. */
	return clone(program, stack + sizeof stack, CLONE_VM | CLONE_FILES | CLONE_FS, context);
}
#endif

bool system_await_death_of(pid_t parent)
{
	sigset_t death;

	prctl(PR_SET_NAME, "job-guardian");

	sigemptyset(&death);
	sigaddset(&death, SIGUSR1);
	if (prctl(PR_SET_PDEATHSIG, SIGUSR1) != 0)
		return false;
	/* The signal tells to look; it may also come from anybody. */
	while (getppid() == parent)
		sigwaitinfo(&death, NULL);
	return true;
}

void system_close_all(void)
{
	/* closefrom(3) may allocate, and a dead thread may hold the lock for that. */
	syscall(SYS_close_range, 0U, ~0U, 0U);
}

void system_reap_companion(pid_t companion)
{
	while (waitpid(companion, NULL, __WALL) < 0 && errno == EINTR)
		;
}

#else

pid_t system_start_companion(int (*program)(void *context), void *context)
{
	(void)program, (void)context;
	errno = ENOSYS;
	return -1;
}

bool system_await_death_of(pid_t parent)
{
	(void)parent;
	return false;
}

void system_close_all(void)
{
}

void system_reap_companion(pid_t companion)
{
	(void)companion;
}

#endif
