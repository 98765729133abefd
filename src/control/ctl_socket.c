#include "control/ctl_socket.h"

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "base/escape.h"
#include "base/message.h"
#include "base/path.h"

/* The clients that the kernel keeps waiting for accept(2). */
enum { BACKLOG = 128 };

/* How long to wait for another pexec that makes the same socket or has just died, and how often to
 * look. */
enum { OPEN_WAIT_MS = 1000, OPEN_INTERVAL_MS = 10 };
static const struct timespec OPEN_INTERVAL = {.tv_nsec = OPEN_INTERVAL_MS * 1000000L};

/* A run answers within this time, unless it is stopped. */
static const struct timeval ANSWER_WAIT = {.tv_sec = 1};

/* The socket that was made, the file that it is, and the process that made it; 0: there is none. */
static struct sockaddr_un made;
static struct stat made_status;
static pid_t maker;

/* Makes the address of a socket. Returns false with errno when `path` is too long. */
static bool make_address(struct sockaddr_un *address, const char *path)
{
	*address = (struct sockaddr_un){.sun_family = AF_UNIX};
	errno = ENAMETOOLONG;
	return strlcpy(address->sun_path, path, sizeof address->sun_path) <
	       sizeof address->sun_path;
}

/* Connects to a socket whose sends and receives end after `patience`. Returns -1 with errno. */
static int open_connection(const struct sockaddr_un *address, const struct timeval *patience)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return -1;
	setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, patience, sizeof *patience);
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, patience, sizeof *patience);
	if (connect(fd, (const struct sockaddr *)address, sizeof *address) == 0)
		return fd;
	int error = errno;
	close(fd);
	errno = error;
	return -1;
}

/*
 * Locks the socket's folder, so that of two runs which find the same dead socket only one replaces
 * it. Such a lock leaves no file behind. Another program may hold it: after OPEN_WAIT_MS goes on
 * without it. Returns the descriptor to close, or -1.
 */
