#include "base/system_limits.h"
#include "base/features.h"

#include <limits.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>
#if HAVE_AFFINITY
#include <sched.h>
#endif

#include "base/system_cgroups.h"

/* POSIX (xargs) asks to leave this much, so that the command can change its environment. */
enum { ARGUMENT_HEADROOM = 2048 };

/* What the kernel adds to a command line by itself: the file name, its interpreter's line. */
enum { EXEC_HEADROOM = 4096 };

/* Where the stack has no limit: what Linux takes at most (three quarters of 8 MiB). */
enum { MOST_ARGUMENTS = 6 * 1024 * 1024 };

/* As many processes as no machine has. */
static const double MOST_PROCESSES = 1e9;

#if HAVE_AFFINITY
/* The processors in the affinity mask. */
static long usable_processors(void)
{
	/* sched_getaffinity fails with EINVAL while the set is smaller than the kernel's. */
	for (int cpus = 1024; cpus <= 1024 * 1024; cpus *= 2) {
		cpu_set_t *set = CPU_ALLOC((size_t)cpus);
		size_t size = CPU_ALLOC_SIZE((size_t)cpus);
		int count =
		    set && sched_getaffinity(0, size, set) == 0 ? CPU_COUNT_S(size, set) : 0;
		CPU_FREE(set);
		if (count > 0)
			return count;
	}
	return sysconf(_SC_NPROCESSORS_ONLN);
}
#else
static long usable_processors(void)
{
	return sysconf(_SC_NPROCESSORS_ONLN);
}
#endif

unsigned system_cpus(void)
{
	long cpus = usable_processors();
	double share = system_cgroup_cpus(cpus > 0 ? (double)cpus : 1);
	unsigned whole = (unsigned)share;

	if (share > whole)
		whole++;
	return whole > 0 ? whole : 1;
}

unsigned long system_processes(void)
{
	struct rlimit limit = {.rlim_cur = RLIM_INFINITY};
	double most = MOST_PROCESSES;

	getrlimit(RLIMIT_NPROC, &limit);
	if (limit.rlim_cur != RLIM_INFINITY && (double)limit.rlim_cur < most)
		most = (double)limit.rlim_cur;
	return (unsigned long)system_cgroup_processes(most);
}

unsigned long system_descriptors(unsigned long needed)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
		return needed;
	if (limit.rlim_cur < needed) {
		rlim_t before = limit.rlim_cur;
		limit.rlim_cur = limit.rlim_max < needed ? limit.rlim_max : needed;
		if (setrlimit(RLIMIT_NOFILE, &limit) != 0)
			limit.rlim_cur = before;
	}
	return limit.rlim_cur > ULONG_MAX ? ULONG_MAX : (unsigned long)limit.rlim_cur;
}

#if HAVE_ARGUMENT_LIMIT
size_t system_word_bytes(void)
{
	return 32 * (size_t)sysconf(_SC_PAGESIZE);
}
#else
size_t system_word_bytes(void)
{
	return system_argument_bytes();
}
#endif

size_t system_argument_bytes(void)
{
	long most = sysconf(_SC_ARG_MAX);
	size_t used = ARGUMENT_HEADROOM + EXEC_HEADROOM;

	/* Linux counts every string and a pointer to it (fs/exec.c), and caps a huge stack. */
	if (most <= 0 || most > MOST_ARGUMENTS)
		most = MOST_ARGUMENTS;
	for (char **variable = environ; *variable; variable++)
		used += strlen(*variable) + 1 + sizeof *variable;
	return (size_t)most > used + ARGUMENT_HEADROOM ? (size_t)most - used : ARGUMENT_HEADROOM;
}
