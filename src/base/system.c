#include "base/system.h"

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>
#ifdef __linux__
#include <malloc.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/sendfile.h>
#include <sys/signalfd.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <sys/wait.h>
#endif

/* POSIX (xargs) asks to leave this much, so that the command can change its environment. */
enum { ARGUMENT_HEADROOM = 2048 };

/* What the kernel adds to a command line by itself: the file name, its interpreter's line. */
enum { EXEC_HEADROOM = 4096 };

/* Where the stack has no limit: what Linux takes at most (three quarters of 8 MiB). */
enum { MOST_ARGUMENTS = 6 * 1024 * 1024 };

#ifdef __linux__

/* Reads one line of a small file. Returns false when the file is not there. */
static bool read_line(const char *path, char *line, size_t size)
{
	FILE *file = fopen(path, "re");
	bool read = false;

	if (file) {
		read = fgets(line, (int)size, file) != NULL;
		fclose(file);
	}
	return read;
}

/* A file of a control group, and what its first line comes to; 0: no limit. */
struct cgroup_limit {
	const char *name;
	double (*value)(const char *folder, const char *line);
};

/*
 * Visits a control group and every one above it. Returns the least of their limits, `most` when
 * there is none. In a container those above its own are not to be seen, and the folder may not
 * exist: what can be read is what counts.
 */
static double least_upwards(char *folder, const struct cgroup_limit *limit, double most)
{
	char path[PATH_MAX + 64], line[128];

	for (;;) {
		snprintf(path, sizeof path, "%s/%s", folder, limit->name);
		if (read_line(path, line, sizeof line)) {
			double found = limit->value(folder, line);
			if (found > 0 && found < most)
				most = found;
		}
		char *slash = strrchr(folder, '/');
		if (!slash || strcmp(folder, "/sys/fs/cgroup") == 0)
			return most;
		*slash = '\0';
	}
}

/*
 * The least limit of this process, in both versions of control groups. /proc/self/cgroup has lines
 * "ID:controller,controller:/path"; that of version 2 is "0::/path".
 */
static double cgroup_least(const char *controller, const struct cgroup_limit *version_1,
    const struct cgroup_limit *version_2, double most)
{
	FILE *file = fopen("/proc/self/cgroup", "re");
	char line[PATH_MAX], folder[PATH_MAX];

	if (!file)
		return most;
	while (fgets(line, sizeof line, file)) {
		char *names = strchr(line, ':');
		char *path = names ? strchr(names + 1, ':') : NULL;
		if (!path)
			continue;
		*path++ = '\0';
		path[strcspn(path, "\n")] = '\0';
		if (strcmp(path, "/") == 0)
			*path = '\0'; /* not the same folder twice, by two names */
		if (names[1] == '\0' &&
		    snprintf(folder, sizeof folder, "/sys/fs/cgroup%s", path) < PATH_MAX)
			most = least_upwards(folder, version_2, most);
		for (char *rest = names + 1, *name; (name = strsep(&rest, ","));)
			if (strcmp(name, controller) == 0 &&
			    snprintf(folder, sizeof folder, "/sys/fs/cgroup/%s%s", controller,
				path) < PATH_MAX)
				most = least_upwards(folder, version_1, most);
	}
	fclose(file);
	return most;
}

/* cpu.max of version 2: "QUOTA PERIOD", or "max PERIOD". */
static double quota_v2(const char *folder, const char *line)
{
	double quota, period;

	(void)folder;
	return sscanf(line, "%lf %lf", &quota, &period) == 2 && period > 0 ? quota / period : 0;
}

/* cpu.cfs_quota_us of version 1; the period is in a file beside it; -1 is no quota. */
static double quota_v1(const char *folder, const char *line)
{
	char path[PATH_MAX + 64], period[64];

	if (atof(line) <= 0)
		return 0;
	snprintf(path, sizeof path, "%s/cpu.cfs_period_us", folder);
	if (!read_line(path, period, sizeof period) || atof(period) <= 0)
		return 0;
	return atof(line) / atof(period);
}

static double number(const char *folder, const char *line)
{
	(void)folder;
	return atof(line); /* "max" is 0: no limit */
}

static double cpu_quota(double most)
{
	static const struct cgroup_limit version_1 = {"cpu.cfs_quota_us", quota_v1},
					 version_2 = {"cpu.max", quota_v2};

	return cgroup_least("cpu", &version_1, &version_2, most);
}