static int lock_folder(const char *path)
{
	char copy[sizeof(struct sockaddr_un)];

	strlcpy(copy, path, sizeof copy);
	int fd = open(dirname(copy), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	for (int waited_ms = 0; fd >= 0 && waited_ms < OPEN_WAIT_MS;
	     waited_ms += OPEN_INTERVAL_MS) {
		if (flock(fd, LOCK_EX | LOCK_NB) == 0 || errno != EWOULDBLOCK)
			break;
		nanosleep(&OPEN_INTERVAL, NULL);
	}
	return fd;
}

int ctl_socket_call(const char *path, const struct timeval *patience)
{
	struct sockaddr_un address;

	if (!make_address(&address, path))
		return -1;
	int fd = open_connection(&address, patience);
	if (fd >= 0 || errno != ECONNREFUSED)
		return fd;
	/* A run may have made the socket, and not listen yet: it has the lock until it does. */
	int folder = lock_folder(path);
	if (folder >= 0)
		close(folder);
	return open_connection(&address, patience);
}

bool ctl_socket_is_believed(int fd, const char *path)
{
	uid_t user;
	gid_t group;
	struct stat folder;

	if (getpeereid(fd, &user, &group) != 0)
		return false;
	return user == 0 || user == geteuid() ||
	       (path_stat_folder(path, &folder) == 0 && folder.st_uid == user);
}

/*
 * Sends an empty request and waits for an answer. Returns 0 when one comes; otherwise the errno:
 * EAGAIN when none comes in time, ECONNRESET when the other end hangs up, EPERM when it is not
 * believed.
 */
static int probe(const struct sockaddr_un *address)
{
	int fd = open_connection(address, &ANSWER_WAIT), error = 0;
	char byte = '\n';

	if (fd < 0)
		return errno;
	errno = 0; /* recv(2) does not set it at EOF */
	if (!ctl_socket_is_believed(fd, address->sun_path))
		error = EPERM;
	else if (send(fd, &byte, 1, MSG_NOSIGNAL) != 1 || recv(fd, &byte, 1, 0) <= 0)
		error = errno == EAGAIN ? EAGAIN : ECONNRESET;
	close(fd);
	return error;
}

/*
 * Does a run listen on the socket? When not, errno says why. A connection that is closed proves
 * nothing, and is tried again: of a killed pexec the guardian has the socket open for a moment
 * longer, and a living pexec with too many clients hangs up. A run that does not answer in time is
 * stopped, and listens.
 */
static bool is_alive(const struct sockaddr_un *address)
{
	int error = probe(address);

	for (int waited_ms = 0; error == ECONNRESET && waited_ms < OPEN_WAIT_MS;
	     waited_ms += OPEN_INTERVAL_MS) {
		nanosleep(&OPEN_INTERVAL, NULL);
		error = probe(address);
	}
	errno = error;
	return error == 0 || error == EAGAIN || error == ECONNRESET;
}

/* Exits with the reason `what`; NULL: with that of errno. */
static _Noreturn void fail(const char *name, const char *what)
{
	char shown[ESCAPED_NAME];
	int error = errno;

	escape_name(shown, name);
	errno = error;
	if (what)
		errx(1, "--ctl %s: %s", shown, what);
	err(1, "--ctl %s", shown);
}

/* As is_alive. Exits when another user listens there: what he answers tells nothing. */
static bool is_run(const char *name, const struct sockaddr_un *address)
{
	bool alive = is_alive(address);

	if (!alive && errno == EPERM)
		fail(name, "another user listens there");
	return alive;
}

bool ctl_socket_is_taken(const char *name, const char *path)
{
	struct sockaddr_un address;

	if (!make_address(&address, path))
		fail(name, NULL);
	return is_run(name, &address);
}

/* Binds the socket with a mode that lets only its owner connect, from the beginning. */
static int bind_private(int fd, const struct sockaddr_un *address)
{
	mode_t mask = umask(S_IRWXG | S_IRWXO | S_IXUSR);
	int result = bind(fd, (const struct sockaddr *)address, sizeof *address);
	int error = errno;

	umask(mask);
	errno = error;
	return result;
}

/* Removes the socket of a pexec that was killed. Exits when it is another file, or in use. */
static void replace_dead(const char *name, const char *path, const struct sockaddr_un *address)
{
	struct stat status;

	if (lstat(path, &status) == 0 && !S_ISSOCK(status.st_mode))
		fail(name, "there is a file of that name, and it is no socket");
	if (is_run(name, address))
		fail(name, "another pexec listens there");
	if (errno != ECONNREFUSED && errno != ENOENT)
		fail(name, NULL);
	if (unlink(path) != 0 && errno != ENOENT)
		fail(name, NULL);
}

/* Removes the socket, if it is still the one that was made here. Returns 0, or -1 with errno. */
static int remove_own(void)
{
	struct stat status;

	if (maker != getpid())
		return 0;
	maker = 0;
	if (lstat(made.sun_path, &status) != 0)
		return errno == ENOENT ? 0 : -1;
	if (status.st_dev != made_status.st_dev || status.st_ino != made_status.st_ino)
		return 0;
	return unlink(made.sun_path);
}

/* exit(3), wherever it comes from, leaves no socket behind. */
static void remove_at_exit(void)
{
	remove_own();
}

int ctl_socket_open(const char *name, const char *path)
{
	struct sockaddr_un address;

	make_address(&address, path);
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		fail(name, NULL);
	int folder = lock_folder(path);
	if (bind_private(fd, &address) != 0) {
		if (errno != EADDRINUSE)
			fail(name, NULL);
		replace_dead(name, path, &address);
		if (bind_private(fd, &address) != 0)
			fail(name, NULL);
	}
	if (lstat(path, &made_status) != 0) {
		int error = errno;
		unlink(path);
		errno = error;
		fail(name, NULL);
	}
	made = address;
	maker = getpid();
	atexit(remove_at_exit);
	if (listen(fd, BACKLOG) != 0)
		fail(name, NULL);
	if (folder >= 0)
		close(folder);
	return fd;
}

void ctl_socket_close(int fd)
{
	char shown[ESCAPED_NAME];

	if (remove_own() != 0)
		message_errno("--ctl %s: removing it", escape_name(shown, made.sun_path));
	close(fd);
}
