#include "control/ctl_server.h"

#include <err.h>
#include <errno.h>
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
#include "base/message.h"
#include "base/path.h"
#include "base/system_limits.h"
#include "base/thread.h"
#include "control/ctl_follower.h"
#include "control/ctl_socket.h"
#include "output/listener.h"
#include "pool/signals.h"

/* What a client may take, in ms: to send its request, and until it reads more of the answer. */
enum { REQUEST_TIME = 2000, ANSWER_TIME = 10000 };

/* When there are no descriptors for a client, it is tried again after this, in ms. */
enum { ACCEPT_INTERVAL = 1000 };

/* When the run is over it is looked so often, in ms, whether clients have read. */
enum { READ_INTERVAL = 100 };

/* A run that is over waits so long, in ms, once it is told to end. */
enum { LAST_TIME = 1000 };

/* So many bytes are sent at a time: room for them is soon there, also where one reads slowly. */
enum { PIECE = 4096 };

/* A request is as long as an argument can be, and this for its command. */
enum { COMMAND_BYTES = 16 };

/* So many pieces of what follows are sent to a client until others have their turn. */
enum { AT_A_TURN = 8 };

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
	if (client->follower)
		ctl_follower_end(client->follower);
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

/* Sends the next piece of the answer. Returns whether something was taken. */
static bool send_piece(struct ctl_client *client)
{
	size_t rest = client->length - client->sent;
	ssize_t sent = rest > 0 ? send(client->fd, client->answer + client->sent,
				      rest < PIECE ? rest : PIECE, MSG_NOSIGNAL)
				: 0;

	client->sent += sent > 0 ? (size_t)sent : 0;
	return sent > 0;
}

/* The client reads: it has its time anew for what comes next. */
static void renew_time(struct ctl_client *client)
{
	client->deadline_ms = client->is_patient ? INT64_MAX : clock_ms() + ANSWER_TIME;
}

/* Sends as much of the answer as the client takes. */
static void send_answer(struct ctl_client *client)
{
	while (send_piece(client))
		renew_time(client);
	bool is_whole = client->sent == client->length;
	if (is_whole && client->follower) {
		free(client->answer);
		client->answer = NULL;
		client->deadline_ms = INT64_MAX;
	} else if (is_whole || (errno != EAGAIN && errno != EINTR)) {
		dismiss(client);
	}
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
	client->sent = 0;
	renew_time(client);
	send_answer(client);
}

/* Sends a client that follows the run what comes next. Returns whether it has taken that. */
static bool send_next(struct ctl_client *client)
{
	char *text;
	bool ends;
	size_t length = ctl_follower_take(client->follower, &text, &ends);

	if (length == 0 && !ends)
		return false;
	if (ends) {
		ctl_follower_end(client->follower);
		client->follower = NULL;
	}
	/* Without a text what follows is lost: that there is no end tells it. */
	give_answer(client, text, length > 0 ? (int)length : -1);
	return client->fd >= 0 && client->follower && !client->answer;
}

/* Sends a client that follows the run what there is for it, as far as it takes that. Others have
 * their turn before one that has very much. */
static void go_on(struct ctl_client *client)
{
	bool goes_on = client->fd >= 0 && client->follower && !client->answer;

	for (int i = 0; i < AT_A_TURN && goes_on; i++)
		goes_on = send_next(client);
	client->has_more = goes_on;
}

/* Lets a client follow the run. Returns false when it cannot; `text` is the answer. */
static bool begin_to_follow(struct ctl_server *control, struct ctl_client *client,
    const struct ctl_follow *follow, FILE *text)
{
	unsigned followers = 0;

	for (size_t i = 0; i < MOST_CLIENTS; i++)
		followers += control->clients[i].follower != NULL;
	if (followers == MOST_FOLLOWERS) {
		fputs("too many follow the run already\n", text);
		return false;
	}
	client->follower = ctl_follower_begin(control->parts, follow, &control->look);
	if (!client->follower) {
		fprintf(text, "%s\n", strerror(ENOMEM));
		return false;
	}
	client->is_patient = follow->kind == CTL_TAILS;
	/* It may have been over before. */
	int status =
	    follow->kind != CTL_EVENTS ? run_notes_status(&control->notes, follow->seq) : -1;
	if (status >= 0) {
		ctl_follower_put_end(follow, text, status);
		ctl_follower_end(client->follower);
		client->follower = NULL;
	}
	return true;
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
	struct ctl_follow follow = {.kind = CTL_ENDS};
	char *text = NULL;
	size_t size = 0;
	FILE *stream = open_memstream(&text, &size);

	if (!stream) {
		dismiss(client);
		return;
	}
	*end = '\0';
	bool done = ctl_obey(control->parts, bytes, (size_t)(end - bytes), stream, &follow);
	if (done && follow.kind != CTL_ENDS)
		done = begin_to_follow(control, client, &follow, stream);
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

/* A client that follows the run says nothing more: has it gone? */
static void look_for_end(struct ctl_client *client)
{
	char byte;
	ssize_t length = recv(client->fd, &byte, 1, 0);

	if (length == 0 || (length < 0 && errno != EAGAIN && errno != EINTR))
		dismiss(client);
}

static void serve_client(struct ctl_server *control, struct ctl_client *client, short events)
{
	if (client->answer && (events & POLLHUP))
		dismiss(client);
	else if (client->answer)
		send_answer(client);
	else if (client->follower)
		look_for_end(client);
	else
		listen_to(control, client);
}

/* --- the thread --- */

/* What the thread waits for: the descriptors, in this order, and those of clients behind them. */
enum { LOOK, LISTENER, WATCH, CLIENTS };

/* Is there something to send to the client? */
static bool is_to_be_sent(const struct ctl_client *client)
{
	return client->answer || client->has_more;
}

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
		waits[count++] = (struct pollfd){
		    .fd = client->fd, .events = is_to_be_sent(client) ? POLLOUT : POLLIN};
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

	waits[LOOK] = (struct pollfd){.fd = interrupt_descriptor(&control->look), .events = POLLIN};
	waits[LISTENER] = (struct pollfd){.fd = admits ? control->listener : -1, .events = POLLIN};
	waits[WATCH] = (struct pollfd){.fd = watch, .events = POLLIN};
	nfds_t count = list_clients(control, waits, &due);
	if (control->listener >= 0 && !admits && control->accept_at_ms < due)
		due = control->accept_at_ms;
	if (control->has_file && watch < 0 && time + FILE_LOOK_INTERVAL < due)
		due = time + FILE_LOOK_INTERVAL;
	io_await(waits, count, clock_poll_timeout(due));
}

