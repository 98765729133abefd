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

/* How long a manager that does not read may hold up the run. */
static const struct timeval SEND_TIMEOUT = {.tv_sec = 1};

static struct {
	int fd; /* a socket of ours; -1: there is no manager */
	struct sockaddr_un address;
	socklen_t length;    /* of the address */
	int64_t interval_ms; /* between two messages to the watchdog; 0: there is none */
	int64_t due_ms;      /* of the next message to the watchdog, in ms of clock_ms() */
	bool stopping_sent;
} manager = {.fd = -1};

/*
 * The interval at which the watchdog has to hear from us: half of WATCHDOG_USEC, as
 * sd_watchdog_enabled(3) advises. 0: there is none, or it watches another process (WATCHDOG_PID).
 */
static int64_t watchdog_interval_ms(void)
{
	const char *time = getenv("WATCHDOG_USEC"), *pid = getenv("WATCHDOG_PID"), *reason = NULL;
	long long time_us = time ? strtonum(time, 1, INT64_MAX / 2, &reason) : 0;

	if (!time || reason || (pid && strtonum(pid, 1, INT64_MAX, &reason) != getpid()))
		return 0;
	return time_us < 2000 ? 1 : time_us / 2000;
}

/* Reads the name of the manager's socket: a path, or an abstract name (unix(7)) with @ for its
 * first NUL. */
static bool read_address(const char *name)
{
	size_t length = strlen(name);

	if ((*name != '/' && *name != '@') || length >= sizeof manager.address.sun_path)
		return false;
	manager.address.sun_family = AF_UNIX;
	memcpy(manager.address.sun_path, name, length);
	if (*name == '@')
		manager.address.sun_path[0] = '\0';
	/* The length leaves the final NUL out: it would be a part of an abstract name. */
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
			setsockopt(manager.fd, SOL_SOCKET, SO_SNDTIMEO, &SEND_TIMEOUT,
			    sizeof SEND_TIMEOUT);
		manager.interval_ms = watchdog_interval_ms();
		manager.due_ms = clock_ms() + manager.interval_ms;
	}
	unsetenv("NOTIFY_SOCKET");
	unsetenv("WATCHDOG_USEC");
	unsetenv("WATCHDOG_PID");
}

/* Sends a message; `flags` of send(2): MSG_DONTWAIT for a message that is repeated anyway. */
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
	/* A failure is ignored: the run does not depend on its manager. */
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
	if (!manager.stopping_sent)
		tell(0, "STOPPING=1");
	manager.stopping_sent = true;
}

void sd_notify_status(const char *text)
{
	tell(MSG_DONTWAIT, "STATUS=%s", text);
}

int64_t sd_notify_due(void)
{
	return manager.fd >= 0 && manager.interval_ms > 0 ? manager.due_ms : INT64_MAX;
}

int64_t sd_notify_keep_alive(int64_t now_ms)
{
	tell(MSG_DONTWAIT, "WATCHDOG=1");
	manager.due_ms = now_ms + manager.interval_ms;
	return sd_notify_due();
}
