#include "service/sd_notify.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/message.h"

/* A manager that does not read must not hold up the run for longer than this. */
static const struct timeval PATIENCE = {.tv_sec = 1};

static struct {
	int fd; /* -1: nobody is to be told */
	struct sockaddr_un address;
	socklen_t length;
	int64_t interval; /* between two signs of life, in ms; 0: none are asked for */
	int64_t due;
	bool stopping; /* it was said */
} manager = {.fd = -1};

/* The environment's time for the watchdog in ms, half of which we take; 0: it is not for us. */
static int64_t watchdog_interval(void)
{
	const char *time = getenv("WATCHDOG_USEC"), *pid = getenv("WATCHDOG_PID"), *reason = NULL;
	long long microseconds = time ? strtonum(time, 1, INT64_MAX / 2, &reason) : 0;

	if (!time || reason || (pid && strtonum(pid, 1, INT64_MAX, &reason) != getpid()))
		return 0;
	return microseconds < 2000 ? 1 : microseconds / 2000;
}

/* Reads a socket's name: a path, or what Linux calls an abstract name, with @ before it. */
static bool read_address(const char *name)
{
	size_t length = strlen(name);

	if ((*name != '/' && *name != '@') || length >= sizeof manager.address.sun_path)
		return false;
	manager.address.sun_family = AF_UNIX;
	memcpy(manager.address.sun_path, name, length);
	if (*name == '@')
		manager.address.sun_path[0] = '\0';
	/* Without the NUL behind it, which would be a part of an abstract name. */
	manager.length = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + length);
	return true;
}

void sd_notify_init(void)
{
	const char *name = getenv("NOTIFY_SOCKET");

	if (name && *name && !read_address(name)) {
		message(
		    "NOTIFY_SOCKET is no address of a socket: the service manager is told nothing");
	} else if (name && *name) {
		manager.fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
		if (manager.fd < 0)
			message_errno("telling the service manager");
		else
			setsockopt(manager.fd, SOL_SOCKET, SO_SNDTIMEO, &PATIENCE, sizeof PATIENCE);
		manager.interval = watchdog_interval();
		manager.due = clock_ms() + manager.interval;
	}
	unsetenv("NOTIFY_SOCKET");
	unsetenv("WATCHDOG_USEC");
	unsetenv("WATCHDOG_PID");
}

/* Sends a message. `flags` as of send(2): what comes again soon need not wait. */
static void tell(int flags, const char *format, ...) __attribute__((format(printf, 2, 3)));
static void tell(int flags, const char *format, ...)
{
	char message[1024];
	va_list arguments;

	if (manager.fd < 0)
		return;
	va_start(arguments, format);
	vsnprintf(message, sizeof message, format, arguments);
	va_end(arguments);
	/* There is nobody else to tell that it fails. */
	while (sendto(manager.fd, message, strlen(message), flags | MSG_NOSIGNAL,
		   (const struct sockaddr *)&manager.address, manager.length) < 0 &&
	       errno == EINTR)
		;
}

void sd_notify_ready(void)
{
	tell(0, "READY=1");
}

void sd_notify_reloading(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	tell(0, "RELOADING=1\nMONOTONIC_USEC=%" PRId64,
	    (int64_t)time.tv_sec * 1000000 + time.tv_nsec / 1000);
}

void sd_notify_stopping(void)
{
	if (!manager.stopping)
		tell(0, "STOPPING=1");
	manager.stopping = true;
}

void sd_notify_status(const char *text)
{
	tell(MSG_DONTWAIT, "STATUS=%s", text);
}

int64_t sd_notify_due(void)
{
	return manager.fd >= 0 && manager.interval > 0 ? manager.due : INT64_MAX;
}

int64_t sd_notify_keep_alive(int64_t now_ms)
{
	tell(MSG_DONTWAIT, "WATCHDOG=1");
	manager.due = now_ms + manager.interval;
	return sd_notify_due();
}
