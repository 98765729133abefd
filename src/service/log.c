#include "service/log.h"

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/console.h"
#include "base/escape.h"
#include "base/message.h"
#include "service/syslog_relay.h"

/* How long, in ms, a slot that writes is waited for when the file is opened anew. */
enum { REOPEN_PATIENCE = 1000 };

static const char *name; /* of the file; NULL: there is none */
static int target = -1;  /* what is open for log_begin */

/* --log syslog */
static enum { OFF, OPEN, RUNNING } relaying;

/*
 * O_NONBLOCK: a fifo that nobody reads shall be an error, not a wait without an end. What has been
 * opened is shared with jobs (-u), and they expect it to wait.
 */
static int open_file(void)
{
	int fd =
	    open(name, O_WRONLY | O_CREAT | O_APPEND | O_NOCTTY | O_NONBLOCK | O_CLOEXEC, 0666);

	if (fd >= 0)
		fcntl(fd, F_SETFL, O_APPEND);
	return fd;
}

/* Puts `fd`, which is closed, in the place of both standard outputs. Returns 0, or -1 with errno.
 */
static int replace(int fd)
{
	bool failed = dup2(fd, STDOUT_FILENO) < 0 || dup2(fd, STDERR_FILENO) < 0;
	int error = errno;

	close(fd);
	errno = error;
	return failed ? -1 : 0;
}

void log_open(const struct log_options *options)
{
	char shown[ESCAPED_NAME];

	name = options->path;
	if (options->syslog) {
		syslog_relay_open();
		relaying = OPEN;
		return;
	}
	if (!name && !options->discards)
		return;
	target = name ? open_file() : open("/dev/null", O_WRONLY | O_CLOEXEC);
	if (target < 0)
		err(1, "--log %s", name ? escape_name(shown, name) : "/dev/null");
}

void log_begin(void)
{
	if (target >= 0 && replace(target) != 0)
		err(1, "--log");
	target = -1;
	console_streams_changed();
	if (relaying == OPEN) {
		syslog_relay_start();
		relaying = RUNNING;
		console_streams_changed();
		atexit(log_end);
	}
}

void log_reopen(void)
{
	char shown[ESCAPED_NAME];

	if (!name)
		return; /* the way to syslogd finds it again by itself */
	/* What a job has printed stays in one file, if that does not take too long. */
	bool taken = console_take_until(clock_ms() + REOPEN_PATIENCE);
	int fd = open_file();
	if (fd < 0 || replace(fd) != 0)
		message_errno("--log %s: it cannot be opened anew, the old one is kept",
		    escape_name(shown, name));
	console_streams_changed();
	if (taken)
		console_release();
}

void log_end(void)
{
	if (relaying != RUNNING)
		return;
	relaying = OFF;
	int null = open("/dev/null", O_WRONLY | O_CLOEXEC);
	if (null < 0 || replace(null) != 0)
		return;
	syslog_relay_end();
}
