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
#include "base/path.h"
#include "service/syslog_relay.h"

/* How long log_reopen waits for a slot that writes a job's output, so that it stays in one file. */
enum { REOPEN_WAIT_MS = 1000 };

static const char *path; /* of the log file; NULL: there is none */
static int target = -1;  /* the file or /dev/null, open until log_begin has put it in place */
static enum { RELAY_OFF, RELAY_OPEN, RELAY_RUNNING } relay;

/*
 * Opens the log file. With O_NONBLOCK, so that a FIFO without a reader is an error instead of a
 * wait without an end; then without it, as jobs share the descriptor (-u) and expect that a write
 * waits.
 */
static int open_file(void)
{
	int guard = path_guard(path);
	int how = O_WRONLY | O_CREAT | O_APPEND | O_NOCTTY | O_NONBLOCK | O_CLOEXEC;
	int fd = guard < 0 ? -1 : open(path, how | guard, 0666);

	if (fd >= 0)
		fcntl(fd, F_SETFL, O_APPEND);
	return fd;
}

/* Puts `fd` in the place of both standard outputs, and closes it. Returns 0, or -1 with errno. */
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

	path = options->path;
	if (options->syslog) {
		syslog_relay_open();
		relay = RELAY_OPEN;
		return;
	}
	if (!path && !options->discards)
		return;
	target = path ? open_file() : open("/dev/null", O_WRONLY | O_CLOEXEC);
	if (target < 0)
		err(1, "--log %s", path ? escape_name(shown, path) : "/dev/null");
}

void log_begin(void)
{
	if (target >= 0 && replace(target) != 0)
		err(1, "--log");
	target = -1;
	console_streams_changed();
	if (relay == RELAY_OPEN) {
		syslog_relay_start();
		relay = RELAY_RUNNING;
		console_streams_changed();
		atexit(log_end);
	}
}

void log_reopen(void)
{
	char shown[ESCAPED_NAME];

	if (!path)
		return; /* syslog_relay connects to syslogd again by itself */
	bool has_console = console_take_until(clock_ms() + REOPEN_WAIT_MS);
	int fd = open_file();
	if (fd < 0 || replace(fd) != 0)
		message_errno("--log %s: it cannot be opened anew, the old one is kept",
		    escape_name(shown, path));
	console_streams_changed();
	if (has_console)
		console_release();
}

void log_end(void)
{
	if (relay != RELAY_RUNNING)
		return;
	relay = RELAY_OFF;
	int null = open("/dev/null", O_WRONLY | O_CLOEXEC);
	if (null < 0 || replace(null) != 0)
		return;
	syslog_relay_end();
}