static double process_quota(double most)
{
	static const struct cgroup_limit limit = {"pids.max", number};

	return cgroup_least("pids", &limit, &limit, most);
}

size_t system_word_bytes(void)
{
	return 32 * (size_t)sysconf(_SC_PAGESIZE); /* MAX_ARG_STRLEN in linux/binfmts.h */
}

void system_adopt_orphans(void)
{
	prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
}

size_t system_children(pid_t *children, size_t most)
{
	char path[64];
	size_t count = 0;

	snprintf(path, sizeof path, "/proc/self/task/%d/children", (int)getpid());
	FILE *file = fopen(path, "re");
	while (file && count < most && fscanf(file, "%d", &children[count]) == 1)
		count++;
	if (file)
		fclose(file);
	return count;
}

ssize_t system_pipe_to(int to, int pipe, size_t length)
{
	return splice(pipe, NULL, to, NULL, length, SPLICE_F_MOVE);
}

ssize_t system_file_to(int to, int file, off_t at, size_t length)
{
	return sendfile(to, file, &at, length);
}

void system_widen_pipe(int fd, int bytes)
{
	int now = fcntl(fd, F_GETPIPE_SZ);

	for (; now >= 0 && now < bytes; bytes /= 2)
		if (fcntl(fd, F_SETPIPE_SZ, bytes) >= 0)
			return;
}

#ifdef __has_feature
#define HAS_FEATURE(name) __has_feature(name)
#else
#define HAS_FEATURE(name) 0
#endif

#if defined __SANITIZE_THREAD__ || defined __SANITIZE_ADDRESS__ ||                                 \
    HAS_FEATURE(thread_sanitizer) || HAS_FEATURE(address_sanitizer)
/* Instrumented code keeps a state for each thread that two processes must not share. */
pid_t system_start_companion(int (*run)(void *context), void *context)
{
	pid_t companion = fork();

	if (companion == 0)
		_exit(run(context));
	return companion;
}
#else
pid_t system_start_companion(int (*run)(void *context), void *context)
{
	static _Alignas(16) char stack[16384];

	/* No CLONE_SIGHAND: it blocks and waits for signals of its own. No exit signal either. */
	return clone(run, stack + sizeof stack, CLONE_VM | CLONE_FILES | CLONE_FS, context);
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
	/* Not closefrom(3): it may allocate, and a thread that is dead may hold the lock for that.
	 */
	syscall(SYS_close_range, 0U, ~0U, 0U);
}

int system_process_descriptor(pid_t child)
{
#ifdef SYS_pidfd_open
	return (int)syscall(SYS_pidfd_open, child, 0);
#else
	(void)child;
	return -1;
#endif
}

void system_reap_companion(pid_t companion)
{
	while (waitpid(companion, NULL, __WALL) < 0 && errno == EINTR)
		;
}

bool system_await_signal(
    int *watch, const sigset_t *signals, const struct timespec *timeout, int pipe)
{
	*watch = signalfd(*watch, signals, SFD_CLOEXEC);
	if (*watch < 0)
		err(1, "watching for signals");
	struct pollfd fds[] = {{.fd = *watch, .events = POLLIN}, {.fd = pipe}};
	return ppoll(fds, 2, timeout, NULL) > 0 && (fds[1].revents & POLLERR);
}

/* The program's name as it was started, which the title is written over. */
static char *program, *program_end;

void system_prepare_title(int argc, char *argv[])
{
	char **before = environ;
	size_t count = 0, bytes = 0;

	/* The library's own copy of the environment would lose what is in it twice, or without a =.
	 */
	while (environ[count])
		bytes += strlen(environ[count++]) + 1;
	char **copy = calloc(1, (count + 1) * sizeof *copy + bytes);
	if (!copy)
		err(1, "starting");
	char *to = (char *)(copy + count + 1);
	for (size_t i = 0; i < count; i++) {
		copy[i] = to;
		to = stpcpy(to, before[i]) + 1;
	}
	environ = copy;
	program = argv[0];
	program_end = program + strlen(program);
	setproctitle_init(argc, argv, before);
}

void system_set_title(const char *title)
{
	setproctitle("%s", title);
	/* Where the name was longer the library leaves a dot. */
	if (program + strlen(program) < program_end)
		*program_end = '\0';
}

const char *system_signal_name(int signal)
{
	return sigabbrev_np(signal);
}

