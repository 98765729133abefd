#include "control/ctl_server.h"

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/console.h"
#include "base/escape.h"
#include "base/io.h"
#include "base/path.h"
#include "base/system_limits.h"
#include "control/ctl_socket.h"

/* What a client may take, in ms: to send its request, and to take the answer. */
enum { REQUEST_TIME = 2000, ANSWER_TIME = 10000 };

/* When there are no descriptors for a client, it is tried again after this, in ms. */
enum { ACCEPT_INTERVAL = 1000 };

/* A request is as long as an argument can be, and this for its command. */
enum { COMMAND_BYTES = 16 };

enum { STACK_SIZE = 128 * 1024 };

/* --- clients --- */

/* The room for a request. */
static size_t request_bytes(void)
{
	return system_word_bytes() + COMMAND_BYTES;
}

static void dismiss(struct ctl_client *client)
{
	close(client->fd);
	munmap(client->request, request_bytes());
	free(client->answer);
	*client = (struct ctl_client){.fd = -1};
}

/* Where a new client can have its place. */
static struct ctl_client *make_place(struct ctl_server *control)
{
	struct ctl_client *oldest = control->clients;

	for (size_t i = 0; i < MOST_CLIENTS; i++) {
		struct ctl_client *client = &control->clients[i];
		if (client->fd < 0)
			return client;
		if (client->deadline_ms < oldest->deadline_ms)
			oldest = client;
	}
	dismiss(oldest);
	return oldest;
}

/* The mode of the socket says the same; but that can be changed, and a descriptor be handed on. */
static bool may_speak(int fd)
{
	uid_t user;
	gid_t group;

	return getpeereid(fd, &user, &group) == 0 && (user == 0 || user == geteuid());
}

/* A client that comes in has the lowest descriptor that was free. Are too few left for a job? */
static bool leaves_too_few(const struct ctl_server *control, int fd)
{
	struct rlimit limit;

	return getrlimit(RLIMIT_NOFILE, &limit) == 0 &&
	       limit.rlim_cur < (rlim_t)fd + 1 + pool_start_descriptors(control->parts->pool);
}

/* Tells a client that it is not heard. */
static void turn_away(int fd, const char *reason)
{
	send(fd, reason, strlen(reason), MSG_NOSIGNAL);
	close(fd);
}

