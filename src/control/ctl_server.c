#include "control/ctl_server.h"
#include "cli/options.h"

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/escape.h"
#include "base/message.h"
#include "base/path.h"
#include "base/system.h"
#include "control/ctl_socket.h"
#include "pace/slot_count.h"
#include "pool/slot.h"
#include "pool/status.h"

/* What a client may take, in ms: to send its request, and to take the answer. */
enum { REQUEST_TIME = 2000, ANSWER_TIME = 10000 };

/* When there are no descriptors for a client, it is tried again after this, in ms. */
enum { ACCEPT_INTERVAL = 1000 };

/* A request is as long as an argument can be, and this for its command. */
enum { COMMAND_BYTES = 16 };

enum { STACK_SIZE = 128 * 1024 };

/* --- what clients can ask for --- */

/* A request, and what is to be said to it. */
struct request {
	struct pool *pool;
	const char *argument; /* what stands behind the command; a NUL follows it */
	size_t length;
	FILE *text;  /* the answer */
	bool failed; /* it is the reason why not */
};

static void refuse(struct request *request, const char *reason)
{
	request->failed = true;
	fprintf(request->text, "%s\n", reason);
}

static void say_status(struct request *request)
{
	struct status status = status_of(request->pool);
	char text[STATUS_TEXT];

	if (strcmp(request->argument, "--json") == 0 || strcmp(request->argument, "json") == 0)
		status_json(&status, text);
	else if (request->length == 0)
		status_line(&status, text);
	else
		return refuse(request, "status takes --json or nothing");
	fprintf(request->text, "%s\n", text);
}

/* A line for a job that is running. */
static bool list_job(void *context, struct slot *slot, const struct job *job)
{
	struct request *request = context;
	char item[ESCAPED];
	int64_t started;
	pid_t pid;

	if (!process_look(&slot->process, &pid, &started))
		return true;
	fprintf(request->text, "%" PRIu64 "\t%u\t%d\t%.1f\t%s\n", job->seq, slot->number, (int)pid,
	    (double)(clock_ms() - started) / 1000, escape_item(item, &job->items, 0));
	return true;
}

static void say_jobs(struct request *request)
{
	pool_visit(request->pool, list_job, request);
}

static void set_slots(struct request *request)
{
	char reason[SLOT_COUNT_REASON];
	unsigned wanted, slots;

	if (!slot_count_parse(request->argument, &wanted, reason))
		return refuse(request, reason);
	slots = pool_set_slots(request->pool, wanted);
	slot_start_if_wanted(request->pool);
	if (slots < wanted)
		return refuse(request, "no more open files are allowed (ulimit -n)");
	fprintf(request->text, "%u slot%s\n", slots, slots == 1 ? "" : "s");
}

static void pause_start(struct request *request)
{
	pool_hold(request->pool, true);
	fputs("paused\n", request->text);
}

static void resume_start(struct request *request)
{
	pool_hold(request->pool, false);
	slot_start_if_wanted(request->pool);
	fputs("resumed\n", request->text);
}

static void drain(struct request *request)
{
	pool_stop(request->pool, POOL_DRAINING, 0, 0);
	fputs("draining\n", request->text);
}

static void kill_job(struct request *request)
{
	const char *reason;
	uint64_t seq = (uint64_t)strtonum(request->argument, 1, INT64_MAX, &reason);

	if (reason)
		return refuse(request, "kill takes the number of a job");
	if (!pool_condemn(request->pool, seq))
		return refuse(request, "no job with this number is running");
	message("job %" PRIu64 ": is ended by --ctl kill", seq);
	fprintf(request->text, "ending job %" PRIu64 "\n", seq);
}

static void add_item(struct request *request)
{
	struct pool *pool = request->pool;

	if (atomic_load(&pool->state) != POOL_RUNNING)
		return refuse(request, "the run is at its end");
	struct job *job = job_new(&pool->output.budget);
	if (!job)
		return refuse(request, strerror(ENOMEM));
	strlist_add(&job->items, request->argument, request->length);
	const char *problem = strlist_failed(&job->items) ? strerror(ENOMEM) : NULL;
	if (!problem)
		problem = queue_add(pool->queue, job);
	if (problem) {
		job_free(job);
		return refuse(request, problem);
	}
	slot_start_if_wanted(pool);
	fputs("added\n", request->text);
}

