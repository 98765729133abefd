/*
 * transfer: writes that are complete, whatever kind of file they go to.
 */
#ifndef PEXEC_BASE_IO_H
#define PEXEC_BASE_IO_H

#include <stddef.h>
#include <sys/types.h>

/* The size of a block that is copied: what a pipe holds, and small enough for a thread's stack. */
enum { IO_BLOCK = 65536 };

/*
 * Writes all of it, waiting where the descriptor is non-blocking (whoever shares it may have made
 * it so). Returns 0, or -1 with errno.
 */
int io_write(int fd, const char *bytes, size_t length);

/* Reads from a file at `at`. Returns how many bytes, at least one, or -1 with errno. */
ssize_t io_read_at(int file, char *bytes, size_t length, off_t at);

/* Copies a file from `*at` to `end`, and moves `*at` along. Returns 0, or -1 with errno. */
int io_copy_file(int file, off_t *at, off_t end, int to);

#endif
