#include "pool/guardian.h"

#include <err.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/console.h"
#include "base/message.h"
#include "base/system_companion.h"
#include "base/system_title.h"
#include "pool/pool.h"
#include "process/survivors.h"

/* A thread of pexec that dies a little later than the others may have let a job through. */
static const struct timespec SECOND_LOOK = {.tv_nsec = 20000000};

/* The first guardian that dies is followed by another one at once, and each of the others no sooner
 * than so many ms after it was started: something may kill them all. */
enum { RESTART_INTERVAL_MS = 1000 };

/* The spare is started so many ms after the run has begun: a short one would be held up by it. */
enum { SPARE_AFTER_MS = 100 };

/* Processes at a time: the one that gives the items, and behind it those of the slots. */
enum { FETCH_PROCESS, SLOT_PROCESSES, PROCESSES = SLOT_PROCESSES + POOL_SLOTS + 1 };

/* What the guardian has to know. */
struct charge {
	const char *name;
	pid_t parent;
	volatile struct shared_process *processes;
	const char *mark;
	const struct jobserver *jobserver;
};

static void kill_groups(volatile struct shared_process *processes)
{
	for (; processes->used; processes++)
		if (processes->pid > 0)
			kill(processes->joins ? processes->pid : -processes->pid, SIGKILL);
}

/*
 * pexec's name is not in it: a user who kills pexec by its name does not mean the guardian. Neither
 * is the environment, as that of a pexec that is itself a job: the guardian of the outer one does
 * not mean this one.
 */
static void set_title(const struct charge *charge)
{
	char title[64];

	snprintf(title, sizeof title, "%s of %d", charge->name, (int)charge->parent);
	system_set_whole_title(title);
}

/* It takes no lock, nor memory: another thread may have had the lock when it was started. */
static int guard(void *context)
{
	const struct charge *charge = context;

	set_title(charge);
	if (!system_await_death_of(charge->parent, charge->name))
		return 1;
	/* The other guardian closes what it has when it is done. */
	system_own_descriptors();
	/* Before a shell writes there. */
	console_bury_foot();
	/* Locks that pexec had are free only when none of its jobs is left: another run that waits
	 * for one may begin to run the same jobs. */
	kill_groups(charge->processes);
	/* There may be no descriptor left to look with. */
	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
		close(fd);
	survivors_kill(charge->mark, charge->processes);
	if (charge->jobserver)
		jobserver_bury(charge->jobserver);
	system_close_all();
	nanosleep(&SECOND_LOOK, NULL);
	kill_groups(charge->processes);
	survivors_kill(charge->mark, charge->processes);
	return 0;
}

void guardian_init(struct guardian *guardian, const struct jobserver *jobserver)
{
	/* Pages that are never written to cost nothing. */
	void *processes = mmap(NULL, PROCESSES * sizeof *guardian->processes,
	    PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (processes == MAP_FAILED)
		err(1, "preparing the slots");
	*guardian = (struct guardian){.processes = processes, .jobserver = jobserver};
	job_mark_make_run(guardian->mark);
	/* The guardian goes on to the first that is not used. */
	guardian->processes[FETCH_PROCESS].used = true;
}

volatile struct shared_process *guardian_fetch_process(const struct guardian *guardian)
{
	return &guardian->processes[FETCH_PROCESS];
}

volatile struct shared_process *guardian_slot_processes(const struct guardian *guardian)
{
	return &guardian->processes[SLOT_PROCESSES];
}

/* The guardian lacks one of its two processes. */
static void start(struct guardian *guardian, int which)
{
	static const char *const names[] = {
	    [GUARDIAN] = "job-guardian", [SPARE] = "spare-guardian"};
	struct charge charge = {
	    names[which], getpid(), guardian->processes, guardian->mark, guardian->jobserver};
	int64_t now_ms = clock_ms();

	/* Also when the next one dies at once. */
	if (guardian->started[which])
		guardian->may_start_ms[which] = now_ms + RESTART_INTERVAL_MS;
	guardian->started[which] = true;
	pid_t pid = system_start_companion(guard, &charge);
	guardian->wanted = pid > 0 || errno != ENOSYS;
	if (pid < 0 && guardian->wanted && which == GUARDIAN && !guardian->is_missed)
		message_errno("starting the guardian: until there is one, what a job has started "
			      "itself will go on if pexec is killed by SIGKILL");
	if (which == GUARDIAN)
		guardian->is_missed = pid < 0;
	/* A kill of pexec's group shall not reach this process. */
	if (pid > 0 && setpgid(pid, 0) != 0)
		message_errno("a process group for the guardian");
	guardian->pids[which] = pid > 0 ? pid : 0;
}

void guardian_start(struct guardian *guardian)
{
	int64_t now_ms = clock_ms();

	if (!guardian->started[GUARDIAN])
		guardian->may_start_ms[SPARE] =
		    system_companions_share() ? now_ms + SPARE_AFTER_MS : INT64_MAX;
	for (int which = 0; which < GUARDIANS; which++)
		if (guardian->pids[which] == 0 && guardian->may_start_ms[which] <= now_ms)
			start(guardian, which);
}

int64_t guardian_look(struct guardian *guardian)
{
	int64_t due_ms = INT64_MAX;

	for (int which = 0; which < GUARDIANS; which++) {
		pid_t *pid = &guardian->pids[which];
		if (*pid > 0 && system_companion_has_ended(*pid))
			*pid = 0;
		if (*pid == 0 && guardian->may_start_ms[which] < due_ms)
			due_ms = guardian->may_start_ms[which];
	}
	return guardian->wanted ? due_ms : INT64_MAX;
}

bool guardian_is(const struct guardian *guardian, pid_t pid)
{
	return pid == guardian->pids[GUARDIAN] || pid == guardian->pids[SPARE];
}

void guardian_dismiss(struct guardian *guardian)
{
	guardian->wanted = false;
	for (int which = 0; which < GUARDIANS; which++)
		guardian->were_told[which] =
		    guardian->pids[which] > 0 && kill(guardian->pids[which], SIGKILL) == 0;
}

void guardian_reap(const struct guardian *guardian)
{
	/* One that could not be told ends by itself when pexec has ended: no job is left. */
	for (int which = 0; which < GUARDIANS; which++)
		if (guardian->were_told[which])
			system_reap_companion(guardian->pids[which]);
}

void guardian_free(struct guardian *guardian)
{
	munmap((void *)guardian->processes, PROCESSES * sizeof *guardian->processes);
}
