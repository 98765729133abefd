#include "service/syslog_relay.h"

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <syslog.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"

/* The bytes of a message's text: a longer line becomes several. */
enum { MOST_BYTES = 4096 };

/* How long to wait, in ms, until syslogd is tried again, and at the end, for all of it. */
enum { RETRY = 100, PATIENCE = 2000 };

/* An output of ours. */
struct stream {
	int pipe; /* the read end */
	int level;
	size_t used;
	bool cut; /* what was sent last did not end a line */
	char bytes[MOST_BYTES];
};

static struct stream streams[2] = {{.level = LOG_INFO}, {.level = LOG_WARNING}};
static int syslogd = -1;         /* connected to it */
static int stop[2];              /* a pipe: readable when the thread is to end */
static _Atomic int64_t deadline; /* when it gives up, in ms of clock_ms(); 0: never */
static pthread_t thread;

/* Returns a socket, or -1 with errno. Sending to it takes RETRY ms at most. */
static int connect_to_log(void)
{
	const struct sockaddr_un address = {.sun_family = AF_UNIX, .sun_path = _PATH_LOG};
	const struct timeval timeout = {.tv_usec = RETRY * 1000L};
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return -1;
	if (connect(fd, (const struct sockaddr *)&address, sizeof address) == 0 &&
	    setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &timeout, sizeof timeout) == 0)
		return fd;
	int error = errno;
	close(fd);
	errno = error;
	return -1;
}

static bool may_wait(void)
{
	int64_t end = atomic_load(&deadline);

	return end == 0 || clock_ms() < end;
}

/* Sends a message. As long as syslogd is away or busy it is tried again. */
static void send_text(int level, const char *text, size_t length)
{
	static const struct timespec interval = {.tv_nsec = RETRY * 1000000L};
	char stamp[32], header[128];
	time_t seconds = time(NULL);
	struct tm local;

	strftime(stamp, sizeof stamp, "%b %e %T", localtime_r(&seconds, &local));
	int header_length = snprintf(header, sizeof header, "<%d>%s %s[%d]: ", LOG_DAEMON | level,
	    stamp, getprogname(), (int)getpid());
	struct iovec parts[] = {{header, (size_t)header_length}, {(char *)text, length}};
	const struct msghdr message = {.msg_iov = parts, .msg_iovlen = 2};
	/* When the time is over there is one attempt for each line, which does not wait. */
	while (sendmsg(syslogd, &message, MSG_NOSIGNAL | (may_wait() ? 0 : MSG_DONTWAIT)) < 0 &&
	       may_wait()) {
		if (errno == EAGAIN)
			continue;
		nanosleep(&interval, NULL);
		if (syslogd >= 0)
			close(syslogd);
		syslogd = connect_to_log();
	}
}

/* Sends the complete lines of what was read; and what has no room for more. */
static void send_lines(struct stream *stream)
{
	char *at = stream->bytes, *end = at + stream->used, *newline;

	while ((newline = memchr(at, '\n', (size_t)(end - at)))) {
		/* The end of a line that has been sent already is not another one. */
		if (newline > at || !stream->cut)
			send_text(stream->level, at, (size_t)(newline - at));
		stream->cut = false;
		at = newline + 1;
	}
	if (end - at == MOST_BYTES) {
		send_text(stream->level, at, MOST_BYTES);
		stream->cut = true;
		at = end;
	}
	stream->used = (size_t)(end - at);
	memmove(stream->bytes, at, stream->used);
}

/* Reads what there is, and sends it. Returns whether there was anything. */
static bool pass_on(struct stream *stream)
{
	ssize_t got = read(stream->pipe, stream->bytes + stream->used, MOST_BYTES - stream->used);

	if (got <= 0)
		return false;
	stream->used += (size_t)got;
	send_lines(stream);
	return true;
}

/* Nothing more is written by us, but maybe by somebody who was left behind. */
static void pass_on_rest(struct stream *stream)
{
	while (pass_on(stream) && may_wait())
		;
	if (stream->used > 0)
		send_text(stream->level, stream->bytes, stream->used);
}

static void *relay(void *context)
{
	struct pollfd fds[] = {{.fd = streams[0].pipe, .events = POLLIN},
	    {.fd = streams[1].pipe, .events = POLLIN}, {.fd = stop[0], .events = POLLIN}};

	(void)context;
	do {
		poll(fds, 3, -1);
		for (int i = 0; i < 2; i++)
			if (fds[i].revents)
				pass_on(&streams[i]);
	} while (!fds[2].revents);
	for (int i = 0; i < 2; i++)
		pass_on_rest(&streams[i]);
	return NULL;
}

void syslog_relay_open(void)
{
	syslogd = connect_to_log();
	if (syslogd < 0)
		err(1, "--log syslog: %s", _PATH_LOG);
}

/* Puts a pipe in the place of an output. */
static void tap(struct stream *stream, int output)
{
	int ends[2];

	if (pipe2(ends, O_CLOEXEC) != 0 || fcntl(ends[0], F_SETFL, O_NONBLOCK) != 0 ||
	    dup2(ends[1], output) < 0)
		err(1, "--log syslog");
	close(ends[1]);
	stream->pipe = ends[0];
}

void syslog_relay_start(void)
{
	if (pipe2(stop, O_CLOEXEC) != 0)
		err(1, "--log syslog");
	tap(&streams[0], STDOUT_FILENO);
	tap(&streams[1], STDERR_FILENO);
	int error = pthread_create(&thread, NULL, relay, NULL);
	if (error)
		errc(1, error, "--log syslog");
}

void syslog_relay_end(void)
{
	atomic_store(&deadline, clock_ms() + PATIENCE);
	/* Its end, too, makes the pipe readable. */
	close(stop[1]);
	pthread_join(thread, NULL);
	close(stop[0]);
	close(streams[0].pipe);
	close(streams[1].pipe);
	close(syslogd);
}
