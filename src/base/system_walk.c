#include "base/system_walk.h"
#include "base/features.h"

#if HAVE_CHILDREN
#include <dirent.h>
#include <fcntl.h>
#include <sys/syscall.h>
#include <unistd.h>
#endif

#if HAVE_CHILDREN

/* The number that a name in /proc is; 0: it is none. */
static pid_t number_of(const char *name)
{
	pid_t pid = 0;

	for (; *name >= '0' && *name <= '9'; name++)
		pid = pid * 10 + (*name - '0');
	return *name == '\0' ? pid : 0;
}

/* Does /proc tell of processes by the numbers that we know them by? */
static bool has_our_numbers(void)
{
	char name[32];
	ssize_t length = readlink("/proc/self", name, sizeof name - 1);

	name[length > 0 ? length : 0] = '\0';
	return number_of(name) == getpid();
}

bool system_walk_begin(struct system_walk *walk)
{
	walk->at = walk->filled = 0;
	walk->folder = has_our_numbers() ? open("/proc", O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
	return walk->folder >= 0;
}

/* Reads more entries. Returns whether there are any. */
static bool fill(struct system_walk *walk)
{
	long got = syscall(SYS_getdents64, walk->folder, walk->entries, sizeof walk->entries);

	walk->at = 0;
	walk->filled = got > 0 ? (size_t)got : 0;
	return got > 0;
}

pid_t system_walk_next(struct system_walk *walk)
{
	while (walk->at < walk->filled || fill(walk)) {
		const struct dirent64 *entry = (const void *)(walk->entries + walk->at);
		walk->at += entry->d_reclen;
		pid_t pid = number_of(entry->d_name);
		if (pid > 0)
			return pid;
	}
	return 0;
}

void system_walk_end(struct system_walk *walk)
{
	close(walk->folder);
}

#else

bool system_walk_begin(struct system_walk *walk)
{
	(void)walk;
	return false;
}

pid_t system_walk_next(struct system_walk *walk)
{
	(void)walk;
	return 0;
}

void system_walk_end(struct system_walk *walk)
{
	(void)walk;
}

#endif
