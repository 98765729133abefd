/*
 * system_locks: which process has a file locked by flock(2).
 *
 * POSIX does not tell. Linux does (HAVE_LOCK_OWNERS): of our own processes it can be seen which one
 * has the lock now, and of others which one has taken it.
 */
#ifndef PEXEC_BASE_SYSTEM_LOCKS_H
#define PEXEC_BASE_SYSTEM_LOCKS_H

#include <stdbool.h>
#include <sys/stat.h>
#include <sys/types.h>

struct lock_owner {
	pid_t pid;
	uid_t user; /* that the process runs as */
};

/*
 * Finds a process that has `file` locked. When it is none that we may look into, it is the one that
 * has taken the lock: others may have it by now, to which it has handed the descriptor. Returns
 * false when that one has ended, when it is out of sight, or where the system does not tell.
 */
bool system_lock_owner(const struct stat *file, struct lock_owner *owner);

#endif
