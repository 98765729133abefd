#include "process/survivors.h"

#include <unistd.h>

#include "base/system_processes.h"
#include "base/system_walk.h"
#include "process/job_environment.h"
#include "process/job_mark.h"

/* How often the processes are looked through at most, when those that are killed start others. */
enum { MOST_PASSES = 100 };

/* Was the job running? */
static bool is_running(uint64_t seq, const volatile struct shared_process *processes)
{
	for (; seq > 0 && processes->used; processes++)
		if (processes->seq == seq)
			return true;
	return false;
}

/* Kills a process if it is of such a job. Returns whether it was. */
static bool kill_one(pid_t pid, const char *run, const volatile struct shared_process *processes)
{
	char mark[JOB_MARK_ROOM];
	/* It stays with the process that has the number now: what is read next is of that one, or
	 * that one is dead. */
	int process = system_process_descriptor(pid);

	if (process < 0)
		return false;
	system_variable(pid, variable_names[VARIABLE_JOB], mark, sizeof mark);
	bool killed = is_running(job_mark_seq(mark, run), processes) && system_kill(process) == 0;
	close(process);
	return killed;
}

/* Looks through all processes once. Returns whether it has killed one. */
static bool kill_all(const char *run, const volatile struct shared_process *processes)
{
	struct system_walk walk;
	bool any = false;
	pid_t pid;

	if (!system_walk_begin(&walk))
		return false;
	while ((pid = system_walk_next(&walk)) > 0)
		any |= kill_one(pid, run, processes);
	system_walk_end(&walk);
	return any;
}

void survivors_kill(const char *run, const volatile struct shared_process *processes)
{
	for (int pass = 0; pass < MOST_PASSES && kill_all(run, processes); pass++)
		;
}
