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
#include "base/utf8.h"
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

/* A line of the run, made safe to print. */
static char *shown_line(const char *name, const char *line)
{
	char *shown = NULL;
	size_t size = 0, length = strcspn(line, "\n");
	FILE *text = open_memstream(&shown, &size);

	if (!text || !print_text(text, line, length < MOST_REASON ? length : MOST_REASON) ||
	    fclose(text) != 0)
		err(1, "--ctl %s", name);
	return shown;
}

/* Exits with the reason that the run gives for its refusal, a line. */
static _Noreturn void refused(const char *name, const char *command, const char *reason)
{
	errx(1, "--ctl %s: %s: %s", name, command, shown_line(name, reason));
}

/* Says what the run has to say of what a job prints, a line. */
static void say_note(const char *name, const char *note)
{
	char *shown = shown_line(name, note);

	warnx("--ctl %s: tail: %s", name, shown);
	free(shown);
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

/* Prints bytes as they are, or on a terminal as an answer. Returns false on failure. */
static bool print_bytes(FILE *to, const char *bytes, size_t length)
{
	if (isatty(fileno(to)))
		return print_text(to, bytes, length);
	return fwrite(bytes, 1, length, to) == length && fflush(to) == 0;
}

/* --- answers that go on until something has happened, however long that takes --- */

struct long_answer {
	const char *name;
	FILE *stream;
	char *line; /* the last one that was read */
	size_t room;
};

/* Reads the next line. Returns its length; 0: there is no more. */
static size_t next_line(struct long_answer *answer)
{
	ssize_t length = getline(&answer->line, &answer->room, answer->stream);

	return length > 0 ? (size_t)length : 0;
}

/* Reads what says that the command is obeyed. */
static void begin_long(struct long_answer *answer, int fd, const char *command)
{
	static const struct timeval for_ever = {0};

	answer->stream = fdopen(fd, "r");
	if (!answer->stream ||
	    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &for_ever, sizeof for_ever) != 0)
		fail(answer->name);
	size_t length = next_line(answer);
	if (length > 0 && strncmp(answer->line, ANSWER_ERROR, sizeof ANSWER_ERROR - 1) == 0)
		refused(answer->name, command, answer->line + sizeof ANSWER_ERROR - 1);
	if (length == 0 || strcmp(answer->line, ANSWER_OK) != 0)
		errx(1, "--ctl %s: no answer", answer->name);
}

/* Prints what happens. Returns the status of the call; -1: the end was not seen. */
static int print_events(struct long_answer *answer)
{
	static const char stop[] = EVENT_LINE_BEGINS "stop";
	bool has_stopped = false;

	for (size_t length; (length = next_line(answer)) > 0;) {
		has_stopped = strncmp(answer->line, stop, sizeof stop - 1) == 0;
		/* Half an event is none. */
		has_stopped &= answer->line[length - 1] == '\n';
		if (answer->line[length - 1] == '\n' && !print_bytes(stdout, answer->line, length))
			err(1, "stdout");
	}
	return has_stopped ? 0 : -1;
}

/* Returns the status that is waited for; -1: it does not come. */
static int wait_for_status(struct long_answer *answer)
{
	return next_line(answer) > 0 ? (int)strtol(answer->line, NULL, 10) : -1;
}

/* So much of what a job prints is printed at a time. */
enum { PIECE = 8192 };

/* Bytes of a character that stand at the end of a piece, and its others in the next one. */
struct cut_character {
	char bytes[UTF8_MOST];
	size_t length;
};

/* Prints the next `length` bytes of the answer. Returns false when they do not come. */
static bool print_piece(
    struct long_answer *answer, size_t length, FILE *to, struct cut_character *cut)
{
	char piece[UTF8_MOST + PIECE];

	for (size_t part; length > 0; length -= part) {
		part = length < PIECE ? length : PIECE;
		memcpy(piece, cut->bytes, cut->length);
		if (fread(piece + cut->length, 1, part, answer->stream) != part)
			return false;
		size_t all = cut->length + part;
		size_t whole = isatty(fileno(to)) ? utf8_whole(piece, all) : all;
		cut->length = all - whole;
		memcpy(cut->bytes, piece + whole, cut->length);
		if (!print_bytes(to, piece, whole))
			err(1, to == stdout ? "stdout" : "stderr");
	}
	return true;
}

/*
 * Prints what a job prints, each of its outputs to ours, and what is to be said of it. Returns the
 * job's status; -1: it was not seen.
 */
static int print_output(struct long_answer *answer)
{
	struct cut_character cut[2] = {0};
	char *rest;
	bool goes_on = true;
	int status = -1;

	while (goes_on && next_line(answer) > 0) {
		const char *line = answer->line;
		bool is_error = strncmp(line, "err ", 4) == 0;
		if (is_error || strncmp(line, "out ", 4) == 0)
			goes_on = print_piece(answer, strtoul(line + 4, &rest, 10),
			    is_error ? stderr : stdout, &cut[is_error]);
		else if (strncmp(line, "note ", 5) == 0)
			say_note(answer->name, line + 5);
		else if (strncmp(line, "over ", 5) == 0)
			status = (int)strtol(line + 5, NULL, 10);
	}
	for (int i = 0; i < 2; i++)
		print_bytes(i ? stderr : stdout, cut[i].bytes, cut[i].length);
	return status;
}

static const struct {
	const char *command;
	int (*print)(struct long_answer *answer);
} long_answers[] = {{"events", print_events}, {"wait", wait_for_status}, {"tail", print_output}};

/* Prints an answer that goes on. Returns the status of the call. */
static int follow(int fd, const char *name, const char *command)
{
	struct long_answer answer = {.name = name};
	int status = -1;

	begin_long(&answer, fd, command);
	for (size_t i = 0; i < sizeof long_answers / sizeof *long_answers; i++)
		if (strcmp(command, long_answers[i].command) == 0)
			status = long_answers[i].print(&answer);
	free(answer.line);
	fclose(answer.stream);
	if (status < 0)
		errx(1,
		    "--ctl %s: there is no more of it, and this is not the end: the run was "
		    "killed, "
		    "or this was read too slowly",
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
