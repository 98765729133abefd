#include "base/system_locks.h"
#include "base/features.h"

#if HAVE_LOCK_OWNERS
#include <ctype.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sysmacros.h>

/* Room for a name in /proc. */
enum { PATH_ROOM = 600 };

/* Is there a lock of flock(2) on a descriptor of a process? */
static bool is_locked(const char *process, const char *descriptor)
{
	char path[PATH_ROOM], line[256];
	bool locked = false;

	snprintf(path, sizeof path, "/proc/%s/fdinfo/%s", process, descriptor);
	FILE *file = fopen(path, "re");
	while (file && !locked && fgets(line, sizeof line, file))
		locked = strncmp(line, "lock:", 5) == 0 && strstr(line, "FLOCK");
	if (file)
		fclose(file);
	return locked;
}

/* Has a process locked the file? False, too, when we may not look into it. */
static bool has_locked(const char *process, const struct stat *file)
{
	char path[PATH_ROOM];
	const struct dirent *entry;
	struct stat open_file;
	bool locked = false;

	snprintf(path, sizeof path, "/proc/%s/fd", process);
	DIR *descriptors = opendir(path);
	while (descriptors && !locked && (entry = readdir(descriptors)))
		locked = entry->d_name[0] != '.' &&
			 fstatat(dirfd(descriptors), entry->d_name, &open_file, 0) == 0 &&
			 open_file.st_ino == file->st_ino && open_file.st_dev == file->st_dev &&
			 is_locked(process, entry->d_name);
	if (descriptors)
		closedir(descriptors);
	return locked;
}

/* Looks into all processes that we may look into. Returns 0 when none has the file locked. */
static pid_t find_in_sight(const struct stat *file)
{
	const struct dirent *entry;
	pid_t found = 0;
	DIR *processes = opendir("/proc");

	while (processes && found == 0 && (entry = readdir(processes)))
		if (isdigit((unsigned char)entry->d_name[0]) && has_locked(entry->d_name, file))
			found = atoi(entry->d_name);
	if (processes)
		closedir(processes);
	return found;
}

/* The process that has taken the lock; 0: it is not known. */
static pid_t find_listed(const struct stat *file)
{
	char line[256];
	int pid, found = 0;
	unsigned int high, low;
	unsigned long inode;
	FILE *locks = fopen("/proc/locks", "re");

	while (locks && found <= 0 && fgets(line, sizeof line, locks))
		if (sscanf(line, "%*d: FLOCK %*s %*s %d %x:%x:%lu", &pid, &high, &low, &inode) ==
			4 &&
		    inode == file->st_ino && makedev(high, low) == file->st_dev)
			found = pid;
	if (locks)
		fclose(locks);
	return found > 0 ? found : 0;
}

bool system_lock_owner(const struct stat *file, struct lock_owner *owner)
{
	char path[PATH_ROOM];
	struct stat process;

	owner->pid = find_in_sight(file);
	if (owner->pid == 0)
		owner->pid = find_listed(file);
	snprintf(path, sizeof path, "/proc/%d", (int)owner->pid);
	if (owner->pid == 0 || stat(path, &process) != 0)
		return false;
	owner->user = process.st_uid;
	return true;
}

#else

bool system_lock_owner(const struct stat *file, struct lock_owner *owner)
{
	(void)file;
	(void)owner;
	return false;
}

#endif
