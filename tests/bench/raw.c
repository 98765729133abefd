/*
 * The bare system calls, to compare with: N threads, each of which starts a child (vfork, exec),
 * waits for it, and takes the next item of a list that was read beforehand.
 *
 * usage: raw N PROGRAM [ARGUMENT...] < ITEMS
 */
#include <err.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { MAX_THREADS = 64, MAX_WORDS = 16 };

static char **command, **items;
static size_t words, count;
static atomic_size_t next;

static __attribute__((noinline)) pid_t start(char *const arguments[])
{
	pid_t pid = vfork();

	if (pid == 0) {
		execve(arguments[0], arguments, environ);
		_exit(127);
	}
	return pid;
}

static void *run_items(void *unused)
{
	char *arguments[MAX_WORDS + 2] = {NULL};
	int status;

	memcpy(arguments, command, words * sizeof *command);
	for (size_t i; (i = atomic_fetch_add(&next, 1)) < count;) {
		arguments[words] = items[i];
		pid_t pid = start(arguments);
		if (pid < 0 || waitpid(pid, &status, 0) != pid || status != 0)
			errx(1, "%s %s did not end well", command[0], items[i]);
	}
	return unused;
}

static void read_items(void)
{
	char *line = NULL;
	size_t size = 0;

	for (ssize_t length; (length = getline(&line, &size, stdin)) > 0;) {
		line[length - 1] = '\0';
		items = realloc(items, (count + 1) * sizeof *items);
		if (!items || !(items[count++] = strdup(line)))
			err(1, "reading items");
	}
	free(line);
}

int main(int argc, char *argv[])
{
	pthread_t threads[MAX_THREADS];
	int wanted = argc > 2 && argc - 2 <= MAX_WORDS ? atoi(argv[1]) : 0;

	if (wanted < 1 || wanted > MAX_THREADS)
		errx(1, "usage: raw N PROGRAM [ARGUMENT...] < ITEMS");
	command = argv + 2;
	words = (size_t)argc - 2;
	read_items();
	for (int i = 0; i < wanted; i++)
		if (pthread_create(&threads[i], NULL, run_items, NULL) != 0)
			errx(1, "starting a thread");
	for (int i = 0; i < wanted; i++)
		pthread_join(threads[i], NULL);
	return 0;
}
