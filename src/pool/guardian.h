/*
 * guardian: sees to it that no job goes on alone when pexec itself is killed by SIGKILL.
 *
 * A companion process waits for the death of pexec, and then kills the process group of every job
 * that was running. It shares pexec's memory, so that starting it copies nothing, and learns of
 * jobs by the numbers that they leave in it: a job costs nothing. It shares the descriptors as
 * well, and with them the lock of the journal: no other run begins while jobs of this one live.
 * Where the system cannot tell of the death of a parent there is no guardian.
 */
#ifndef PEXEC_POOL_GUARDIAN_H
#define PEXEC_POOL_GUARDIAN_H

#include "process/process.h"

struct guardian {
	pid_t pid;                                 /* 0: there is none */
	volatile struct shared_process *processes; /* in memory that a fork shares */
};

/* Makes room for the processes of a run. Exits with status 1 and a message without memory. */
void guardian_init(struct guardian *guardian);

/* What the process of the command that gives the items leaves, and those of the slots. */
volatile struct shared_process *guardian_fetch_process(const struct guardian *guardian);
volatile struct shared_process *guardian_slot_processes(const struct guardian *guardian);

/*
 * Starts the guardian: with every signal blocked, from the main thread. Where there will be none
 * that is said.
 */
void guardian_start(struct guardian *guardian);

/* Ends the guardian: no job is left. Until guardian_reap it is on its way. */
void guardian_dismiss(const struct guardian *guardian);
void guardian_reap(const struct guardian *guardian);

/* Gives the memory back: no process is left. */
void guardian_free(struct guardian *guardian);

#endif
