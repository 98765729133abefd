/*
 * system_pipes: what a system can do with pipes and FIFOs beyond reading and writing them.
 *
 * Bytes that pexec only passes on need not go through its memory: Linux moves them from one
 * descriptor to another (HAVE_SPLICE, HAVE_SENDFILE). Where that cannot be done, for this system or
 * for this kind of file, the call says so and the caller copies: it has to be able to anyhow. Pipes
 * can be made wider there, so that a job that prints much is woken less often (HAVE_PIPE_SIZE).
 *
 * All calls may be made from any thread. Descriptors that they open are close-on-exec.
 */
#ifndef PEXEC_BASE_SYSTEM_PIPES_H
#define PEXEC_BASE_SYSTEM_PIPES_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/*
 * Moves up to `length` bytes from `pipe` to `to`. Returns how many, 0 at the end of the pipe, or -1
 * with errno as of write(2); EINVAL or ENOSYS: the caller has to read and write them itself.
 */
ssize_t system_pipe_to(int to, int pipe, size_t length);

/*
 * Moves up to `length` bytes of `file`, from offset `at` on, to `to`. The offset of the descriptor
 * stays as it is. Returns as system_pipe_to; 0: the file ends at `at` or before.
 */
ssize_t system_file_to(int to, int file, off_t at, size_t length);

/*
 * Moves up to `length` bytes of `file`, from offset `at` on, into a pipe, without waiting for room
 * in it. Returns as system_file_to; EAGAIN: it is full.
 */
ssize_t system_file_into_pipe(int pipe, int file, off_t at, size_t length);

/*
 * Lets a pipe hold `bytes`, or half of that, or a quarter..., as the user's limit allows
 * (/proc/sys/fs/pipe-user-pages-soft), if that is more than it holds now. Does nothing to a
 * descriptor of another kind, and where the size of pipes is fixed.
 */
void system_widen_pipe(int fd, int bytes);

/*
 * Lets a pipe hold no more than these bytes, in whole pages, a power of two; does nothing where
 * that is more than it holds as it is made, or the size of pipes is fixed.
 */
void system_narrow_pipe(int fd, size_t bytes);

/*
 * Opens the FIFO `name`, or with "-" the one that is open as `standard_input`, for reading so that
 * it stays open when its last writer closes it: pexec is a writer itself. The descriptor does not
 * block. Returns it, or -1 with errno as of open(2); EACCES: no right to write to it.
 */
int system_open_fifo(const char *name, int standard_input);

/* How many bytes in a pipe, by either end, have not been read; -1: that is not known. */
int system_pipe_unread(int fd);

/* Is this a pipe without a name, which no process can open again? */
bool system_is_unnamed_pipe(int fd);

#endif
