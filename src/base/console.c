#include "base/console.h"

#include <assert.h>
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/io.h"
#include "base/lock.h"
#include "base/timers.h"

/* When messages have to be tried again, in ms: often enough for a reader, seldom for a processor.
 */
enum { RETRY_INTERVAL = 100 };

/*
 * A slot that has a message waits while more bytes than that are left for others to write; and so
 * many wait for the end of a line, but no more.
 */
enum { MOST_WAITING = 64 * 1024 };

/* A message that waits. */
STAILQ_HEAD(waiting_list, waiting);
struct waiting {
	STAILQ_ENTRY(waiting) next;
	size_t length;
	char line[]; /* with a newline before it, for a line that was left */
};

static struct {
	struct lock lock; /* guards what follows */
	pthread_cond_t changed;
	bool taken;
	pthread_t owner;            /* the thread that has it, where it is taken */
	enum console_line lines[2]; /* of stdout, of stderr */
	bool same_file;             /* both of them are: a line of either is one of the other */
	struct waiting_list messages;
	size_t waiting_bytes;
	struct timer *timer; /* NULL: there is none yet */
} console = {
    .lock = LOCK_INITIALIZER(LOCK_CONSOLE),
    .messages = STAILQ_HEAD_INITIALIZER(console.messages),
};

static _Thread_local bool never_waits;

void console_init(void)
{
	lock_init_condition(&console.changed);
	console_streams_changed();
	console_never_wait();
}

void console_set_timer(struct timer *timer)
{
	console.timer = timer;
}

void console_never_wait(void)
{
	never_waits = true;
}

void console_streams_changed(void)
{
	struct stat out, error;
	bool same = fstat(STDOUT_FILENO, &out) == 0 && fstat(STDERR_FILENO, &error) == 0 &&
		    out.st_dev == error.st_dev && out.st_ino == error.st_ino;

	lock_take(&console.lock);
	console.same_file = same;
	lock_release(&console.lock);
}

static bool is_owner(void)
{
	return console.taken && pthread_equal(console.owner, pthread_self());
}

static void become_owner(void)
{
	console.taken = true;
	console.owner = pthread_self();
}

bool console_take_until(int64_t until_ms)
{
	assert(lock_none_held());
	lock_take(&console.lock);
	assert(!is_owner());
	while (console.taken && (until_ms == INT64_MAX || clock_ms() < until_ms))
		lock_wait(&console.lock, &console.changed, until_ms);
	bool free = !console.taken;
	if (free)
		become_owner();
	lock_release(&console.lock);
	return free;
}

void console_take(void)
{
	console_take_until(INT64_MAX);
}

bool console_is_taken(void)
{
	lock_take(&console.lock);
	bool taken = console.taken;
	lock_release(&console.lock);
	return taken;
}

void console_set_line(int fd, enum console_line line)
{
	lock_take(&console.lock);
	/* In one file what was written last is what counts, whatever it was written to. */
	if (console.same_file)
		console.lines[0] = console.lines[1] = line;
	console.lines[fd - STDOUT_FILENO] = line;
	lock_release(&console.lock);
}

/* Does what stands before a message end like this? With the lock held. */
static bool is_behind(enum console_line line)
{
	return console.lines[1] == line || (console.same_file && console.lines[0] == line);
}

bool console_waits_for_line(int fd)
{
	lock_take(&console.lock);
	bool waits = !STAILQ_EMPTY(&console.messages) &&
		     console.lines[fd - STDOUT_FILENO] == LINE_UNFINISHED &&
		     (fd == STDERR_FILENO || console.same_file);
	lock_release(&console.lock);
	return waits;
}

/* Does stderr take a message without waiting? A pipe that can be written to takes PIPE_BUF. */
static bool can_write_now(void)
{
	struct pollfd out = {.fd = STDERR_FILENO, .events = POLLOUT};

	return poll(&out, 1, 0) == 1 && (out.revents & (POLLOUT | POLLERR));
}

/* Takes the first message off those that wait; NULL: there is none. With the lock held. */
static struct waiting *take_first(void)
{
	struct waiting *message = STAILQ_FIRST(&console.messages);

	if (message) {
		STAILQ_REMOVE_HEAD(&console.messages, next);
		console.waiting_bytes -= message->length;
	}
	return message;
}

/*
 * The next message that can be written now; NULL: none can. Those that are left are tried again by
 * the timer where the thread could not wait for the reader; behind a line, when that is over. With
 * the lock held.
 */
static struct waiting *next_message(void)
{
	/* A line that never ends must not keep messages for ever. */
	if (STAILQ_EMPTY(&console.messages) ||
	    (is_behind(LINE_UNFINISHED) && console.waiting_bytes <= MOST_WAITING))
		return NULL;
	if (never_waits && !can_write_now()) {
		if (console.timer)
			timer_set_by(console.timer, clock_ms() + RETRY_INTERVAL);
		return NULL;
	}
	return take_first();
}

/* Writes a message, behind a line that is not whole on a new one. By the owner. */
static void write_message(const struct waiting *message)
{
	lock_take(&console.lock);
	bool begins_line = is_behind(LINE_LEFT) || is_behind(LINE_UNFINISHED);
	console.lines[1] = LINE_OVER;
	if (console.same_file)
		console.lines[0] = LINE_OVER;
	lock_release(&console.lock);
	io_write(STDERR_FILENO, begins_line ? message->line : message->line + 1,
	    message->length + begins_line);
}

/* Writes what can be written now, by the owner. Returns with the lock held. */
static void write_messages(void)
{
	struct waiting *message;

	lock_take(&console.lock);
	while ((message = next_message())) {
		lock_release(&console.lock);
		write_message(message);
		free(message);
		lock_take(&console.lock);
		pthread_cond_broadcast(&console.changed);
	}
}

void console_yield(void)
{
	write_messages();
	lock_release(&console.lock);
}

void console_release(void)
{
	write_messages();
	console.taken = false;
	pthread_cond_broadcast(&console.changed);
	lock_release(&console.lock);
}

/* Leaves a message to be written. With the lock held. */
static void leave(struct waiting *message)
{
	STAILQ_INSERT_TAIL(&console.messages, message, next);
	console.waiting_bytes += message->length;
}

void console_say(const char *line, size_t length)
{
	struct waiting *message = malloc(sizeof *message + 1 + length);

	assert(lock_none_held());
	if (!message) {
		/* Better within a line than lost. */
		io_write(STDERR_FILENO, line, length);
		return;
	}
	message->length = length;
	message->line[0] = '\n';
	memcpy(message->line + 1, line, length);
	lock_take(&console.lock);
	leave(message);
	while (!never_waits && console.taken && !is_owner() && console.waiting_bytes > MOST_WAITING)
		lock_wait(&console.lock, &console.changed, INT64_MAX);
	bool mine = !console.taken;
	if (mine)
		become_owner();
	lock_release(&console.lock);
	if (mine)
		console_release();
}

void console_retry(void)
{
	if (console_take_until(0))
		console_release();
}

void console_finish(int64_t patience_ms)
{
	int64_t until_ms = patience_ms == INT64_MAX ? INT64_MAX : clock_ms() + patience_ms;
	struct pollfd out = {.fd = STDERR_FILENO, .events = POLLOUT};
	struct waiting *message;

	do {
		lock_take(&console.lock);
		message = take_first();
		lock_release(&console.lock);
		if (message && poll(&out, 1, clock_poll_timeout(until_ms)) == 1)
			write_message(message);
		free(message);
	} while (message);
}
