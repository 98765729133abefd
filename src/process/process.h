/*
 * spawn: one process of a job: finding the command, starting it, signalling its group, waiting.
 *
 * No policy here. A process belongs to the slot's thread that starts it and waits for it; any other
 * thread may signal it at any time.
 */
#ifndef PEXEC_PROCESS_PROCESS_H
#define PEXEC_PROCESS_PROCESS_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/resource.h>
#include <sys/types.h>

#include "base/lock.h"
#include "process/caller_state.h"

/* How a job is ended: signals, each with the time that the job then has. */
enum { TERMINATION_STEPS = 16 };
struct termination {
	struct {
		int signal;
		long long wait_ms;
	} steps[TERMINATION_STEPS];
	size_t count;
};

/* What a process leaves in memory that a fork shares. */
struct shared_process {
	pid_t pid; /* while it may be running; 0: none is */
	int error; /* the errno of a failed exec */
	bool used; /* this entry is */
};

struct process {
	struct lock lock;         /* held while the process is started, signalled and reaped */
	pid_t pid;                /* also the number of its group; 0: none that may be signalled */
	_Atomic uint64_t pending; /* signals that came while the lock was taken: 1 << N - 1 for N */
	bool told;                /* it was told to end */
	bool spared;              /* signals that end jobs do not reach it, but SIGKILL does */
	int64_t started_ms;       /* of clock_ms(); what follows is about its end */
	bool timed_out;
	bool kill_requested; /* it is to be ended now, however long it has run */
	size_t step;         /* of its termination, that comes next */
	int64_t step_at_ms;  /* and when */
	int64_t done_at_ms;  /* when it was killed, or its termination was over; 0: not yet */
	volatile struct shared_process *shared;
};

/* What is started. */
struct launch {
	const char *path;
	char *const *arguments;
	char *const *environment;
	int in;       /* becomes its stdin; 0: that of pexec */
	int out, err; /* become its stdout and stderr; -1: those of pexec */
	bool spared;  /* it is no job: of all signals that end those it gets SIGKILL alone */
	const struct caller_state *caller;
};

/* Prepares for processes one after the other; `shared` must be memory that a fork shares. */
void process_init(struct process *process, volatile struct shared_process *shared);

/*
 * A process is about to be started: from now on a signal to it is kept for it. The slot then looks
 * whether it may still be started, and calls process_start or process_cancel: so either a signal to
 * all jobs finds the process, or what made the supervisor send it is seen by the slot.
 */
void process_prepare(struct process *process);
void process_cancel(struct process *process);

/* Starts the process, in a group of its own. Returns 0, or -1 with errno when there is none. */
int process_start(struct process *process, const struct launch *launch);

/*
 * Waits until the process has ended and reaps it. Where it had been told to end, the rest of its
 * group is waited for too. Returns 0, or the errno of its exec when the command could not be run.
 */
int process_wait(struct process *process, int *status, struct rusage *usage);

/*
 * Sends a signal to the process's group, if it has one. Never waits: while the process is being
 * started, which may take long on a slow file system, the signal is left for the slot's thread. A
 * signal that ends processes is remembered (process_told), and wakes stopped ones.
 */
void process_signal(struct process *process, int signal);

/*
 * While a process is being started its lock is taken, and on a slow file system that may take long:
 * then a process may not even be stopped before its program is there. What waits for it all the
 * same does so until the time that this returns, in ms of clock_ms(): a second from now on, for all
 * processes together.
 */
int64_t process_patience(void);

/* Waits until a signal that was left for the slot's thread is sent. */
void process_settle(struct process *process, int64_t until_ms);

/*
 * Ends the process's group step by step when it has run for `timeout` ms; 0: from now on;
 * NO_TIMEOUT: only if that was requested. Returns when it has to be called again, in ms of
 * clock_ms(); INT64_MAX: not for this process.
 */
#define NO_TIMEOUT INT64_MAX
int64_t process_expire(
    struct process *process, int64_t timeout, const struct termination *termination);

/* From the next process_expire on the running process is ended, however long it has run. */
void process_request_kill(struct process *process);

/* Was that requested? */
bool process_was_killed(struct process *process);

/* The running process: its number and when it was started, in ms of clock_ms(). False: there is
 * none. */
bool process_look(struct process *process, pid_t *pid, int64_t *started_ms);

/* The process has been stopped for `time_ms` that do not count. `until_ms`: see process_patience.
 */
void process_postpone(struct process *process, int64_t time_ms, int64_t until_ms);

/* Has its time run out? */
bool process_timed_out(struct process *process);

/* Is this the running process? `until_ms` 0: one that is being started is not waited for. */
bool process_is(struct process *process, pid_t pid, int64_t until_ms);

/* Was the process told to end, by process_signal or as its time ran out? */
bool process_told(struct process *process);

#endif
