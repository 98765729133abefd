#include "base/message.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/io.h"

/* A longer message is cut. It is less than what a pipe that can be written to takes at once. */
enum { MOST_BYTES = 3072 };

/* How long the main thread may wait, in s. */
enum { PATIENCE = 1 };

static pthread_mutex_t writing;
static _Thread_local bool never_waits;

void message_init(void)
{
	pthread_mutexattr_t attributes;

	/* Recursive: whoever has the right to write may say something too. */
	pthread_mutexattr_init(&attributes);
	pthread_mutexattr_settype(&attributes, PTHREAD_MUTEX_RECURSIVE);
	pthread_mutex_init(&writing, &attributes);
	pthread_mutexattr_destroy(&attributes);
	message_never_wait();
}

void message_never_wait(void)
{
	never_waits = true;
}

void console_take(void)
{
	pthread_mutex_lock(&writing);
}

void console_release(void)
{
	pthread_mutex_unlock(&writing);
}

bool console_take_soon(void)
{
	struct timespec until;

	clock_gettime(CLOCK_REALTIME, &until);
	until.tv_sec += PATIENCE;
	return pthread_mutex_timedlock(&writing, &until) == 0;
}

bool console_is_taken(void)
{
	bool locked = pthread_mutex_trylock(&writing) != 0;

	if (!locked)
		pthread_mutex_unlock(&writing);
	return locked;
}

/* Writes a line. A failure could be reported nowhere. */
static void put(const char *line, size_t length)
{
	if (!never_waits) {
		console_take();
		io_write(STDERR_FILENO, line, length);
		console_release();
		return;
	}
	struct pollfd out = {.fd = STDERR_FILENO, .events = POLLOUT};
	bool locked = pthread_mutex_trylock(&writing) == 0;
	if (poll(&out, 1, 0) == 1 && (out.revents & POLLOUT))
		io_write(STDERR_FILENO, line, length);
	if (locked)
		console_release();
}

static void put_message(const char *message, const char *reason)
{
	char line[MOST_BYTES + 1];
	int used = snprintf(line, MOST_BYTES, "%s: %s%s%s", getprogname(), message,
	    reason ? ": " : "", reason ? reason : "");
	size_t length = used < MOST_BYTES ? (size_t)used : MOST_BYTES - 1;

	line[length++] = '\n';
	put(line, length);
}

void message(const char *format, ...)
{
	char message[MOST_BYTES];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(message, sizeof message, format, arguments);
	va_end(arguments);
	put_message(message, NULL);
}

void message_errno(const char *format, ...)
{
	const char *reason = strerror(errno);
	char message[MOST_BYTES];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(message, sizeof message, format, arguments);
	va_end(arguments);
	put_message(message, reason);
}
