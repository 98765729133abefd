#include "process/side_process.h"

#include <errno.h>
#include <fcntl.h>
#include <paths.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/message.h"

/* The system has no room for the process: it is tried again after this. */
static const struct timespec AGAIN = {.tv_sec = 1};

/* Where no other process runs nobody is going to close a descriptor: so often it is tried. */
enum { TRIES_ALONE = 3 };

/* Waits a little for room, and says so at the first time. */
static void await_room(bool *said)
{
	if (!*said)
		message("no room for another command at the moment: %s; trying again every second",
		    strerror(errno));
	*said = true;
	nanosleep(&AGAIN, NULL);
}

/* Is no process to be started any more? */
static bool is_over(const struct side_process *by)
{
	return atomic_load(by->killed) || (by->dropped && atomic_load(by->dropped));
}

/* Starts the process, as soon as the system has room for it. Returns 0, or an errno; -1: the run
 * has been killed. */
static int start(const struct side_process *by, const struct launch *launch)
{
	for (bool said = false;;) {
		process_prepare(by->process);
		if (is_over(by)) {
			process_cancel(by->process);
			return -1;
		}
		atomic_fetch_add(by->running, 1);
		if (process_start(by->process, launch) == 0)
			return 0;
		atomic_fetch_sub(by->running, 1);
		if (errno != EAGAIN && errno != ENOMEM)
			return errno;
		await_room(&said);
	}
}

/* Opens its standard input, as soon as there is a descriptor. Returns -1 with errno. */
static int open_null(const struct side_process *by)
{
	bool said = false;

	for (int alone = 0;;) {
		int fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
		if (fd >= 0 || (errno != EMFILE && errno != ENFILE && errno != ENOMEM))
			return fd;
		alone = atomic_load(by->running) > 0 ? 0 : alone + 1;
		if (is_over(by) || alone == TRIES_ALONE)
			return -1;
		await_room(&said);
	}
}

int side_process_run(
    const struct side_process *by, const char *command, char *const *environment, int *status)
{
	char *const arguments[] = {"sh", "-c", (char *)command, NULL};
	struct rusage usage;
	int null = open_null(by);

	if (null < 0)
		return errno;
	const struct launch launch = {
	    .path = _PATH_BSHELL,
	    .arguments = arguments,
	    .environment = environment,
	    .in = null,
	    .out = STDERR_FILENO,
	    .err = -1,
	    .spared = true,
	    .tied = true,
	    .caller = by->caller,
	};
	int error = start(by, &launch);
	if (error == 0) {
		error = process_wait(by->process, status, &usage);
		atomic_fetch_sub(by->running, 1);
	}
	close(null);
	return error;
}
