#include "base/system_companion.h"
#include "base/features.h"

#include <errno.h>
#include <unistd.h>
#if HAVE_COMPANION
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#endif

#if HAVE_COMPANION

#ifdef __has_feature
#define HAS_FEATURE(name) __has_feature(name)
#else
#define HAS_FEATURE(name) 0
#endif

#if defined __SANITIZE_THREAD__ || defined __SANITIZE_ADDRESS__ ||                                 \
    HAS_FEATURE(thread_sanitizer) || HAS_FEATURE(address_sanitizer)
/* Instrumented code has to be told of a fork. */
pid_t system_start_companion(int (*program)(void *context), void *context)
{
	pid_t companion = fork();

	if (companion == 0)
		_exit(program(context));
	return companion;
}

bool system_companions_share(void)
{
	return false;
}
#else
pid_t system_start_companion(int (*program)(void *context), void *context)
{
	static _Alignas(16) char stack[16384];

	/* Its memory is a copy: one stack is enough for all companions. */
	return clone(program, stack + sizeof stack, CLONE_FILES | CLONE_FS | CLONE_SYSVSEM | SIGURG,
	    context);
}

bool system_companions_share(void)
{
	return true;
}
#endif

/* Blocks every signal that can be blocked: also two that glibc keeps for itself, and those that the
 * kernel raises for a bug, which anybody may send. */
static void block_all(void)
{
	unsigned char all[_NSIG / 8];

	memset(all, 0xff, sizeof all);
	syscall(SYS_rt_sigprocmask, SIG_SETMASK, all, NULL, sizeof all);
}

bool system_await_death_of(pid_t parent, const char *name)
{
	sigset_t death;

	block_all();
	prctl(PR_SET_NAME, name);
	sigemptyset(&death);
	sigaddset(&death, SIGUSR1);
	if (prctl(PR_SET_PDEATHSIG, SIGUSR1) != 0)
		return false;
	/* The signal tells to look; it may also come from anybody. */
	while (getppid() == parent)
		sigwaitinfo(&death, NULL);
	return true;
}

void system_own_descriptors(void)
{
	/* Without memory they stay what they are. */
	unshare(CLONE_FILES);
}

void system_close_all(void)
{
	/* closefrom(3) may allocate, and a dead thread may hold the lock for that. */
	syscall(SYS_close_range, 0U, ~0U, 0U);
}

bool system_companion_has_ended(pid_t companion)
{
	/* In instrumented builds it may have been reaped as other children are. */
	return waitpid(companion, NULL, WNOHANG | __WALL) != 0;
}

void system_reap_companion(pid_t companion)
{
	while (waitpid(companion, NULL, __WALL) < 0 && errno == EINTR)
		;
}

void system_end_with_thread(void)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
}

#else

pid_t system_start_companion(int (*program)(void *context), void *context)
{
	(void)program, (void)context;
	errno = ENOSYS;
	return -1;
}

bool system_companions_share(void)
{
	return false;
}

bool system_await_death_of(pid_t parent, const char *name)
{
	(void)parent, (void)name;
	return false;
}

void system_own_descriptors(void)
{
}

void system_close_all(void)
{
}

bool system_companion_has_ended(pid_t companion)
{
	(void)companion;
	return false;
}

void system_reap_companion(pid_t companion)
{
	(void)companion;
}

void system_end_with_thread(void)
{
}

#endif
