/* io: writes are complete, also where the descriptor does not block. */
#undef NDEBUG
#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

enum { LENGTH = 1000003 };

static sem_t full;

/* Whoever waits for room has filled the pipe: now somebody reads. */
static int signalling_poll(struct pollfd *fds, nfds_t count, int timeout)
{
	assert(timeout == -1 && fds->events == POLLOUT);
	sem_post(&full);
	return poll(fds, count, timeout);
}

#define poll signalling_poll
#include "../../src/base/io.c"

static void *read_all(void *argument)
{
	const int *fd = argument;
	char *bytes = malloc(LENGTH + 1);
	size_t length = 0;

	sem_wait(&full);
	for (ssize_t got; (got = read(*fd, bytes + length, LENGTH + 1 - length)) > 0;)
		length += (size_t)got;
	assert(length == LENGTH);
	return bytes;
}

static void writes_all_without_blocking(void)
{
	char *sent = malloc(LENGTH);
	void *received;
	int ends[2];
	pthread_t reader;

	for (size_t i = 0; i < LENGTH; i++)
		sent[i] = (char)(i % 251);
	assert(pipe2(ends, O_CLOEXEC) == 0 && fcntl(ends[1], F_SETFL, O_NONBLOCK) == 0);
	assert(sem_init(&full, 0, 0) == 0);
	assert(pthread_create(&reader, NULL, read_all, &ends[0]) == 0);
	assert(io_write(ends[1], sent, LENGTH) == 0);
	close(ends[1]);
	assert(pthread_join(reader, &received) == 0);
	assert(memcmp(sent, received, LENGTH) == 0);
	close(ends[0]);
	free(received);
	free(sent);
}

static void says_why_not(void)
{
	int ends[2];

	signal(SIGPIPE, SIG_IGN);
	assert(pipe2(ends, O_CLOEXEC) == 0);
	close(ends[0]);
	assert(io_write(ends[1], "x", 1) == -1 && errno == EPIPE);
	close(ends[1]);
	assert(io_write(ends[1], "x", 1) == -1 && errno == EBADF);
	assert(io_write(ends[1], "", 0) == 0);
}

static void copies_files(void)
{
	int from = memfd_create("from", MFD_CLOEXEC), to = memfd_create("to", MFD_CLOEXEC);
	char block[IO_BLOCK + 10], copy[sizeof block];

	memset(block, 'x', sizeof block);
	assert(io_write(from, block, sizeof block) == 0);
	off_t at = 0;
	assert(io_copy_file(from, &at, sizeof block, to) == 0 && at == sizeof block);
	assert(pread(to, copy, sizeof copy, 0) == sizeof copy);
	assert(memcmp(block, copy, sizeof copy) == 0);
	/* It should have had one byte more. */
	at = 0;
	assert(io_copy_file(from, &at, sizeof block + 1, to) == -1 && errno == EIO);
	close(from);
	close(to);
}

int main(void)
{
	writes_all_without_blocking();
	says_why_not();
	copies_files();
}
