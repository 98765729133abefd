/*
 * ctl_socket: the socket of --ctl: how a run makes it, and how a client connects to it.
 *
 * A socket's name in the file system outlives the process that made it. So a run may find the
 * socket of another run, which it leaves alone, or that of a pexec that was killed, which it
 * replaces. Two runs that start at the same moment never both replace it.
 */
#ifndef PEXEC_CONTROL_CTL_SOCKET_H
#define PEXEC_CONTROL_CTL_SOCKET_H

#include <stdbool.h>

struct timeval;

/*
 * Connects to the run that listens on the socket `path`, or is about to. Each send and each receive
 * on it fails with EAGAIN after `patience`. Returns a descriptor, or -1 with errno (ENAMETOOLONG:
 * `path` is too long for a socket).
 */
int ctl_socket_call(const char *path, const struct timeval *patience);

/*
 * Is what listens at the other end of `fd`, a connection to the socket `path`, believed? Any user
 * who may make a file there can listen in the place of a run. Believed are our own user, root, and
 * the owner of the folder, who decides what stands in it: root may call any run.
 */
bool ctl_socket_is_believed(int fd, const char *path);

/*
 * Does another run listen on the socket `path`? `name` is the name that the user typed, for
 * messages. Exits with status 1 and a message when `path` is too long for a socket, and when
 * another user listens there.
 */
bool ctl_socket_is_taken(const char *name, const char *path);

/*
 * Makes the socket `path`, which only its owner may use, and listens on it. Replaces a socket on
 * which no process listens. Returns a non-blocking descriptor; exits with status 1 and a message on
 * failure. `name` is the name that the user typed. The process that has made it removes it when it
 * ends by exit(3), whatever made it end.
 */
int ctl_socket_open(const char *name, const char *path);

/* Closes the socket, and removes its file if that is still the one that ctl_socket_open made. */
void ctl_socket_close(int fd);

#endif
