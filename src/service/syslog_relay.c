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
#include "base/io.h"

/* The most bytes of text in a message: a longer line becomes several messages. */
enum { TEXT_BYTES = 4096 };

/* How long the thread waits before it tries syslogd again, and at most at the end of the run. */
enum { RETRY_MS = 100, END_WAIT_MS = 2000 };

/* One of our outputs: stdout, stderr. */
struct stream {
	int pipe;    /* the read end */
	int level;   /* of syslog(3) */
	size_t used; /* bytes of an incomplete line that were read */
	bool cut;    /* the last message did not end its line */
	char bytes[TEXT_BYTES];
};

static struct stream streams[2] = {{.level = LOG_INFO}, {.level = LOG_WARNING}};
static int syslogd = -1;            /* a socket that is connected to syslogd; -1: none is */
static int stop[2];                 /* a pipe: readable when the thread has to end */
static _Atomic int64_t deadline_ms; /* when the thread gives up, in ms of clock_ms(); 0: never */
static pthread_t thread;

/* Returns a socket that is connected to syslogd and sends for RETRY_MS at most; -1 with errno. */
static int connect_to_log(void)
{
	const struct sockaddr_un address = {.sun_family = AF_UNIX, .sun_path = _PATH_LOG};
	const struct timeval timeout = {.tv_usec = RETRY_MS * 1000L};
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
	int64_t until_ms = atomic_load(&deadline_ms);

	return until_ms == 0 || clock_ms() < until_ms;
}

/* Sends a message; tries again, until the deadline, while syslogd is away or busy. */
static void send_text(int level, const char *text, size_t length)
{
	static const struct timespec interval = {.tv_nsec = RETRY_MS * 1000000L};
	char stamp[32], header[128];
	time_t seconds = time(NULL);
	struct tm local;

	strftime(stamp, sizeof stamp, "%b %e %T", localtime_r(&seconds, &local));
	int header_length = snprintf(header, sizeof header, "<%d>%s %s[%d]: ", LOG_DAEMON | level,
	    stamp, getprogname(), (int)getpid());
	struct iovec parts[] = {{header, (size_t)header_length}, {(char *)text, length}};
	const struct msghdr message = {.msg_iov = parts, .msg_iovlen = 2};
	/* After the deadline each line still gets one attempt, which does not wait. */
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

/* Sends the complete lines that were read, and an incomplete one that fills the buffer. */
static void send_lines(struct stream *stream)
{
	char *at = stream->bytes, *end = at + stream->used, *newline;

	while ((newline = memchr(at, '\n', (size_t)(end - at)))) {
		/* Only the newline is left of a line that was sent when the buffer was full. */
		if (newline > at || !stream->cut)
			send_text(stream->level, at, (size_t)(newline - at));
		stream->cut = false;
		at = newline + 1;
	}
	if (end - at == TEXT_BYTES) {
		send_text(stream->level, at, TEXT_BYTES);
		stream->cut = true;
		at = end;
	}
	stream->used = (size_t)(end - at);
	memmove(stream->bytes, at, stream->used);
}

/* Reads from the pipe once and sends the lines. Returns false when the pipe was empty or at EOF. */
static bool pass_on(struct stream *stream)
{
	ssize_t got = read(stream->pipe, stream->bytes + stream->used, TEXT_BYTES - stream->used);

	if (got <= 0)
		return false;
	stream->used += (size_t)got;
	send_lines(stream);
	return true;
}

/* Empties the pipe at the end of the run. Processes that jobs left behind may still write to it:
 * the deadline ends that. */
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
		io_await(fds, 3, -1);
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

/* Puts a pipe in the place of our output `output`. */
static void replace_by_pipe(struct stream *stream, int output)
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
	replace_by_pipe(&streams[0], STDOUT_FILENO);
	replace_by_pipe(&streams[1], STDERR_FILENO);
	int error = pthread_create(&thread, NULL, relay, NULL);
	if (error)
		errc(1, error, "--log syslog");
}

void syslog_relay_end(void)
{
	atomic_store(&deadline_ms, clock_ms() + END_WAIT_MS);
	/* EOF makes a pipe readable, too. */
	close(stop[1]);
	pthread_join(thread, NULL);
	close(stop[0]);
	close(streams[0].pipe);
	close(streams[1].pipe);
	close(syslogd);
}
