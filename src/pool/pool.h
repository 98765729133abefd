/*
 * pool: the slots: how many there may be, which are used, and what is done to all of their jobs at
 * once.
 *
 * A slot is a place in which one job runs at a time, with a number and a thread of its own; what
 * the thread does is in slot.c. Slots are made when they are first needed and stay until the end of
 * the run, so that any thread may look at one of them, once it has found it with the lock held.
 */
#ifndef PEXEC_POOL_POOL_H
#define PEXEC_POOL_POOL_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "base/escape.h"
#include "base/lock.h"
#include "base/timers.h"
#include "pace/sizer.h"
#include "pace/slot_count.h"
#include "pool/attempt.h"
#include "pool/descriptors.h"
#include "record/report_rows.h"

struct slot_parts;

/* There are never more slots than this: those of -j, and some that slot_start_extra adds. */
enum { POOL_SLOTS = MAX_SLOTS + 1024 };

struct slot {
	struct pool *pool;
	const struct slot_parts *parts; /* of the run, for its thread */
	unsigned number;                /* from 1 */
	struct attempt attempt;         /* the one that it makes, its process too */
	struct job *spare;              /* an empty job; NULL: there is none */
	pthread_t thread;
	pid_t lingers; /* the first process of its job has ended; only the supervisor uses it */
	int64_t lingers_since_ms; /* seen at first, of clock_ms() */
	bool linger_said;         /* that has been said */
	bool joinable; /* the thread exists, and must be joined before the slot is used again */
	bool alive;    /* the thread has not left yet */
	bool counted;  /* among the pool's busy ones */
	bool extra;    /* beyond the limit, for jobs that were put back, or items to give back */
};

struct pool {
	const struct slot_parts *slot_parts;
	const struct attempt_parts *attempt_parts;
	struct run_state *state;
	struct events *events;
	struct output *output;
	struct progress *progress;
	struct caller_state *caller;
	volatile struct shared_process *processes; /* one for each slot */
	struct descriptor_needs needs;
	const struct shortage *shortage; /* no slot is made while it holds */
	struct jobserver *jobserver;     /* that we serve: as many tokens as slots; NULL: none */

	atomic_uint limit;    /* slots that may be used (-j, SIGUSR1, SIGUSR2, --ctl) */
	atomic_uint busy;     /* slots that are used */
	atomic_uint waiting;  /* slots that wait for a job */
	unsigned wanted;      /* -j, where there were not descriptors for as many; 0: there were */
	atomic_flag cut_said; /* it was said that there are fewer */
	struct lock lock;     /* guards what follows */
	struct slot **slots;  /* by number - 1 */
	unsigned slot_count;  /* slots that have been made */
	bool closed;          /* no slot starts any more */
};

/*
 * The parts of the run that it works with have to be set, and what a slot needs. Makes room for so
 * many slots. Returns how many descriptors are left beside theirs.
 */
unsigned long pool_init(struct pool *pool, unsigned slots);
void pool_free(struct pool *pool);

/* --- how many slots there are --- */

/* How many slots may be used. */
unsigned pool_limit(const struct pool *pool);

/* Before the first slot starts: the number to begin with; what pool_init has room for is the most.
 */
void pool_begin_with(struct pool *pool, unsigned slots);

/*
 * Sets that number, from 1 to MAX_SLOTS, as far as there can be descriptors for more of them; says
 * so where there cannot. Returns what it is now. Whether one is to be started is up to the caller.
 */
unsigned pool_set_slots(struct pool *pool, unsigned slots);

/* Has the sizer find that number from now on, in this range. Returns what it is now. By the control
 * thread. */
unsigned pool_find_slots(struct pool *pool, struct sizer *sizer, const struct slot_range *range);

/*
 * How many descriptors have to be free so that a job can start, be it when the one that runs has
 * given back its own.
 */
unsigned long pool_start_descriptors(const struct pool *pool);

/* Sets it to one more (1) or one fewer (-1). */
void pool_resize(struct pool *pool, int change);

/* May one more slot be used now? Says so, once, when that is for want of descriptors only. */
bool pool_may_grow(struct pool *pool);

/*
 * Counts in the lowest slot that has no thread, made if need be. `waiting`: one more is wanted
 * where so many wait for a job; `extra`: however many wait, and also beyond the limit. NULL: there
 * may be none; or with errno: EBUSY, others wait by now, and whether it is wanted is to be looked
 * at again; else there is no memory.
 */
struct slot *pool_claim(struct pool *pool, bool extra, unsigned waiting);

/* The slot's thread could not be made. */
void pool_unclaim(struct pool *pool, struct slot *slot);

enum pool_verdict {
	POOL_STAY, /* the slot may take a job */
	POOL_WAIT, /* more slots are used than there may be, and this one is not among the last */
	POOL_LEAVE /* it is one too many, and counted out: its thread has to leave */
};