bool system_is_unnamed_pipe(int fd)
{
	enum { PIPEFS = 0x50495045 };
	struct statfs status;

	return fstatfs(fd, &status) == 0 && status.f_type == PIPEFS;
}

static long affinity(void)
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

static double cpu_quota(double most)
{
	return most;
}

static double process_quota(double most)
{
	return most;
}

size_t system_word_bytes(void)
{
	return system_argument_bytes();
}

void system_adopt_orphans(void)
{
}

size_t system_children(pid_t *children, size_t most)
{
	(void)children, (void)most;
	return 0;
}

ssize_t system_pipe_to(int to, int pipe, size_t length)
{
	(void)to, (void)pipe, (void)length;
	errno = ENOSYS;
	return -1;
}

void system_widen_pipe(int fd, int bytes)
{
	(void)fd, (void)bytes;
}

ssize_t system_file_to(int to, int file, off_t at, size_t length)
{
	(void)to, (void)file, (void)at, (void)length;
	errno = ENOSYS;
	return -1;
}

pid_t system_start_companion(int (*run)(void *context), void *context)
{
	(void)run, (void)context;
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

int system_process_descriptor(pid_t child)
{
	(void)child;
	return -1;
}

bool system_await_signal(
    int *watch, const sigset_t *signals, const struct timespec *timeout, int pipe)
{
	(void)watch, (void)pipe;
	int signal = timeout ? sigtimedwait(signals, NULL, timeout) : sigwaitinfo(signals, NULL);
	if (signal > 0)
		raise(signal);
	return false;
}

void system_prepare_title(int argc, char *argv[])
{
	(void)argc, (void)argv;
}

void system_set_title(const char *title)
{
	setproctitle("%s", title);
}

const char *system_signal_name(int signal)
{
	return signal < NSIG ? sys_signame[signal] : NULL;
}

bool system_is_unnamed_pipe(int fd)
{
	struct stat status;

	return fstat(fd, &status) == 0 && status.st_nlink == 0;
}

static long affinity(void)
{
	return sysconf(_SC_NPROCESSORS_ONLN);
}

#endif

int system_open_fifo(const char *name, int standard_input)
{
	char path[32];

	snprintf(path, sizeof path, "/dev/fd/%d", standard_input);
	return open(
	    strcmp(name, "-") == 0 ? path : name, O_RDWR | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);
}

void system_save_memory(void)
{
#ifdef M_ARENA_MAX
	/* Slots allocate little and seldom: one heap for all keeps a thousand of them small. */
	mallopt(M_ARENA_MAX, 1);
#endif
}

void *system_large_memory(void)
{
	/* Newer kernels align it by themselves. Others give a little less than whole pages. */
	void *memory =
	    mmap(NULL, SYSTEM_LARGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (memory == MAP_FAILED)
		return NULL;
#ifdef MADV_HUGEPAGE
	madvise(memory, SYSTEM_LARGE, MADV_HUGEPAGE);
#endif
	return memory;
}

void system_large_free(void *memory)
{
	munmap(memory, SYSTEM_LARGE);
}

unsigned system_cpus(void)
{
	long cpus = affinity();
	double share = cpu_quota(cpus > 0 ? (double)cpus : 1);
	unsigned whole = (unsigned)share;

	if (share > whole)
		whole++;
	return whole > 0 ? whole : 1;
}

unsigned long system_processes(void)
{
	struct rlimit limit = {.rlim_cur = RLIM_INFINITY};
	double most = 1e9;

	getrlimit(RLIMIT_NPROC, &limit);
	if (limit.rlim_cur != RLIM_INFINITY && (double)limit.rlim_cur < most)
		most = (double)limit.rlim_cur;
	return (unsigned long)process_quota(most);
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

size_t system_argument_bytes(void)
{
	long most = sysconf(_SC_ARG_MAX);
	size_t used = ARGUMENT_HEADROOM + EXEC_HEADROOM;

	/* Linux counts every string and a pointer to it (fs/exec.c), and caps a huge stack at 6
	 * MiB. */
	if (most <= 0 || most > MOST_ARGUMENTS)
		most = MOST_ARGUMENTS;
	for (char **variable = environ; *variable; variable++)
		used += strlen(*variable) + 1 + sizeof *variable;
	return (size_t)most > used + ARGUMENT_HEADROOM ? (size_t)most - used : ARGUMENT_HEADROOM;
}
