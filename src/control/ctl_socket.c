#include "control/ctl_socket.h"

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <string.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "base/escape.h"

/* Clients that wait until they are let in. */
enum { BACKLOG = 128 };

/* Another pexec that opens the same socket is waited for as long as this, in ms. */
enum { OPEN_WAIT = 1000, OPEN_INTERVAL = 10 };
static const struct timespec OPEN_PAUSE = {.tv_nsec = OPEN_INTERVAL * 1000000L};

/* Whoever listens on a socket answers within that time, or is stopped. */
static const struct timeval ALIVE_WAIT = {.tv_sec = 1};

/* Makes the address of a socket. Returns false, with errno, when its name is too long. */
static bool make_address(struct sockaddr_un *address, const char *name)
{
	*address = (struct sockaddr_un){.sun_family = AF_UNIX};
	errno = ENAMETOOLONG;
	return strlcpy(address->sun_path, name, sizeof address->sun_path) <
	       sizeof address->sun_path;
}

/* Connects to a socket; each transfer takes `patience` at most. Returns as ctl_socket_call. */
static int reach(const struct sockaddr_un *address, const struct timeval *patience)
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

int ctl_socket_call(const char *name, const struct timeval *patience)
{
	struct sockaddr_un address;

	return make_address(&address, name) ? reach(&address, patience) : -1;
}

/* Asks for an answer. Returns 0, or the reason why there is none; ECONNRESET: it has hung up. */
static int ask(const struct sockaddr_un *address)
{
	int fd = reach(address, &ALIVE_WAIT), error = 0;
	char byte = '\n';

	if (fd < 0)
		return errno;
	errno = 0; /* an end of file leaves it as it is */
	if (send(fd, &byte, 1, MSG_NOSIGNAL) != 1 || recv(fd, &byte, 1, 0) <= 0)
		error = errno == EAGAIN ? EAGAIN : ECONNRESET;
	close(fd);
	return error;
}

/*
 * Does somebody listen there? When not, errno says how that is seen. Whoever hangs up is asked
 * again: of a pexec that was killed the guardian has had the socket for a moment longer, and then
 * nobody listens; one that lives may have too many clients. One that is stopped gives no answer.
 */
static bool is_alive(const struct sockaddr_un *address)
{
	int error = ask(address);

	for (int waited = 0; error == ECONNRESET && waited < OPEN_WAIT; waited += OPEN_INTERVAL) {
		nanosleep(&OPEN_PAUSE, NULL);
		error = ask(address);
	}
	errno = error;
	return error == 0 || error == EAGAIN || error == ECONNRESET;
}

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

bool ctl_socket_is_taken(const char *name, const char *path)
{
	struct sockaddr_un address;

	if (!make_address(&address, path))
		fail(name, NULL);
	return is_alive(&address);
}

/*
 * Two that find the same dead socket must not replace it both. The lock of its folder leaves
 * nothing behind; somebody else may have it for a reason of his own, and is not waited for in vain.
 */
static int lock_folder(const char *path)
{
	char copy[sizeof(struct sockaddr_un)];

	strlcpy(copy, path, sizeof copy);
	int fd = open(dirname(copy), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	for (int waited = 0; fd >= 0 && waited < OPEN_WAIT; waited += OPEN_INTERVAL) {
		if (flock(fd, LOCK_EX | LOCK_NB) == 0 || errno != EWOULDBLOCK)
			break;
		nanosleep(&OPEN_PAUSE, NULL);
	}
	return fd;
}

/* Gives the socket its name, which nobody but the owner may use from the beginning. */
static int bind_alone(int fd, const struct sockaddr_un *address)
{
	mode_t mask = umask(S_IRWXG | S_IRWXO | S_IXUSR);
	int result = bind(fd, (const struct sockaddr *)address, sizeof *address);
	int error = errno;

	umask(mask);
	errno = error;
	return result;
}

/* Removes what is left of a pexec that was killed. Exits when it is something else. */
static void replace_dead(const char *name, const char *path, const struct sockaddr_un *address)
{
	struct stat status;

	if (lstat(path, &status) == 0 && !S_ISSOCK(status.st_mode))
		fail(name, "there is a file of that name, and it is no socket");
	if (is_alive(address))
		fail(name, "another pexec listens there");
	if (errno != ECONNREFUSED && errno != ENOENT)
		fail(name, NULL);
	if (unlink(path) != 0 && errno != ENOENT)
		fail(name, NULL);
}

int ctl_socket_open(const char *name, const char *path, struct stat *status)
{
	struct sockaddr_un address;

	make_address(&address, path);
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		fail(name, NULL);
	int folder = lock_folder(path);
	if (bind_alone(fd, &address) != 0) {
		if (errno != EADDRINUSE)
			fail(name, NULL);
		replace_dead(name, path, &address);
		if (bind_alone(fd, &address) != 0)
			fail(name, NULL);
	}
	if (lstat(path, status) != 0 || listen(fd, BACKLOG) != 0)
		fail(name, NULL);
	if (folder >= 0)
		close(folder);
	return fd;
}

void ctl_socket_close(int fd, const char *path, const struct stat *opened)
{
	struct stat status;

	if (lstat(path, &status) == 0 && status.st_dev == opened->st_dev &&
	    status.st_ino == opened->st_ino)
		unlink(path);
	close(fd);
}
