#include "base/system_range_lock.h"
#include "base/features.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#if HAVE_OFD_LOCKS
/* fcntl(2) with a lock; a signal that comes in between changes nothing. */
static int lock_call(int fd, int call, struct flock *lock)
{
	int result;

	do
		result = fcntl(fd, call, lock);
	while (result != 0 && errno == EINTR);
	return result;
}

static struct flock make_lock(int type, struct file_range range)
{
	return (struct flock){.l_type = (short)type,
	    .l_whence = SEEK_SET,
	    .l_start = range.at,
	    .l_len = range.length};
}

int system_range_lock(int fd, struct file_range range, bool waits)
{
	struct flock lock = make_lock(F_WRLCK, range);

	return lock_call(fd, waits ? F_OFD_SETLKW : F_OFD_SETLK, &lock);
}

int system_range_lock_process(int fd, struct file_range range)
{
	struct flock lock = make_lock(F_WRLCK, range);

	return lock_call(fd, F_SETLK, &lock);
}

int system_range_unlock(int fd, struct file_range range)
{
	struct flock lock = make_lock(F_UNLCK, range);

	return lock_call(fd, F_OFD_SETLK, &lock);
}

int system_range_is_locked(int fd, struct file_range range)
{
	struct flock lock = make_lock(F_WRLCK, range);

	if (lock_call(fd, F_OFD_GETLK, &lock) != 0)
		return -1;
	return lock.l_type != F_UNLCK;
}
#else
static int refuse(void)
{
	errno = ENOTSUP;
	return -1;
}

int system_range_lock(int fd, struct file_range range, bool waits)
{
	(void)fd, (void)range, (void)waits;
	return refuse();
}

int system_range_lock_process(int fd, struct file_range range)
{
	(void)fd, (void)range;
	return refuse();
}

int system_range_unlock(int fd, struct file_range range)
{
	(void)fd, (void)range;
	return refuse();
}

int system_range_is_locked(int fd, struct file_range range)
{
	(void)fd, (void)range;
	return refuse();
}
#endif