static const struct command {
	const char *name;
	enum { NO_ARGUMENT, ANY_ARGUMENT } argument;
	void (*run)(struct request *request);
} commands[] = {
    {"status", ANY_ARGUMENT, say_status},
    {"jobs", NO_ARGUMENT, say_jobs},
    {"slots", ANY_ARGUMENT, set_slots},
    {"pause", NO_ARGUMENT, pause_start},
    {"resume", NO_ARGUMENT, resume_start},
    {"drain", NO_ARGUMENT, drain},
    {"kill", ANY_ARGUMENT, kill_job},
    {"add", ANY_ARGUMENT, add_item},
};

enum { COMMANDS = sizeof commands / sizeof *commands };

bool ctl_is_command(const char *word)
{
	for (size_t i = 0; i < COMMANDS; i++)
		if (strcmp(commands[i].name, word) == 0)
			return true;
	return false;
}

/* Does what a request says, which is `length` bytes and a NUL. */
static void obey(struct request *request, char *bytes, size_t length)
{
	char shown[ESCAPED];
	char *blank = memchr(bytes, ' ', length);
	size_t name = blank ? (size_t)(blank - bytes) : length, i = 0;

	request->argument = blank ? blank + 1 : bytes + length;
	request->length = (size_t)(bytes + length - request->argument);
	while (i < COMMANDS &&
	       (strlen(commands[i].name) != name || memcmp(commands[i].name, bytes, name) != 0))
		i++;
	if (i == COMMANDS) {
		request->failed = true;
		fprintf(request->text, "unknown command '%s'\n",
		    escape(shown, sizeof shown, bytes, name));
	} else if (commands[i].argument == NO_ARGUMENT && blank) {
		request->failed = true;
		fprintf(request->text, "%s takes no argument\n", commands[i].name);
	} else if (commands[i].run == add_item && !blank) {
		refuse(request, "add takes an item");
	} else {
		commands[i].run(request);
	}
}

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
		if (client->deadline < oldest->deadline)
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

