#include "control/ctl_client.h"

#include <err.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "base/escape.h"
#include "base/strlist.h"
#include "control/ctl_server.h"
#include "control/ctl_socket.h"

/* A pexec that is stopped does not answer. */
static const struct timeval PATIENCE = {.tv_sec = 30};

static const char GOOD[] = "ok\n", BAD[] = "error ";

/* Sends the words as one request. */
static bool ask(int fd, const struct strings *command)
{
	struct strlist request = {0};
	ssize_t sent;

	strlist_append(&request, "", 1);
	for (size_t i = 0; i < command->count; i++) {
		strlist_append(&request, " ", i > 0);
		strlist_append(&request, command->at[i], strlen(command->at[i]));
	}
	strlist_append(&request, "", 1);
	if (strlist_failed(&request)) {
		errno = ENOMEM;
		return false;
	}
	sent = send(fd, request.bytes, request.used, MSG_NOSIGNAL);
	bool whole = sent == (ssize_t)request.used;
	if (sent >= 0 && !whole)
		errno = EAGAIN; /* the time was up in the midst of it */
	strlist_free(&request);
	/* Where the other end has had enough of it, it has said so: read that. */
	return whole || errno == EPIPE;
}

/* Takes in the answer, all of it before it is printed: who answers does not wait for our reader. */
static bool hear(int fd, struct strlist *answer)
{
	char block[4096];
	ssize_t length;

	while ((length = recv(fd, block, sizeof block, 0)) > 0 || (length < 0 && errno == EINTR))
		strlist_append(answer, block, length > 0 ? (size_t)length : 0);
	strlist_end(answer);
	return length == 0 || errno == ECONNRESET;
}

/* The call has come to nothing. */
static _Noreturn void fail(const char *name)
{
	if (errno == EAGAIN)
		errx(1, "--ctl %s: it does not answer", name);
	if (errno == ECONNREFUSED || errno == ENOENT)
		err(1, "--ctl %s: nobody listens there", name);
	err(1, "--ctl %s", name);
}

int ctl_client_call(const char *socket, const struct strings *command)
{
	char name[ESCAPED_NAME];
	struct strlist answer = {0};

	/* Behind the command there is one word at most, or the request would be another one. */
	if (command->count > 2)
		errx(1, "--ctl: %s has one argument at most", command->at[0]);
	escape_name(name, socket);
	int fd = ctl_socket_call(socket, &PATIENCE);
	if (fd < 0 || !ask(fd, command) || !hear(fd, &answer))
		fail(name);
	close(fd);
	if (strlist_failed(&answer))
		errx(1, "--ctl %s: %s", name, strerror(ENOMEM));
	const char *text = strlist_at(&answer, 0);
	if (strncmp(text, BAD, sizeof BAD - 1) == 0)
		errx(1, "--ctl %s: %s: %.*s", name, command->at[0],
		    (int)strcspn(text + sizeof BAD - 1, "\n"), text + sizeof BAD - 1);
	if (strncmp(text, GOOD, sizeof GOOD - 1) != 0)
		errx(1, "--ctl %s: no answer", name);
	if (fputs(text + sizeof GOOD - 1, stdout) < 0 || fflush(stdout) != 0)
		err(1, "stdout");
	strlist_free(&answer);
	return 0;
}
