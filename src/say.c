#include "say.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "transfer.h"

/* A longer message is cut. It is less than what a pipe that can be written to takes at once. */
enum { MOST_BYTES = 3072 };

static pthread_mutex_t writing;
static pthread_t main_thread;

void say_init(void)
{
	pthread_mutexattr_t attributes;

	/* Recursive: whoever has the right to write may say something too. */
	pthread_mutexattr_init(&attributes);
	pthread_mutexattr_settype(&attributes, PTHREAD_MUTEX_RECURSIVE);
	pthread_mutex_init(&writing, &attributes);
	pthread_mutexattr_destroy(&attributes);
	main_thread = pthread_self();
}

void say_lock(void)
{
	pthread_mutex_lock(&writing);
}

void say_unlock(void)
{
	pthread_mutex_unlock(&writing);
}

bool say_is_locked(void)
{
	bool locked = pthread_mutex_trylock(&writing) != 0;

	if (!locked)
		pthread_mutex_unlock(&writing);
	return locked;
}

/* Writes a line. A failure could be reported nowhere. */
static void put(const char *line, size_t length)
{
	if (!pthread_equal(pthread_self(), main_thread)) {
		say_lock();
		transfer_write(STDERR_FILENO, line, length);
		say_unlock();
		return;
	}
	struct pollfd out = {.fd = STDERR_FILENO, .events = POLLOUT};
	bool locked = pthread_mutex_trylock(&writing) == 0;
	if (poll(&out, 1, 0) == 1 && (out.revents & POLLOUT))
		transfer_write(STDERR_FILENO, line, length);
	if (locked)
		say_unlock();
}

static void put_message(const char *reason, const char *format, va_list arguments)
{
	char line[MOST_BYTES];

	/* Room is left for the newline. */
	size_t room = sizeof line - 1;
	int used = snprintf(line, room, "%s: ", getprogname());
	used += vsnprintf(line + used, room - (size_t)used, format, arguments);
	if ((size_t)used < room && reason)
		used += snprintf(line + used, room - (size_t)used, ": %s", reason);
	size_t length = (size_t)used < room ? (size_t)used : room - 1;
	line[length++] = '\n';
	put(line, length);
}

void say(const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	put_message(NULL, format, arguments);
	va_end(arguments);
}

void say_errno(const char *format, ...)
{
	const char *reason = strerror(errno);
	va_list arguments;

	va_start(arguments, format);
	put_message(reason, format, arguments);
	va_end(arguments);
}
