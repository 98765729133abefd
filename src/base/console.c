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
#include "base/terminal.h"
#include "base/timers.h"

/* When messages have to be tried again, in ms: often enough for a reader, seldom for a processor.
 */
enum { RETRY_INTERVAL = 100 };

/*
 * A slot that has a message waits while more bytes than that are left for others to write; and so
 * many wait for the end of a line, but no more.
 */
enum { MOST_WAITING = 64 * 1024 };

/* So many bytes of output are written at a time where there is a foot: what a terminal takes. */
enum { WRITTEN_AT_A_TIME = 4096 };

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
	struct foot foot;
	bool
	    foot_has_stdout; /* stdout goes to its terminal as well; set before there are threads */
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

bool console_is_in_line(int fd)
{
	lock_take(&console.lock);
	bool in_line = console.lines[fd - STDOUT_FILENO] != LINE_OVER;
	lock_release(&console.lock);
	return in_line;
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

/* --- writing where there is a foot --- */

bool console_has_foot(int fd)
{
	return console.foot.place == FOOT_BEHIND &&
	       (fd == STDERR_FILENO || console.foot_has_stdout);
}

/* What stands before bytes of output, the first of them. Returns how many bytes that is. */
static size_t begin_output(char *bytes)
{
	lock_take(&console.lock);
	size_t length = foot_make_way(&console.foot, bytes);
	lock_release(&console.lock);
	return length;
}

/* What stands behind bytes of output, the last of them. Returns how many bytes that is. */
static size_t end_output(char *bytes, bool is_part)
{
	lock_take(&console.lock);
	console.foot.behind_part = is_part;
	size_t length = foot_is_due(&console.foot) ? foot_draw(&console.foot, bytes) : 0;
	lock_release(&console.lock);
	return length;
}

/* As console_write. The foot goes with the bytes beside it, so that nothing comes in between. */
static int write_around_foot(int fd, const char *bytes, size_t length)
{
	char block[FOOT_BYTES + WRITTEN_AT_A_TIME + FOOT_BYTES];
	size_t used = begin_output(block);

	while (length > 0) {
		size_t part = length < WRITTEN_AT_A_TIME ? length : WRITTEN_AT_A_TIME;
		memcpy(block + used, bytes, part);
		used += part;
		bytes += part;
		length -= part;
		if (length == 0)
			used += end_output(block + used, bytes[-1] != '\n');
		if (io_write(fd, block, used) != 0)
			return -1;
		used = 0;
	}
	return 0;
}

int console_write(int fd, const char *bytes, size_t length)
{
	if (length > 0 && console_has_foot(fd))
		return write_around_foot(fd, bytes, length);
	return io_write(fd, bytes, length);
}

void console_make_way(int fd)
{
	char bytes[FOOT_BYTES];
	size_t length = console_has_foot(fd) ? begin_output(bytes) : 0;

	if (length > 0)
		io_write(STDERR_FILENO, bytes, length);
}

/*
 * Draws the foot anew or takes it away, by the owner, with the lock, which is given back meanwhile.
 * False: that is not due, or cannot be done now without waiting for the reader.
 */
static bool write_foot(void)
{
	char bytes[FOOT_BYTES];

	if (!foot_is_due(&console.foot) || (never_waits && !can_write_now()))
		return false;
	size_t length = foot_draw(&console.foot, bytes);
	if (length == 0)
		return false;
	lock_release(&console.lock);
	io_write(STDERR_FILENO, bytes, length);
	lock_take(&console.lock);
	return true;
}

/* --- messages --- */

/* Writes a message, behind a line that is not whole on a new one. By the owner. */
static void write_message(const struct waiting *message)
{
	lock_take(&console.lock);
	bool begins_line = is_behind(LINE_LEFT) || is_behind(LINE_UNFINISHED);
	console.lines[1] = LINE_OVER;
	if (console.same_file)
		console.lines[0] = LINE_OVER;
	lock_release(&console.lock);
	console_write(STDERR_FILENO, begins_line ? message->line : message->line + 1,
	    message->length + begins_line);
}

/* Writes a message that waits, if one can be written now, as write_foot. */
static bool write_next_message(void)
{
	struct waiting *message = next_message();

	if (!message)
		return false;
	lock_release(&console.lock);
	write_message(message);
	free(message);
	lock_take(&console.lock);
	pthread_cond_broadcast(&console.changed);
	return true;
}

/* Writes what can be written now, by the owner. Returns with the lock held. */
static void write_what_waits(void)
{
	lock_take(&console.lock);
	while (write_next_message() || write_foot())
		;
}

void console_yield(void)
{
	write_what_waits();
	lock_release(&console.lock);
}

void console_release(void)
{
	write_what_waits();
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

/* Gives the lock back, under which something was left. Whoever has the console writes it; where
 * nobody has, we do. */
static void unlock_and_write(void)
{
	bool mine = !console.taken;

	if (mine)
		become_owner();
	lock_release(&console.lock);
	if (mine)
		console_release();
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
	unlock_and_write();
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

/* --- the foot --- */

/* Whatever ends pexec by exit(3). */
static void drop_foot_at_exit(void)
{
	console_bury_foot();
}

void console_begin_foot(enum foot_place place)
{
	foot_init(&console.foot, place);
	console.foot_has_stdout = terminal_is_same(STDOUT_FILENO, STDERR_FILENO);
	atexit(drop_foot_at_exit);
}

void console_set_foot(const char *text, size_t length)
{
	lock_take(&console.lock);
	foot_set_text(&console.foot, text, length);
	unlock_and_write();
}

void console_drop_foot(int64_t patience_ms)
{
	int64_t until_ms = clock_ms() + patience_ms;

	lock_take(&console.lock);
	foot_set_text(&console.foot, "", 0);
	lock_release(&console.lock);
	if (console_take_until(until_ms))
		console_release();
}

void console_bury_foot(void)
{
	foot_take_away_by_mark(&console.foot);
}
