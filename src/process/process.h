/*
 * process: one process: starts it, signals its process group, waits for it.
 *
 * It decides nothing: when a process is started or ended is up to its callers. A process belongs to
 * the thread that starts it and waits for it, here called its slot; any other thread may signal it
 * at any time.
 *
 * How it is launched has a file of its own (launch.h), and so have its parts: how it is signalled
 * (process_signal.c), waited for (process_wait.c), ended for its run time (process_expiry.c), and
 * made to wait for others (process_hold.c).
 */
#ifndef PEXEC_PROCESS_PROCESS_H
#define PEXEC_PROCESS_PROCESS_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/resource.h>
#include <sys/types.h>

#include "base/lock.h"
#include "process/descendants.h"
#include "process/launch.h"

/* How a job is ended: signals, each with the time in ms that the job then has. */
enum { TERMINATION_STEPS = 16 };
struct termination {
	struct {
		int signal;
		long long wait_ms;
	} steps[TERMINATION_STEPS];
	size_t count;
};

struct process {
	struct lock lock;         /* held while the process is started, signalled and reaped */
	pid_t pid;                /* 0: none may be signalled */
	bool joins;               /* it is in our group; else `pid` is its own as well */
	_Atomic uint64_t pending; /* signals that came while the lock was taken: bit N - 1 for N */
	bool told_to_end;         /* it got a signal that ends processes */
	bool reaped;              /* the first process of the group is no more */
	int status;               /* of wait(2), of the first process that is no more */
	struct rusage usage;      /* what that has used */
	bool group_gone;          /* the number is free: the group may be another one's */
	const char *mark;         /* a variable in its environment; NULL: none tells of it */
	struct descendants descendants; /* that have left the group, once it was told to end */
	_Atomic pid_t refused;          /* a process that may not be signalled; 0: none */
	bool refusal_said;              /* that has been said */
	atomic_bool abandoned;          /* one that may not be signalled is waited for no longer */
	bool spared;         /* of the signals that end processes, only SIGKILL reaches it */
	int64_t started_ms;  /* in ms of clock_ms(), as all times here */
	bool idle;           /* its time does not count */
	bool timed_out;      /* process_expire has ended it for its run time */
	bool kill_requested; /* process_expire ends it, however long it has run */
	_Atomic int
	    wanted_terminal;  /* the signal that has stopped it as it wants the terminal; 0 */
	bool preempted;       /* process_expire ends it, to be started again later */
	int64_t suspended_ms; /* process_suspend has stopped it then; 0: it goes on */
	size_t next_step;     /* the step of its termination that comes next */
	int64_t next_step_ms; /* when that step is due, or when the last step's wait is over */
	int64_t all_sent_ms;  /* SIGKILL was sent, or the last step's wait is over; 0: no */
	volatile struct shared_process *shared;
};

/* Makes `process` ready for processes one after the other; `shared` is memory that a fork shares,
 * `orphans` the list of all of them. */
void process_init(
    struct process *process, volatile struct shared_process *shared, struct orphan_list *orphans);

/*
 * Announces that the slot is about to start a process: a signal to it is kept from now on. The slot
 * then checks whether the run still goes on, and calls process_start or process_cancel. So a signal
 * to all jobs finds the process, or the slot sees the reason why the supervisor sent it.
 */
void process_prepare(struct process *process);

/* Ends what process_prepare began, without a process. */
void process_cancel(struct process *process);

/*
 * Starts the process that was announced, in a group of its own unless it joins ours, and sends it
 * the signals that were kept. Returns 0, or -1 with errno when there is none.
 */
int process_start(struct process *process, const struct launch *launch);

/* Is it known that the process that was started could not run its program? Where vfork is a fork it
 * is not known before its end. */
bool process_exec_failed(const struct process *process);

/*
 * Waits until the process has ended, and reaps it. When it was told to end, waits for the rest of
 * its group, too, and for descendants that have left the group. Returns 0, or the errno of its exec
 * when the command could not be run. One that may not be signalled and was abandoned has a `status`
 * as if SIGKILL had ended it.
 */
int process_wait(struct process *process, int *status, struct rusage *usage);

/*
 * Reaps the process if it has ended, so that it holds none of the processes that there may be while
 * the slot waits for something else; process_wait is called later all the same. Returns whether the
 * process is no more. For the slot alone.
 */
bool process_reap(struct process *process);

