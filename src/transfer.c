#include "transfer.h"

#include <errno.h>
#include <poll.h>
#include <unistd.h>

int transfer_write(int fd, const char *bytes, size_t length)
{
	while (length > 0) {
		ssize_t written = write(fd, bytes, length);
		if (written >= 0) {
			bytes += written;
			length -= (size_t)written;
		} else if (errno == EAGAIN) {
			poll(&(struct pollfd){.fd = fd, .events = POLLOUT}, 1, -1);
		} else if (errno != EINTR) {
			return -1;
		}
	}
	return 0;
}

int transfer_file(int from, off_t length, int to)
{
	char block[TRANSFER_BLOCK];

	for (off_t at = 0; at < length;) {
		ssize_t got = pread(from, block, sizeof block, at);
		if (got == 0)
			errno = EIO; /* shorter than what was written to it */
		if (got <= 0 || transfer_write(to, block, (size_t)got) != 0)
			return -1;
		at += got;
	}
	return 0;
}
