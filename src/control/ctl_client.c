#include "control/ctl_client.h"

#include <err.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "base/escape.h"
#include "control/ctl_commands.h"
#include "control/ctl_socket.h"
#include "record/event_line.h"

/* How long the call waits for an answer, as a stopped pexec gives none. */
static const struct timeval ANSWER_WAIT = {.tv_sec = 30};

/* No run says more: each of 65536 slots has a line with its item, which is shown as ESCAPED bytes
 * at most, and some numbers. */
enum { MOST_BYTES = 65536 * 2 * ESCAPED };

/* The reason of a refusal is a line of a message. */
enum { MOST_REASON = 4096 };

/* So much is shown at a time: as much as escape() shows whole. */
enum { SHOWN_AT_A_TIME = ESCAPED / 4 - 1 };

static const char ANSWER_OK[] = "ok\n", ANSWER_ERROR[] = "error ";

/* Sends the command's words as one request. Returns false with errno on failure. */
static bool send_request(int fd, const struct strings *command)
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
		errno = EAGAIN; /* ANSWER_WAIT was over when a part was sent */
	strlist_free(&request);
	/* On EPIPE the run has refused the request before its end: the answer says why. */
	return whole || errno == EPIPE;
}

/*
 * Receives the whole answer before it is printed: so the run never waits for the reader of our
 * stdout. Returns false with errno on failure (EMSGSIZE: it is longer than MOST_BYTES).
 */
static bool receive_answer(int fd, struct strlist *answer)
{
	char block[4096];
	ssize_t length;
	size_t received = 0;

	while ((length = recv(fd, block, sizeof block, 0)) > 0 || (length < 0 && errno == EINTR)) {
		received += length > 0 ? (size_t)length : 0;
		if (received > MOST_BYTES) {
			errno = EMSGSIZE;
			return false;
		}
		strlist_append(answer, block, length > 0 ? (size_t)length : 0);
	}
	strlist_end(answer);
	return length == 0 || errno == ECONNRESET;
}

/* Stays as it is: what parts lines and columns, and what begins an escape that the run has made. */
static bool is_plain(char byte)
{
	return byte == '\n' || byte == '\t' || byte == '\\';
}

/* Prints text; what else a terminal would obey is shown as escapes. Returns false on failure. */
static bool print_text(FILE *to, const char *text, size_t length)
{
	char shown[ESCAPED];

	for (size_t part; length > 0; text += part, length -= part) {
		part = 1;
		if (is_plain(*text)) {
			fputc(*text, to);
			continue;
		}
		while (part < length && part < SHOWN_AT_A_TIME && !is_plain(text[part]))
			part++;
		part = escape_cut(text, length, part);
		fputs(escape(shown, sizeof shown, text, part), to);
	}
	return fflush(to) == 0 && !ferror(to);
}

/* Exits with the reason that the run gives for its refusal, a line. */
static _Noreturn void refused(const char *name, const char *command, const char *reason)
{
	char *shown = NULL;
	size_t size = 0, length = strcspn(reason, "\n");
	FILE *text = open_memstream(&shown, &size);

	if (!text || !print_text(text, reason, length < MOST_REASON ? length : MOST_REASON) ||
	    fclose(text) != 0)
		err(1, "--ctl %s", name);
	errx(1, "--ctl %s: %s: %s", name, command, shown);
}

/* Exits with the reason that errno has. */
static _Noreturn void fail(const char *name)
{
	if (errno == EAGAIN)
		errx(1, "--ctl %s: it does not answer", name);
	if (errno == ECONNREFUSED || errno == ENOENT)
		err(1, "--ctl %s: nobody listens there", name);
	err(1, "--ctl %s", name);
}

/* Prints an event: as it is, or on a terminal as an answer. Returns false on failure. */
static bool print_event(const char *line, size_t length)
{
	if (isatty(STDOUT_FILENO))
		return print_text(stdout, line, length);
	return fwrite(line, 1, length, stdout) == length && fflush(stdout) == 0;
}

/*
 * The answer goes on until something has happened, however long that takes: prints what happens, or
 * returns the status that is waited for.
 */
static int follow(int fd, const char *name, const char *command)
{
	static const struct timeval for_ever = {0};
	static const char stop[] = EVENT_LINE_BEGINS "stop";
	FILE *answer = fdopen(fd, "r");
	bool waits = strcmp(command, "wait") == 0, is_whole = false;
	int status = 0;
	char *line = NULL;
	size_t room = 0;
	ssize_t length;

	if (!answer || setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &for_ever, sizeof for_ever) != 0)
		fail(name);
	if (getline(&line, &room, answer) < 0)
		errx(1, "--ctl %s: no answer", name);
	if (strncmp(line, ANSWER_ERROR, sizeof ANSWER_ERROR - 1) == 0)
		refused(name, command, line + sizeof ANSWER_ERROR - 1);
	if (strcmp(line, ANSWER_OK) != 0)
		errx(1, "--ctl %s: no answer", name);
	while (!(waits && is_whole) && (length = getline(&line, &room, answer)) > 0) {
		is_whole = waits || strncmp(line, stop, sizeof stop - 1) == 0;
		if (waits)
			status = (int)strtol(line, NULL, 10);
		else if (!print_event(line, (size_t)length))
			err(1, "stdout");
	}
	free(line);
	fclose(answer);
	if (!is_whole)
		errx(1,
		    "--ctl %s: there is no more of it, and the run is not over: it was killed, or "
		    "this was read too slowly",
		    name);
	return status;
}

int ctl_client_call(const char *socket, const struct strings *command)
{
	char name[ESCAPED_NAME];
	struct strlist answer = {0};

	/* The request joins the words by blanks: with a third word it would be a different one. */
	if (command->count > 2)
		errx(1, "--ctl: %s has one argument at most", command->at[0]);
	escape_name(name, socket);
	int fd = ctl_socket_call(socket, &ANSWER_WAIT);
	if (fd < 0)
		fail(name);
	if (!ctl_socket_is_believed(fd, socket))
		errx(1, "--ctl %s: another user listens there", name);
	if (!send_request(fd, command))
		fail(name);
	if (ctl_command_follows(command->at[0]))
		return follow(fd, name, command->at[0]);
	if (!receive_answer(fd, &answer))
		fail(name);
	close(fd);
	if (strlist_failed(&answer))
		errx(1, "--ctl %s: %s", name, strerror(ENOMEM));
	const char *text = strlist_at(&answer, 0);
	if (strncmp(text, ANSWER_ERROR, sizeof ANSWER_ERROR - 1) == 0)
		refused(name, command->at[0], text + sizeof ANSWER_ERROR - 1);
	if (strncmp(text, ANSWER_OK, sizeof ANSWER_OK - 1) != 0)
		errx(1, "--ctl %s: no answer", name);
	if (!print_text(stdout, text + sizeof ANSWER_OK - 1,
		strlist_length(&answer, 0) - (sizeof ANSWER_OK - 1)))
		err(1, "stdout");
	strlist_free(&answer);
	return 0;
}