/*
 * Sends a signal to the process's group, or to itself where it has none; one that ends processes
 * goes to descendants outside of the group, too. Never waits: while the process is being
 * started, which may take long on a slow file system, the signal is left for the slot. A signal
 * other than SIGSTOP, SIGCONT and SIGWINCH is remembered (process_told), and wakes stopped
 * processes.
 */
void process_signal(struct process *process, int signal);

/*
 * Returns the deadline for functions with an `until_ms`, in ms of clock_ms(): one second from now.
 *
 * The lock of a process is taken while it is being started, which may take long on a slow file
 * system. A thread that cannot do without the lock waits for it until this deadline, which it
 * takes once for all processes together.
 */
int64_t process_patience(void);

/* Waits until the slot has sent the signals that were left for it, or until `until_ms`. */
void process_settle(struct process *process, int64_t until_ms);

/*
 * Ends the process's group, step by step, once it has run for `timeout_ms`. 0: from now on;
 * NO_TIMEOUT: only if process_request_kill was called. Returns when the next call is due, in ms of
 * clock_ms(); INT64_MAX: none is. `timed_out` becomes whether its time has run out.
 */
#define NO_TIMEOUT INT64_MAX
int64_t process_expire(struct process *process, int64_t timeout_ms,
    const struct termination *termination, bool *timed_out);

/* Returns the number of a process that could not be signalled for want of the right to do so, once;
 * 0: there is none. */
pid_t process_take_refusal(struct process *process);

/* One that may not be signalled is waited for no longer than a moment from now on. */
void process_abandon(struct process *process);

/* Is `pid` a process that was seen to come from the running one, or has its mark? Where the process
 * is being started: no. */
bool process_has_descendant(struct process *process, pid_t pid);

/* Is the process there, and has not ended? Where it is being started: yes. */
bool process_lives(struct process *process);

/*
 * The number of the process when it has ended and something else is waited for, as the end of its
 * output. 0: it has not; or it is being started. `signals_come`: it is being ended, and signals are
 * still to be sent.
 */
pid_t process_that_lingers(struct process *process, bool *signals_come);

/* Writes which process holds the output of one that has ended: "process 123 (sleep)". */
enum { HOLDER_TEXT = 64 };
void process_name_holder(struct process *process, char text[HOLDER_TEXT]);

/* Makes the next process_expire end the running process, however long it has run. */
void process_request_kill(struct process *process);

/*
 * Is a job running that may be made to wait for others? False for a process that is spared, has
 * ended, or is being ended; or that is being started. Never waits.
 */
struct process_view {
	pid_t pid;
	int64_t started_ms;
	bool suspended;
};
bool process_may_wait(struct process *process, struct process_view *view);

/*
 * As process_request_kill, for the process that was started then: its job is going to be started
 * again. Returns false when there is none any more.
 */
bool process_preempt(struct process *process, int64_t started_ms);

/* Was the current process, or the last one, told to end by process_preempt? */
bool process_was_preempted(struct process *process);

/*
 * Stops the group of the process that was started then, and lets it go on. The time in between does
 * not count for its timeout. Returns false when there is none any more.
 */
bool process_suspend(struct process *process, int64_t started_ms);
bool process_resume(struct process *process, int64_t started_ms);

/* The process has been stopped by `signal`, SIGTTIN or SIGTTOU, and would wait for ever: kills it.
 */
void process_refuse_terminal(struct process *process, int signal);

/* The signal for which process_refuse_terminal was called for the current process, or the last one;
 * 0: it was not. */
int process_wanted_terminal(const struct process *process);

/* Does the time of the process count for its end? From now on, or not at all. Returns whether it
 * has been told to end before. */
bool process_count_time(struct process *process, bool counts);

/* Was process_request_kill called for the current process, or the last one? */
bool process_was_killed(struct process *process);

/*
 * Sets the number of the running process and when it was started, in ms of clock_ms(). Returns
 * false when none is running.
 */
bool process_look(struct process *process, pid_t *pid, int64_t *started_ms);

/*
 * Postpones the end of the process by `time_ms`, during which it was stopped. Waits for the lock
 * until `until_ms` (process_patience), and does nothing when it is still taken then.
 */
void process_postpone(struct process *process, int64_t time_ms, int64_t until_ms);

/* Has process_expire begun to end the process for its run time? */
bool process_timed_out(struct process *process);

/*
 * Is `pid` the running process? Waits for the lock until `until_ms` (process_patience); 0: not at
 * all. Returns false when the process is still being started then.
 */
bool process_is(struct process *process, pid_t pid, int64_t until_ms);

/* Was the process told to end, by process_signal or process_expire? */
bool process_told(struct process *process);

#endif
