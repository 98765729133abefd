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

/*
 * Starts the guardian for `processes`: an array in memory that a fork shares, up to the first entry
 * that is not used. With every signal blocked, from the main thread. Returns its process number; 0
 * when there is none, and that has been said.
 */
pid_t guardian_start(volatile struct shared_process *processes);

/* Ends the guardian: no job is left. Until guardian_reap it is on its way. */
void guardian_dismiss(pid_t guardian);
void guardian_reap(pid_t guardian);

#endif
