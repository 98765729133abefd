#include "base/io.h"

#include <errno.h>
#include <poll.h>
#include <stdbool.h>
#include <unistd.h>

#include "base/system_pipes.h"

/* How often descriptors are looked at that poll(2) cannot wait for, in ms. */
enum { AWAIT_INTERVAL = 100 };

/* How long io_wake waits for the kernel to have a page again, in ms. */
enum { WAKE_INTERVAL = 1 };

/* Returns whether a write that failed is to be tried again: at once after EINTR, and after EAGAIN
 * when the descriptor is writable again. */
static bool wait_to_write(int fd)
{
	if (errno == EAGAIN)
		poll(&(struct pollfd){.fd = fd, .events = POLLOUT}, 1, -1);
	return errno == EAGAIN || errno == EINTR;
}

void io_await(struct pollfd *fds, nfds_t count, int timeout_ms)
{
	for (nfds_t i = 0; i < count; i++)
		fds[i].revents = 0;
	if (poll(fds, count, timeout_ms) >= 0 || errno == EINTR)
		return;
	poll(NULL, 0, timeout_ms < 0 || timeout_ms > AWAIT_INTERVAL ? AWAIT_INTERVAL : timeout_ms);
	for (nfds_t i = 0; i < count; i++)
		poll(&fds[i], 1, 0);
}

int io_write(int fd, const char *bytes, size_t length)
{
	while (length > 0) {
		ssize_t written = write(fd, bytes, length);
		if (written < 0 && !wait_to_write(fd))
			return -1;
		bytes += written > 0 ? written : 0;
		length -= written > 0 ? (size_t)written : 0;
	}
	return 0;
}

int io_wake(int fd)
{
	while (write(fd, "", 1) < 0) {
		if (errno == EAGAIN)
			return 0;
		if (errno != EINTR && errno != ENOMEM)
			return -1;
		poll(NULL, 0, errno == ENOMEM ? WAKE_INTERVAL : 0);
	}
	return 0;
}

ssize_t io_read_at(int file, char *bytes, size_t length, off_t at)
{
	ssize_t got;

	do {
		got = pread(file, bytes, length, at);
	} while (got < 0 && errno == EINTR);
	if (got == 0)
		errno = EIO; /* another process has truncated the file */
	return got > 0 ? got : -1;
}

/* Copies a block through our own memory. Returns its bytes, or -1 with errno. */
static ssize_t copy_block(int file, off_t at, size_t length, int to)
{
	char block[IO_BLOCK];
	ssize_t got = io_read_at(file, block, length < sizeof block ? length : sizeof block, at);

	return got < 0 || io_write(to, block, (size_t)got) != 0 ? -1 : got;
}

int io_copy_file(int file, off_t *at, off_t end, int to)
{
	bool direct = true;

	while (*at < end) {
		size_t length = (size_t)(end - *at);
		ssize_t moved = direct ? system_file_to(to, file, *at, length)
				       : copy_block(file, *at, length, to);
		if (moved < 0 && direct && (errno == EINVAL || errno == ENOSYS)) {
			direct = false; /* sendfile(2) does not write to every kind of file */
		} else if (moved == 0) {
			errno = EIO;
			return -1;
		} else if (moved < 0 && !(direct && wait_to_write(to))) {
			return -1;
		}
		*at += moved > 0 ? moved : 0;
	}
	return 0;
}
