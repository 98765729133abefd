#include "base/system_companion.h"
#include "base/features.h"

#include <assert.h>
#include <errno.h>
#include <unistd.h>
#if HAVE_COMPANION
#include <linux/futex.h>
#include <sched.h>
#include <signal.h>
#include <stddef.h>
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
#else
pid_t system_start_companion(int (*program)(void *context), void *context)
{
	static _Alignas(16) char stack[16384];

	/* Its memory is a copy: one stack is enough for all companions. */
	return clone(program, stack + sizeof stack, CLONE_FILES | CLONE_FS | SIGURG, context);
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

bool system_await_death_of(pid_t parent)
{
	sigset_t death;

	block_all();
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

bool system_companion_has_ended(pid_t companion)
{
	return waitpid(companion, NULL, WNOHANG | __WALL) == companion;
}

void system_reap_companion(pid_t companion)
{
	while (waitpid(companion, NULL, __WALL) < 0 && errno == EINTR)
		;
}

void system_mark_thread(volatile struct system_thread_mark *mark)
{
	static_assert(offsetof(struct system_thread_mark, entry) == sizeof(struct robust_list_head),
	    "the kernel reads another list");
	mark->first = (void *)&mark->entry;
	mark->entry = (void *)&mark->first;
	mark->offset = (long)(offsetof(struct system_thread_mark, word) -
			      offsetof(struct system_thread_mark, entry));
	mark->pending = NULL;
	bool is_told = syscall(SYS_set_robust_list, mark, sizeof(struct robust_list_head)) == 0;
	atomic_store(&mark->word, is_told ? (uint32_t)syscall(SYS_gettid) : 0);
}

bool system_end_with_thread(const volatile struct system_thread_mark *mark, pid_t parent)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	/* The thread that ends changes the word first, and then sends the signal; so does the
	 * child ask for the signal first, and then reads the word. */
	atomic_thread_fence(memory_order_seq_cst);
	uint32_t word = atomic_load(&mark->word);
	return word == 0 ? getppid() == parent : !(word & FUTEX_OWNER_DIED);
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

bool system_companion_has_ended(pid_t companion)
{
	(void)companion;
	return false;
}

void system_reap_companion(pid_t companion)
{
	(void)companion;
}

void system_mark_thread(volatile struct system_thread_mark *mark)
{
	(void)mark;
}

bool system_end_with_thread(const volatile struct system_thread_mark *mark, pid_t parent)
{
	(void)mark;
	return getppid() == parent;
}

#endif
