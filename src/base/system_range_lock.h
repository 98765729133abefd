/*
 * system_range_lock: locks on bytes of a file, which need not be there.
 *
 * They belong to the open file, as those of flock(2) do, and not to the process: the kernel gives
 * them back when the last descriptor of it is closed, so also when its processes have been killed.
 * Only Linux has these (HAVE_OFD_LOCKS); elsewhere all of this fails with ENOTSUP.
 */
#ifndef PEXEC_BASE_SYSTEM_RANGE_LOCK_H
#define PEXEC_BASE_SYSTEM_RANGE_LOCK_H

#include <stdbool.h>
#include <sys/types.h>

struct file_range {
	off_t at, length; /* a length of 0: to the end of all files */
};

/*
 * Locks the range, for writing. With `waits` it waits for as long as another open file has it.
 * Returns 0, or -1 with errno; EAGAIN or EACCES: another one has it.
 */
int system_range_lock(int fd, struct file_range range, bool waits);

/*
 * Locks the range for this process, until it dies or closes the file, and for processes that share
 * its descriptors: those that have inherited copies do not have it. Returns 0, or -1 with errno.
 */
int system_range_lock_process(int fd, struct file_range range);

/* Gives it back. Returns 0, or -1 with errno. */
int system_range_unlock(int fd, struct file_range range);

/* Has another open file or process a lock on some of the range? Returns 1, 0, or -1 with errno. */
int system_range_is_locked(int fd, struct file_range range);

#endif