/* The time of a client is up. It may have read: room is only reported when there is much of it. */
static void take_deadline(struct ctl_client *client, int64_t time)
{
	if (client->answer)
		send_answer(client);
	if (client->fd >= 0 && time >= client->deadline_ms)
		dismiss(client);
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
		go_on(client);
		if (client->fd >= 0 && time >= client->deadline_ms)
			take_deadline(client, time);
	}
}

/* There is something to send to those who follow the run, or it is over. */
static void take_interrupt(struct ctl_server *control)
{
	char bytes[64];

	if (read(interrupt_descriptor(&control->look), bytes, sizeof bytes) < 0 && errno != EAGAIN)
		message_errno("--ctl: looking for what happens");
}

static void *serve(void *context)
{
	struct ctl_server *control = context;
	struct pollfd waits[CLIENTS + MOST_CLIENTS];

	console_never_wait();
	for (;;) {
		wait_for_clients(control, waits);
		if (waits[LOOK].revents)
			take_interrupt(control);
		if (atomic_load(&control->ends))
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
	*control = (struct ctl_server){
	    .options = options, .listener = -1, .has_file = options->slots_file != NULL};
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
	if (interrupt_open(&control->look) != 0)
		err(1, "starting the control");
	if (control->path)
		listeners_may_come();
	if (control->path)
		run_notes_begin(&control->notes, parts->events);
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
	if (!is_wanted(control))
		return;
	int error = thread_start(&control->thread, THREAD_STACK, serve, control);
	if (error)
		errc(1, error, "starting the control");
	control->runs = true;
}

/* Sends all clients what there is for them. Returns how many take their time, in `waits`. */
static nfds_t send_to_all(struct ctl_server *control, struct pollfd *waits)
{
	int64_t time = clock_ms();
	nfds_t count = 0;

	for (size_t i = 0; i < MOST_CLIENTS; i++) {
		struct ctl_client *client = &control->clients[i];
		if (client->fd >= 0 && client->answer)
			send_answer(client);
		go_on(client);
		if (client->fd >= 0 && is_to_be_sent(client) && time < client->deadline_ms)
			waits[count++] = (struct pollfd){.fd = client->fd, .events = POLLOUT};
	}
	return count;
}

/*
 * The run is over: those who follow it get the end of it, for as long as they go on reading; none
 * is so patient now that it may rest. Where the run was told to end, or is now, that is all over
 * soon.
 */
static void send_rest(struct ctl_server *control, bool is_hurried)
{
	int64_t until_ms = INT64_MAX;
	struct pollfd waits[MOST_CLIENTS];
	nfds_t count;

	for (size_t i = 0; i < MOST_CLIENTS; i++) {
		struct ctl_client *client = &control->clients[i];
		client->is_patient = false;
		if (client->fd >= 0)
			renew_time(client);
	}
	while ((count = send_to_all(control, waits)) > 0 && clock_ms() < until_ms) {
		io_await(waits, count, READ_INTERVAL);
		is_hurried |= signals_want_end();
		if (is_hurried && until_ms == INT64_MAX)
			until_ms = clock_ms() + LAST_TIME;
	}
}

void ctl_server_end(struct ctl_server *control, bool is_hurried)
{
	if (control->runs) {
		atomic_store(&control->ends, true);
		interrupt_raise(&control->look);
		pthread_join(control->thread, NULL);
		if (control->has_file)
			slots_file_close(&control->file);
	}
	if (control->listener >= 0)
		ctl_socket_close(control->listener);
	send_rest(control, is_hurried);
	for (size_t i = 0; i < MOST_CLIENTS; i++)
		if (control->clients[i].fd >= 0)
			dismiss(&control->clients[i]);
	if (control->path)
		run_notes_end(&control->notes);
	if (is_wanted(control))
		interrupt_close(&control->look);
	free(control->path);
	free(control->file.path);
}
