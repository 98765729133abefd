#include "pool/guardian.h"
#include "cli/options.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/message.h"
#include "base/system.h"

/* A thread of pexec that dies a little later than the others may have let a job through. */
static const struct timespec SECOND_LOOK = {.tv_nsec = 20000000};

/* What the guardian has to know. */
struct charge {
	pid_t parent;
	volatile struct shared_process *processes;
};

static void kill_groups(volatile struct shared_process *processes)
{
	for (; processes->used; processes++)
		if (processes->pid > 0)
			kill(-processes->pid, SIGKILL);
}

/* Only system calls: memory, errno too, is that of pexec until that has died. */
static int guard(void *context)
{
	const struct charge *charge = context;

	if (!system_await_death_of(charge->parent))
		return 1;
	/* Locks that pexec had are free only when none of its jobs is left: whoever waits for one
	 * may begin to run the same jobs. */
	kill_groups(charge->processes);
	system_close_all();
	nanosleep(&SECOND_LOOK, NULL);
	kill_groups(charge->processes);
	return 0;
}

pid_t guardian_start(volatile struct shared_process *processes)
{
	static struct charge charge;

	charge = (struct charge){getpid(), processes};
	pid_t guardian = system_start_companion(guard, &charge);

	if (guardian < 0 && errno != ENOSYS)
		message_errno(
		    "starting the guardian: jobs will go on if pexec is killed by SIGKILL");
	/* Whoever kills pexec's group shall not reach this process. */
	if (guardian > 0 && setpgid(guardian, 0) != 0)
		message_errno("a process group for the guardian");
	return guardian > 0 ? guardian : 0;
}

void guardian_dismiss(pid_t guardian)
{
	if (guardian <= 0)
		return;
	kill(guardian, SIGKILL);
}

void guardian_reap(pid_t guardian)
{
	if (guardian > 0)
		system_reap_companion(guardian);
}