/* May a slot that waits go on? `extra_has_work`: so may one that is beyond the limit. */
enum pool_verdict pool_ask(struct pool *pool, struct slot *slot, bool extra_has_work);

/* The slot takes no other job: it is counted out. Its thread may still be there. */
void pool_count_out(struct pool *pool, struct slot *slot);

/* The slot's thread is about to end. Returns whether no slot is used any more. */
bool pool_leave(struct pool *pool, struct slot *slot);

/* No slot is used: from now on none starts. False, and nothing changes, while there is one. */
bool pool_close(struct pool *pool);

/* Waits for the threads of all slots. */
void pool_join(struct pool *pool);

/* --- what is done to all jobs --- */

/* Sends a signal to the group of every running job. */
void pool_signal(struct pool *pool, int signal);

/* Stops all running jobs, for pexec is to be stopped itself: also those that are being started. */
void pool_stop_jobs(struct pool *pool);

/* Our terminal may have another size: that of the jobs' own ones becomes the same. */
void pool_fit_terminals(struct pool *pool);

/*
 * Ends the jobs that have run for `timeout_ms`, all of them when it is 0, as `termination` says.
 * Returns when it has to be called again, of clock_ms(); TIMER_NEVER: for none of them.
 */
int64_t pool_expire(struct pool *pool, int64_t timeout_ms, const struct termination *termination);

/* Says of which jobs a process could not be signalled. Returns whether there is a new one. */
bool pool_report_refusals(struct pool *pool);

/*
 * Says of which jobs the first process has ended while another one holds the output, once for each
 * job, when it is seen LINGER_SAID_AFTER, in ms, after it was seen first. Returns whether it has to
 * be called again after that time.
 */
enum { LINGER_SAID_AFTER = 4000 };
bool pool_report_lingering(struct pool *pool);

/* Says for which jobs the run waits no longer, though they were ended in every way there is. */
void pool_report_abandoned(struct pool *pool);

/* Processes that may not be signalled are not waited for any longer. */
void pool_abandon(struct pool *pool);

/* Does the process of some job live? One that has ended and is not reaped does not. */
bool pool_has_living(struct pool *pool);

/* Does this process, which has another parent than its job's first one, come from a running job? */
bool pool_has_descendant(struct pool *pool, pid_t pid);

/* Gives the jobs back the time, in ms, for which they were stopped. */
void pool_postpone(struct pool *pool, int64_t time_ms);

/* The jobs that may be made to wait for others; process_may_wait tells which. */
struct waitable_job {
	struct process *process; /* NULL: there is none */
	int64_t started_ms;      /* of clock_ms() */
	uint64_t seq;
};
struct waitable_jobs {
	unsigned going, suspended;     /* how many */
	struct waitable_job youngest;  /* of all */
	struct waitable_job stop_next; /* the youngest of those that go on */
	struct waitable_job wake_next; /* the oldest of those that are suspended */
};
struct waitable_jobs pool_waitable(struct pool *pool);

/*
 * Of `running` jobs each is going to take `each` bytes of memory. Returns how many are still to be
 * taken of that: all of them by a job that is being started.
 */
double pool_untaken_memory(struct pool *pool, unsigned running, double each);

/*
 * The process of a job that has this number; NULL: none has. Processes that are being started are
 * waited for until `until_ms` (process_patience); 0: not at all.
 */
struct process *pool_find(struct pool *pool, pid_t pid, int64_t until_ms);

/* What is seen of a running job. */
struct running_job {
	uint64_t seq;
	unsigned slot;
	pid_t pid;
	int64_t started_ms; /* of clock_ms() */
	char item[ESCAPED]; /* its first item, made safe to print */
};

/* What job runs in the lowest slot from this number on? False: there is none. */
bool pool_look(struct pool *pool, unsigned number, struct running_job *seen);

/* The jobs that run now: their number, and how long they have run. */
struct work_at_hand {
	unsigned jobs;
	double spent_s;     /* all of them together */
	double longest_s;   /* the one that has run for longest */
	char item[ESCAPED]; /* of that one, made safe to print */
};
struct work_at_hand pool_work_at_hand(struct pool *pool, int64_t now_ms);

/*
 * Writes the job that runs in the lowest slot from this number on, as an object of JSON in a line.
 * Returns the number of its slot; 0: there is none.
 */
unsigned pool_write_job(struct pool *pool, unsigned number, FILE *to);

/* What --report tells of the jobs that run: `*count` of them, in memory of the caller's. Without
 * memory there are fewer. */
struct report_running *pool_describe_running(struct pool *pool, size_t *count);

/* Lets those who want to listen to this job do so, if it runs. */
void pool_let_listen(struct pool *pool, uint64_t seq);

/* From the next pool_expire on the running job with this number is ended; sets `found` to it.
 * False: there is none. */
bool pool_request_kill(struct pool *pool, uint64_t seq, struct running_job *found);

#endif
