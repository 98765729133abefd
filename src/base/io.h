/*
 * io: waits at descriptors, complete writes to any kind of file, reads and copies of regular files.
 */
#ifndef PEXEC_BASE_IO_H
#define PEXEC_BASE_IO_H

#include <poll.h>
#include <stddef.h>
#include <sys/types.h>

/* The bytes copied at a time: what a pipe holds, and small enough for a thread's stack. */
enum { IO_BLOCK = 65536 };

/*
 * The same as poll(2), for a loop that goes on whatever comes of it. When poll(2) itself fails for
 * a reason that lasts (ENOMEM; EINVAL: there are more entries than RLIMIT_NOFILE, which may be
 * lowered at any time), the loop does not spin: waits for 100 ms at most, then looks at one entry
 * after the other. All `revents` are set.
 */
void io_await(struct pollfd *fds, nfds_t count, int timeout_ms);

/*
 * Writes all bytes. Waits where the descriptor is non-blocking, as another process that shares it
 * may have made it so. Returns 0, or -1 with errno.
 */
int io_write(int fd, const char *bytes, size_t length);

/*
 * Writes the byte to a pipe by which a thread or process that waits at the other end is woken.
 * Tries again until it is there: while a signal comes in between, and while the kernel has no page
 * for it (ENOMEM). A full non-blocking pipe is readable already. Returns 0, or -1 with errno when
 * none will ever read it.
 */
int io_wake(int fd);

/*
 * Reads up to `length` bytes of a file from offset `at` on. Returns how many, at least one, or -1
 * with errno (EIO: the file ends there).
 */
ssize_t io_read_at(int file, char *bytes, size_t length, off_t at);

/*
 * Copies the bytes of a file from `*at` up to `end` to descriptor `to`, and sets `*at` behind what
 * was copied. Returns 0, or -1 with errno (EIO: the file ends before `end`).
 */
int io_copy_file(int file, off_t *at, off_t end, int to);

#endif
