#include "base/system_pipes.h"
#include "base/features.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>
#if HAVE_SENDFILE
#include <sys/sendfile.h>
#endif

#if HAVE_SPLICE
ssize_t system_pipe_to(int to, int pipe, size_t length)
{
	return splice(pipe, NULL, to, NULL, length, SPLICE_F_MOVE);
}

ssize_t system_file_into_pipe(int pipe, int file, off_t at, size_t length)
{
	return splice(file, &at, pipe, NULL, length, SPLICE_F_NONBLOCK);
}
#else
ssize_t system_file_into_pipe(int pipe, int file, off_t at, size_t length)
{
	(void)pipe, (void)file, (void)at, (void)length;
	errno = ENOSYS;
	return -1;
}

ssize_t system_pipe_to(int to, int pipe, size_t length)
{
	(void)to, (void)pipe, (void)length;
	errno = ENOSYS;
	return -1;
}
#endif

#if HAVE_SENDFILE
ssize_t system_file_to(int to, int file, off_t at, size_t length)
{
	return sendfile(to, file, &at, length);
}
#else
ssize_t system_file_to(int to, int file, off_t at, size_t length)
{
	(void)to, (void)file, (void)at, (void)length;
	errno = ENOSYS;
	return -1;
}
#endif

#if HAVE_PIPE_SIZE
/* What a pipe holds as it is made (pipe(7)). */
enum { PIPE_AS_MADE = 65536 };

void system_widen_pipe(int fd, int bytes)
{
	int now = fcntl(fd, F_GETPIPE_SZ);

	for (; now >= 0 && now < bytes; bytes /= 2)
		if (fcntl(fd, F_SETPIPE_SZ, bytes) >= 0)
			return;
}

void system_narrow_pipe(int fd, size_t bytes)
{
	if (bytes < PIPE_AS_MADE)
		fcntl(fd, F_SETPIPE_SZ, (int)bytes);
}
#else
void system_widen_pipe(int fd, int bytes)
{
	(void)fd, (void)bytes;
}

void system_narrow_pipe(int fd, size_t bytes)
{
	(void)fd, (void)bytes;
}
#endif

int system_pipe_unread(int fd)
{
	int bytes;

	return ioctl(fd, FIONREAD, &bytes) == 0 ? bytes : -1;
}

int system_open_fifo(const char *name, int standard_input)
{
	char path[32];

	snprintf(path, sizeof path, "/dev/fd/%d", standard_input);
	return open(
	    strcmp(name, "-") == 0 ? path : name, O_RDWR | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);
}

/* Pipes without a name are all on one device; a FIFO is on that of its file system. */
bool system_is_unnamed_pipe(int fd)
{
	struct stat status, unnamed;
	int ends[2];

	if (fstat(fd, &status) != 0 || !S_ISFIFO(status.st_mode) || pipe2(ends, O_CLOEXEC) != 0)
		return false;
	bool same = fstat(ends[0], &unnamed) == 0 && status.st_dev == unnamed.st_dev;
	close(ends[0]);
	close(ends[1]);
	return same;
}
