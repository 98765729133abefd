/* guardian: a job that a dying thread has let through is found by the second look. */
#undef NDEBUG
#include <assert.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>
#include <sys/types.h>
#include <time.h>

#include "process/process.h"

/* Two processes that pexec has started, and one that it starts in the moment of its death. */
enum { FIRST = 101, SECOND = 102, LATE = 103, PROCESSES_HERE = 5 };

static volatile struct shared_process table[PROCESSES_HERE];
static pid_t killed[16];
static size_t kills;
static unsigned searches;
static bool closed;
static const char mark[] = "PEXEC_JOB=0123456789abcdef.";

static int note_kill(pid_t pid, int signal)
{
	assert(signal == SIGKILL && pid < 0 && kills < sizeof killed / sizeof *killed);
	killed[kills++] = -pid;
	return 0;
}

static bool die_at_once(pid_t parent, const char *name)
{
	assert(parent == 1 && strcmp(name, "job-guardian") == 0);
	return true;
}

/* Locks are free only when no job is left that was known of. */
static void note_close(void)
{
	assert(kills == 2);
	closed = true;
}

static void note_title(const char *title)
{
	assert(strcmp(title, "job-guardian of 1") == 0);
}

/* Those that have left their group are looked for while locks are held, and once more. */
static void note_search(const char *run, const volatile struct shared_process *processes)
{
	assert(run == mark && processes == table);
	assert(kills == (searches == 0 ? 2 : 5) && closed == (searches > 0));
	searches++;
}

/* While the guardian waits for its second look the late one comes. */
static int let_through(const struct timespec *time, struct timespec *rest)
{
	(void)rest;
	assert(closed && time->tv_sec == 0 && time->tv_nsec > 0);
	table[3].pid = LATE;
	return 0;
}

#define kill                   note_kill
#define nanosleep              let_through
#define system_await_death_of  die_at_once
#define system_close_all       note_close
#define system_set_whole_title note_title
#define survivors_kill         note_search
#define close(fd)              ((void)(fd))
#include "../../src/pool/guardian.c"

static bool was_killed(pid_t pid)
{
	for (size_t i = 0; i < kills; i++)
		if (killed[i] == pid)
			return true;
	return false;
}

int main(void)
{
	struct charge charge = {"job-guardian", 1, table, mark, NULL};

	for (size_t i = 0; i < 4; i++)
		table[i].used = true;
	table[1].pid = FIRST;
	table[2].pid = SECOND;
	assert(guard(&charge) == 0);
	assert(searches == 2);
	assert(was_killed(FIRST) && was_killed(SECOND) && was_killed(LATE));
}
