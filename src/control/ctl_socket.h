/*
 * listener: the socket of --ctl, and how a run comes by it.
 *
 * A name in the file system outlives the process that made it. So what is there already may belong
 * to another run, which is left alone, or to one that was killed, whose socket is replaced. Two
 * that start at the same moment never replace it both.
 */
#ifndef PEXEC_CONTROL_CTL_SOCKET_H
#define PEXEC_CONTROL_CTL_SOCKET_H

#include <stdbool.h>
#include <sys/stat.h>

struct timeval;

/*
 * Connects to the run that listens there. What is sent and what is received may take `patience`
 * each, at most. Returns a descriptor, or -1 with errno (ENAMETOOLONG: no name for a socket).
 */
int ctl_socket_call(const char *name, const struct timeval *patience);

/*
 * Does another run listen there? `name` is what was typed for `path`, as in what follows. Exits
 * with status 1 and a message when that is no name for a socket.
 */
bool ctl_socket_is_taken(const char *name, const char *path);

/*
 * Opens the socket, which nobody but the owner may use, and replaces one that nobody listens on.
 * Returns its descriptor, and sets `status` to what was made; exits with status 1 and a message
 * when it cannot be had.
 */
int ctl_socket_open(const char *name, const char *path, struct stat *status);

/* Closes the socket and removes it, if it is still the one that was made. */
void ctl_socket_close(int fd, const char *path, const struct stat *opened);

#endif
