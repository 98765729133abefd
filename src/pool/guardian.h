/*
 * guardian: sees to it that no job goes on alone when pexec itself is killed by SIGKILL.
 *
 * A companion process waits for the death of pexec, and then kills the process group of every job
 * that was running, and what has left that group (survivors.h). It learns of jobs by the numbers
 * that they leave in memory that both share: a job costs nothing. All other memory is its own, and
 * its command line has no word of pexec's: what is said to pexec by its name, or by its words, does
 * not mean the guardian. It shares the descriptors, and with them the lock of the journal, and the
 * units of --semaphore: no other run begins while jobs of this one live.
 *
 * The guardian can be killed as well. Then another one is started. When both are killed at once, a
 * spare does the same work: a run that lasts has one. When all three are, the kernel ends the first
 * process of each job, see system_end_with_thread.
 *
 * Where the system cannot tell of the death of a parent there is no guardian.
 */
#ifndef PEXEC_POOL_GUARDIAN_H
#define PEXEC_POOL_GUARDIAN_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "pace/jobserver.h"
#include "process/job_mark.h"
#include "process/process.h"

/* The two processes. */
enum { GUARDIAN, SPARE, GUARDIANS };

struct guardian {
	pid_t pids[GUARDIANS];                     /* 0: there is none */
	bool started[GUARDIANS];                   /* there was one before */
	bool wanted;                               /* there has to be one */
	bool is_missed;                            /* there was none to be had the last time */
	bool were_told[GUARDIANS];                 /* they were told to end */
	int64_t may_start_ms[GUARDIANS];           /* the next ones, of clock_ms() */
	volatile struct shared_process *processes; /* in memory that a fork shares */
	char mark[JOB_MARK_ROOM];                  /* what the marks of the run's jobs begin with */
	const struct jobserver *jobserver;         /* whose tokens jobs hold; NULL: none */
};

/*
 * Makes room for the processes of a run, whose jobs hold tokens of `jobserver` (NULL: none). Exits
 * with status 1 and a message without memory.
 */
void guardian_init(struct guardian *guardian, const struct jobserver *jobserver);

/* What the process of the command that gives the items leaves, and those of the slots. */
volatile struct shared_process *guardian_fetch_process(const struct guardian *guardian);
volatile struct shared_process *guardian_slot_processes(const struct guardian *guardian);

/*
 * Starts the guardian, or what is missing of its processes: with every signal blocked, from the
 * main thread. Where there will be none for now that is said, once.
 */
void guardian_start(struct guardian *guardian);

/*
 * Looks whether the guardian or its spare has died. Returns when guardian_start is to be called for
 * another one, of clock_ms(); INT64_MAX: both are there, or none is wanted.
 */
int64_t guardian_look(struct guardian *guardian);

/* Is it one of the guardian's processes? */
bool guardian_is(const struct guardian *guardian, pid_t pid);

/* Ends the guardian: no job is left. Until guardian_reap it is on its way. */
void guardian_dismiss(struct guardian *guardian);
void guardian_reap(const struct guardian *guardian);

/* Gives the memory back: no process is left. */
void guardian_free(struct guardian *guardian);

#endif