/* Lets one client in. */
static void admit(struct ctl_server *control)
{
	gate_lend_descriptors(control->parts->gate, clock_ms() + REQUEST_TIME + ANSWER_TIME);
	int fd = accept4(control->listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);

	if (fd < 0) {
		/* Where others can be served, those that wait would be reported again at once. */
		if (errno != EAGAIN && errno != ECONNABORTED && errno != EINTR)
			control->accept_at_ms = clock_ms() + ACCEPT_INTERVAL;
		return;
	}
	if (!may_speak(fd)) {
		turn_away(fd, "error this is not yours\n");
		return;
	}
	if (leaves_too_few(control, fd)) {
		turn_away(fd, "error too few descriptors are left for another client: the jobs "
			      "need them (ulimit -n)\n");
		return;
	}
	/* Pages that are never written to cost nothing, and nothing is left of them. */
	char *request =
	    mmap(NULL, request_bytes(), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (request == MAP_FAILED) {
		close(fd);
		return;
	}
	*make_place(control) = (struct ctl_client){
	    .fd = fd, .request = request, .deadline_ms = clock_ms() + REQUEST_TIME};
}

/* Sends as much of the answer as the client takes. */
static void send_answer(struct ctl_client *client)
{
	ssize_t sent = 0;

	while (
	    client->sent < client->length && (sent = send(client->fd, client->answer + client->sent,
						  client->length - client->sent, MSG_NOSIGNAL)) > 0)
		client->sent += (size_t)sent;
	if (client->sent == client->length || (errno != EAGAIN && errno != EINTR))
		dismiss(client);
}

/* Answers with a text of `length` bytes, in memory that becomes the client's; -1: there is none. */
static void give_answer(struct ctl_client *client, char *text, int length)
{
	client->answer = length < 0 ? NULL : text;
	if (!client->answer) {
		dismiss(client);
		return;
	}
	client->length = (size_t)length;
	client->deadline_ms = clock_ms() + ANSWER_TIME;
	send_answer(client);
}

/* Answers a request that is longer than there is room for. */
static void refuse_long(struct ctl_client *client)
{
	char *text = NULL;
	int length = asprintf(&text, "error a request has %zu bytes at most\n", request_bytes());

	give_answer(client, text, length);
}

/* Answers a request. Without memory the client gets nothing. */
static void answer(struct ctl_server *control, struct ctl_client *client, char *bytes, char *end)
{
	char *text = NULL;
	size_t size = 0;
	FILE *stream = open_memstream(&text, &size);

	if (!stream) {
		dismiss(client);
		return;
	}
	*end = '\0';
	bool done = ctl_obey(control->parts, bytes, (size_t)(end - bytes), stream);
	bool made = fclose(stream) == 0;
	char *whole = NULL;
	int length = made ? asprintf(&whole, "%s%s", done ? "ok\n" : "error ", text) : -1;
	free(text);
	give_answer(client, whole, length);
}

/* Takes in what a client sends. */
static void listen_to(struct ctl_server *control, struct ctl_client *client)
{
	char *bytes = client->request;
	ssize_t length = recv(client->fd, bytes + client->used, request_bytes() - client->used, 0);

	if (length < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	/* Half a request is none. */
	if (length <= 0) {
		dismiss(client);
		return;
	}
	client->used += (size_t)length;
	size_t skip = *bytes == '\0';
	char *end = memchr(bytes + skip, skip ? '\0' : '\n', client->used - skip);
	if (end)
		answer(control, client, bytes + skip, end);
	else if (client->used == request_bytes())
		refuse_long(client);
}

static void serve_client(struct ctl_server *control, struct ctl_client *client, short events)
{
	if (client->answer && (events & POLLHUP))
		dismiss(client);
	else if (client->answer)
		send_answer(client);
	else
		listen_to(control, client);
}

/* --- the thread --- */

/* What the thread waits for: the descriptors, in this order, and those of clients behind them. */
enum { STOP, LISTENER, WATCH, CLIENTS };

/*
 * poll(2) takes no more entries than there may be descriptors: places that are free have none.
 * Returns how many entries there are, and sets `due` to the earliest time of a client.
 */
static nfds_t list_clients(const struct ctl_server *control, struct pollfd *waits, int64_t *due)
{
	nfds_t count = CLIENTS;

	for (size_t i = 0; i < MOST_CLIENTS; i++) {
		const struct ctl_client *client = &control->clients[i];
		if (client->fd < 0)
			continue;
		waits[count++] =
		    (struct pollfd){.fd = client->fd, .events = client->answer ? POLLOUT : POLLIN};
		if (client->deadline_ms < *due)
			*due = client->deadline_ms;
	}
	return count;
}

/* Waits. Returns when something is ready, or a time has come. */
static void wait_for_clients(struct ctl_server *control, struct pollfd *waits)
{
	int64_t due = INT64_MAX, time = clock_ms();
	int watch = control->has_file ? slots_file_descriptor(&control->file) : -1;
	bool admits = control->listener >= 0 && time >= control->accept_at_ms;

	waits[STOP] = (struct pollfd){.fd = control->stop[0], .events = POLLIN};
	waits[LISTENER] = (struct pollfd){.fd = admits ? control->listener : -1, .events = POLLIN};
	waits[WATCH] = (struct pollfd){.fd = watch, .events = POLLIN};
	nfds_t count = list_clients(control, waits, &due);
	if (control->listener >= 0 && !admits && control->accept_at_ms < due)
		due = control->accept_at_ms;
	if (control->has_file && watch < 0 && time + FILE_LOOK_INTERVAL < due)
		due = time + FILE_LOOK_INTERVAL;
	io_await(waits, count, clock_poll_timeout(due));
}

/* Serves the clients that were waited for, which are in the order of their places. */
static void serve_clients(struct ctl_server *control, const struct pollfd *wait)
{
	int64_t time = clock_ms();

	for (size_t i = 0; i < MOST_CLIENTS; i++) {
		struct ctl_client *client = &control->clients[i];
		if (client->fd < 0)
			continue;
		short events = (wait++)->revents;
		if (events)
			serve_client(control, client, events);
		if (client->fd >= 0 && time >= client->deadline_ms)
			dismiss(client);
	}
}

static void *serve(void *context)
{
	struct ctl_server *control = context;
	struct pollfd waits[CLIENTS + MOST_CLIENTS];

	console_never_wait();
	for (;;) {
		wait_for_clients(control, waits);
		if (waits[STOP].revents)
			return NULL;
		if (control->has_file)
			slots_file_look(&control->file);
		serve_clients(control, &waits[CLIENTS]);
		if (waits[LISTENER].revents)
			admit(control);
	}
}

/* --- the beginning and the end --- */

/* A name that holds where the run goes on. */
static char *resolve(const struct control_options *options, const char *name)
{
	char *path = path_resolve(options->started_in, name);

	if (!path)
		err(1, "starting");
	return path;
}

/* Another pexec listens there. Perhaps a command to it was mistyped. */
static _Noreturn void refuse_second(const struct control_options *options)
{
	char name[ESCAPED_NAME], shown[ESCAPED], names[128];
	const char *socket = escape_name(name, options->socket);

	if (options->given != 1 || options->words->count == 0)
		errx(1, "--ctl %s: another pexec listens there", socket);
	const char *word = options->words->at[0];
	bool known = ctl_is_command(word);
	errx(1, "--ctl %s: another pexec listens there, and it is no call to it: %s %s%s", socket,
	    escape(shown, sizeof shown, word, strlen(word)),
	    known ? "is behind --, or has ::: behind it" : "is none of ",
	    known ? "" : ctl_command_names(names, sizeof names));
}

void ctl_server_init(struct ctl_server *control, const struct control_options *options)
{
	*control = (struct ctl_server){.options = options,
	    .listener = -1,
	    .stop = {-1, -1},
	    .has_file = options->slots_file != NULL};
	for (size_t i = 0; i < MOST_CLIENTS; i++)
		control->clients[i].fd = -1;
	if (control->has_file)
		control->file = (struct slots_file){
		    .typed = options->slots_file, .path = resolve(options, options->slots_file)};
	if (!options->socket)
		return;
	control->path = resolve(options, options->socket);
	if (ctl_socket_is_taken(options->socket, control->path))
		refuse_second(options);
}

/* Is there anything to do for the thread? */
static bool is_wanted(const struct ctl_server *control)
{
	return control->path || control->has_file;
}

void ctl_server_open(struct ctl_server *control, const struct ctl_parts *parts)
{
	control->parts = parts;
	if (!is_wanted(control))
		return;
	if (pipe2(control->stop, O_CLOEXEC) != 0)
		err(1, "starting the control");
	if (control->path)
		control->listener = ctl_socket_open(control->options->socket, control->path);
	if (control->has_file) {
		control->file.pool = parts->pool;
		control->file.sizer = parts->sizer;
		control->file.slot_parts = parts->slot_parts;
		slots_file_open(&control->file);
	}
}

void ctl_server_start(struct ctl_server *control)
{
	pthread_attr_t attributes;

	if (!is_wanted(control))
		return;
	pthread_attr_init(&attributes);
	pthread_attr_setstacksize(&attributes, STACK_SIZE);
	int error = pthread_create(&control->thread, &attributes, serve, control);
	pthread_attr_destroy(&attributes);
	if (error)
		errc(1, error, "starting the control");
	control->runs = true;
}

void ctl_server_end(struct ctl_server *control)
{
	if (control->runs) {
		/* The end of the pipe ends the thread: that cannot fail. */
		close(control->stop[1]);
		pthread_join(control->thread, NULL);
		close(control->stop[0]);
		if (control->has_file)
			slots_file_close(&control->file);
	}
	if (control->listener >= 0)
		ctl_socket_close(control->listener);
	for (size_t i = 0; i < MOST_CLIENTS; i++)
		if (control->clients[i].fd >= 0)
			dismiss(&control->clients[i]);
	free(control->path);
	free(control->file.path);
}
