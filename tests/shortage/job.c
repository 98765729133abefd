/*
 * The job of the sweep: job ITEM... notes in the file NOTES, of which each line is one write, that
 * it runs each item, and with which descriptors; it prints a line to each of its outputs. Its other
 * duties come in variables of the environment, see struct job_duties in modes.h.
 *
 * Called `next` it prints the next item, or as many as its argument says, as a command of --next;
 * called `done` it notes that an item is acknowledged.
 */
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "modes.h"

/* Where the job complains. */
enum { FAILED = 5, NO_NOTES = 90, NO_OUTPUT };

/* So long it listens to itself, in ms. */
enum { HEARD_MS = 2000 };

static int notes = -1;

/* A whole line in one write. */
static void put(int fd, const char *line)
{
	size_t length = strlen(line);

	if (write(fd, line, length) != (ssize_t)length)
		_exit(fd == notes ? NO_NOTES : NO_OUTPUT);
}

static void note(const char *what, const char *item, int number)
{
	char line[256];

	snprintf(line, sizeof line, "%s %.100s %d\n", what, item, number);
	put(notes, line);
}

static int duty(const char *name)
{
	const char *value = getenv(name);

	return value ? atoi(value) : 0;
}

static int attempt(void)
{
	return duty("PEXEC_ATTEMPT");
}

/* The job has its three standard descriptors, and no other one of pexec but a jobserver's. */
static void note_descriptors(const char *item)
{
	const char *flags = getenv("MAKEFLAGS"),
		   *found = flags ? strstr(flags, "--jobserver-auth=") : NULL;
	int in = -1, out = -1;

	if (found)
		sscanf(found, "--jobserver-auth=%d,%d", &in, &out);
	for (int fd = STDERR_FILENO + 1; fd < 64; fd++)
		if (fd != notes && fd != in && fd != out && fcntl(fd, F_GETFD) >= 0)
			note("descriptor", item, fd);
}

static void print(const char *item, int lines)
{
	char line[256];

	snprintf(line, sizeof line, "o%.20s\n", item);
	put(STDOUT_FILENO, line);
	for (int i = 0; i < lines; i++) {
		int length = snprintf(line, sizeof line, "p%.20s-%05d-", item, i);
		memset(line + length, 'x', (size_t)(63 - length));
		strcpy(line + 63, "\n");
		put(STDOUT_FILENO, line);
	}
	snprintf(line, sizeof line, "e%.20s\n", item);
	put(STDERR_FILENO, line);
}

/* Calls pexec, which we are a job of. Returns its status. */
static int call(char *const words[])
{
	posix_spawn_file_actions_t actions;
	extern char **environ;
	pid_t pid;
	int status = -1;

	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
	posix_spawn_file_actions_adddup2(&actions, STDOUT_FILENO, STDERR_FILENO);
	if (posix_spawn(&pid, words[0], &actions, NULL, words, environ) != 0)
		return -1;
	waitpid(pid, &status, 0);
	return status;
}

static void ask(const char *item)
{
	char *pexec = getenv("PEXEC"), added[12];

	snprintf(added, sizeof added, "%d", ITEMS);
	call((char *[]){pexec, (char *)"--ctl", (char *)"S", (char *)"status", NULL});
	note("added", item,
	    call((char *[]){pexec, (char *)"--ctl", (char *)"S", (char *)"add", added, NULL}));
}

/* A client of --ctl tail that hears this job; -1: there is none. What it says can be read of
 * `*heard`. */
static pid_t begin_to_listen(int *heard)
{
	char *words[] = {getenv("PEXEC"), (char *)"--ctl", (char *)"S", (char *)"tail",
	    getenv("PEXEC_SEQ"), NULL};
	posix_spawn_file_actions_t actions;
	extern char **environ;
	int ends[2];
	pid_t pid;

	if (pipe2(ends, O_CLOEXEC) != 0)
		return -1;
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
	posix_spawn_file_actions_adddup2(&actions, ends[1], STDERR_FILENO);
	if (posix_spawn(&pid, words[0], &actions, NULL, words, environ) != 0)
		pid = -1;
	close(ends[1]);
	*heard = ends[0];
	return pid;
}

/*
 * Prints, and hears something of it, or that there is no answer. What pexec has lost is not heard:
 * then the time is over.
 */
static void listen_to_print(const char *item)
{
	int heard, status;
	pid_t pid = begin_to_listen(&heard);

	print(item, duty("PRINTS"));
	if (pid < 0)
		return;
	poll(&(struct pollfd){.fd = heard, .events = POLLIN}, 1, HEARD_MS);
	kill(pid, SIGKILL);
	waitpid(pid, &status, 0);
}

static void append(void)
{
	char text[256] = "";
	int fd = open("F", O_WRONLY | O_APPEND | O_CLOEXEC);

	for (int item = ITEMS / 2 + 1; item <= ITEMS; item++)
		snprintf(text + strlen(text), sizeof text - strlen(text), "%d\n", item);
	strcat(text, "STOP\n");
	put(fd, text);
	close(fd);
}

static void rewrite(void)
{
	int fd = open("slots", O_WRONLY | O_TRUNC | O_CLOEXEC);

	put(fd, "2\n");
	close(fd);
}

static bool has_duty(const char *name, int number)
{
	return number != 0 && duty(name) == number;
}

/* Returns the status that the job has by this item. */
static int do_item(const char *item)
{
	int number = atoi(item), fails = duty("FAILS");

	note("ran", item, attempt());
	note_descriptors(item);
	if (has_duty("APPENDS", number))
		append();
	if (has_duty("REWRITES", number))
		rewrite();
	if (has_duty("ASKS", number))
		ask(item);
	if (has_duty("SLEEPS", number))
		sleep(30);
	if (duty("LASTS_MS") > 0)
		usleep((useconds_t)duty("LASTS_MS") * 1000);
	if (has_duty("LISTENS", number))
		listen_to_print(item);
	else
		print(item, duty("PRINTS"));
	return fails != 0 && number % fails == 0 && attempt() == 1 ? FAILED : 0;
}

/* The commands of --next run one after the other. What one has taken it also prints. */
static int next(int count)
{
	char text[16] = "", printed[ITEMS * 12] = "";

	signal(SIGTERM, SIG_IGN);
	int fd = open(getenv("COUNTER"), O_RDWR | O_CREAT | O_CLOEXEC, 0666);
	if (fd < 0 || pread(fd, text, sizeof text - 1, 0) < 0)
		return NO_NOTES;
	int taken = atoi(text);
	for (; count > 0 && taken < ITEMS; count--) {
		snprintf(text, sizeof text, "%d\n", ++taken);
		strcat(printed, text);
	}
	if (*printed == '\0')
		return 0;
	if (pwrite(fd, text, strlen(text), 0) < 0)
		return NO_NOTES;
	put(STDOUT_FILENO, printed);
	return 0;
}

int main(int argc, char **argv)
{
	const char *slash = strrchr(argv[0], '/'), *name = slash ? slash + 1 : argv[0];
	int status = 0;

	if (strcmp(name, "next") == 0)
		return next(argc > 1 ? atoi(argv[1]) : 1);
	notes = open(getenv("NOTES"), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0666);
	if (notes < 0)
		return NO_NOTES;
	if (strcmp(name, "done") == 0) {
		note("acknowledged", getenv("PEXEC_ITEM"), 0);
		return 0;
	}
	for (int i = 1; i < argc; i++) {
		int by_item = do_item(argv[i]);
		status = by_item != 0 ? by_item : status;
	}
	return status;
}