/* Lets one client in. */
static void admit(struct ctl_server *control)
{
	static const char refusal[] = "error this is not yours\n";
	int fd = accept4(control->listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);

	if (fd < 0) {
		/* Where others can be served, those that wait would be reported again at once. */
		if (errno != EAGAIN && errno != ECONNABORTED && errno != EINTR)
			control->accept_at = clock_ms() + ACCEPT_INTERVAL;
		return;
	}
	if (!may_speak(fd)) {
		send(fd, refusal, sizeof refusal - 1, MSG_NOSIGNAL);
		close(fd);
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
	    .fd = fd, .request = request, .deadline = clock_ms() + REQUEST_TIME};
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

/* Answers a request. Without memory the client gets nothing. */
static void answer(struct ctl_server *control, struct ctl_client *client, char *bytes, char *end)
{
	struct request request = {.pool = control->pool};
	char *text = NULL;
	size_t size = 0;

	request.text = open_memstream(&text, &size);
	if (!request.text) {
		dismiss(client);
		return;
	}
	*end = '\0';
	obey(&request, bytes, (size_t)(end - bytes));
	bool made = fclose(request.text) == 0;
	int length =
	    made ? asprintf(&client->answer, "%s%s", request.failed ? "error " : "ok\n", text) : -1;
	free(text);
	if (length < 0) {
		client->answer = NULL;
		dismiss(client);
		return;
	}
	client->length = (size_t)length;
	client->deadline = clock_ms() + ANSWER_TIME;
	send_answer(client);
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
		dismiss(client);
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

/* --- the file of -j --- */

/* Reads the number of slots, and has as many from now on. */
static void follow_file(struct ctl_server *control, enum file_event event)
{
	char reason[SLOT_COUNT_REASON], shown[ESCAPED_NAME];
	bool empty = false;
	unsigned slots;

	if (!slot_count_read(control->slots_file, &slots, reason, &empty)) {
		/* A new file may be empty for a moment: somebody is about to write it. */
		if (!empty || event == FILE_WRITTEN)
			message("-j %s: %s; still %u slots",
			    escape_name(shown, control->pool->options->control.slots_file), reason,
			    atomic_load(&control->pool->limit));
		return;
	}
	if (slots != atomic_load(&control->pool->limit))
		pool_set_slots(control->pool, slots);
}

/* --- the thread --- */

/* What the thread waits for: the descriptors, in this order, and those of clients behind them. */
enum { STOP, LISTENER, WATCH, CLIENTS };

/* Waits. Returns when something is ready, or a time has come. */
static void wait_for_clients(struct ctl_server *control, struct pollfd *waits)
{
	int64_t due = INT64_MAX, time = clock_ms();
	bool admits = control->listener >= 0 && time >= control->accept_at;

	waits[STOP] = (struct pollfd){.fd = control->stop[0], .events = POLLIN};
	waits[LISTENER] = (struct pollfd){.fd = admits ? control->listener : -1, .events = POLLIN};
	waits[WATCH] = (struct pollfd){.fd = control->watch.fd, .events = POLLIN};
	for (size_t i = 0; i < MOST_CLIENTS; i++) {
		const struct ctl_client *client = &control->clients[i];
		waits[CLIENTS + i] =
		    (struct pollfd){.fd = client->fd, .events = client->answer ? POLLOUT : POLLIN};
		if (client->fd >= 0 && client->deadline < due)
			due = client->deadline;
	}
	if (control->listener >= 0 && !admits && control->accept_at < due)
		due = control->accept_at;
	if (control->slots_file && control->watch.fd < 0 && time + FILE_LOOK_INTERVAL < due)
		due = time + FILE_LOOK_INTERVAL;
	poll(waits, CLIENTS + MOST_CLIENTS,
	    due == INT64_MAX ? -1
	    : due > time     ? (int)(due - time)
			     : 0);
}

static void *serve(void *context)
{
	struct ctl_server *control = context;
	struct pollfd waits[CLIENTS + MOST_CLIENTS];

	message_never_wait();
	for (;;) {
		wait_for_clients(control, waits);
		if (waits[STOP].revents)
			return NULL;
		enum file_event event =
		    control->slots_file ? file_watch_look(&control->watch) : FILE_SAME;
		if (event != FILE_SAME) {
			follow_file(control, event);
			slot_start_if_wanted(control->pool);
		}
		int64_t time = clock_ms();
		for (size_t i = 0; i < MOST_CLIENTS; i++) {
			struct ctl_client *client = &control->clients[i];
			if (client->fd >= 0 && waits[CLIENTS + i].revents)
				serve_client(control, client, waits[CLIENTS + i].revents);
			if (client->fd >= 0 && time >= client->deadline)
				dismiss(client);
		}
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

/* Another pexec listens. Whoever has mistyped a command to it gets here, too. */
static _Noreturn void refuse_second(const struct control_options *options)
{
	static const char others[] = "is none of status jobs slots pause resume drain kill add";
	static const char hidden[] = "is behind --, or has ::: behind it";
	char name[ESCAPED_NAME], shown[ESCAPED], text[STATUS_TEXT] = "another pexec listens there";

	if (options->given == 1 && options->words->count > 0) {
		const char *word = options->words->at[0];
		snprintf(text, sizeof text,
		    "another pexec listens there, and it is no call to it: %s %s",
		    escape(shown, sizeof shown, word, strlen(word)),
		    ctl_is_command(word) ? hidden : others);
	}
	errx(1, "--ctl %s: %s", escape_name(name, options->socket), text);
}

void ctl_server_init(struct ctl_server *control, const struct control_options *options)
{
	*control = (struct ctl_server){.listener = -1, .watch.fd = -1, .stop = {-1, -1}};
	for (size_t i = 0; i < MOST_CLIENTS; i++)
		control->clients[i].fd = -1;
	if (options->slots_file)
		control->slots_file = resolve(options, options->slots_file);
	if (!options->socket)
		return;
	control->path = resolve(options, options->socket);
	if (ctl_socket_is_taken(options->socket, control->path))
		refuse_second(options);
}

void ctl_server_open(struct ctl_server *control, struct pool *pool)
{
	control->pool = pool;
	if (!control->path && !control->slots_file)
		return;
	if (pipe2(control->stop, O_CLOEXEC | O_NONBLOCK) != 0)
		err(1, "starting the control");
	if (control->path)
		control->listener =
		    ctl_socket_open(pool->options->control.socket, control->path, &control->socket);
	if (control->slots_file) {
		file_watch_open(&control->watch, control->slots_file);
		/* It may have changed since it was read. */
		follow_file(control, FILE_REPLACED);
	}
}

void ctl_server_start(struct ctl_server *control)
{
	pthread_attr_t attributes;

	if (!control->path && !control->slots_file)
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
		if (write(control->stop[1], "", 1) != 1)
			message_errno("ending the control");
		pthread_join(control->thread, NULL);
		file_watch_close(&control->watch);
		close(control->stop[0]);
		close(control->stop[1]);
	}
	if (control->listener >= 0)
		ctl_socket_close(control->listener, control->path, &control->socket);
	for (size_t i = 0; i < MOST_CLIENTS; i++)
		if (control->clients[i].fd >= 0)
			dismiss(&control->clients[i]);
	free(control->path);
	free(control->slots_file);
}
