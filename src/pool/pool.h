/*
 * pool: what the slots share: how many there are, whether the run goes on, what has come out of it.
 */
#ifndef PEXEC_POOL_POOL_H
#define PEXEC_POOL_POOL_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/timers.h"
#include "command/template.h"
#include "output/output.h"
#include "pool/statistics.h"
#include "process/caller_state.h"
#include "process/process.h"
#include "queue/queue.h"
#include "record/results_table.h"

struct options;
struct pool;

/* How long, in ms, a status that is shown stays, and how long the first one takes to come. */
enum { NEWS_INTERVAL = 1000 };

/* A place in which one job runs at a time, and the thread that runs it. Its life is in slot.c. */
struct slot {
	struct pool *pool;
	unsigned number; /* from 1 */
	struct process process;
	pthread_t thread;
	bool used;    /* the thread exists, and must be joined before the slot is used again */
	bool busy;    /* the thread has not left yet */
	bool counted; /* among the pool's busy ones */
	bool extra;   /* beyond the limit, for jobs that were put back and that others wait for */
	_Atomic uint64_t seq; /* of the job that is running, for messages */
	pthread_mutex_t shown_lock;
	const struct job *shown; /* the job that is running, for --ctl; NULL: none */
};

enum pool_state {
	POOL_RUNNING,
	POOL_DRAINING, /* nothing more is started; what runs may finish */
	POOL_ENDING    /* the jobs are being ended */
};

struct pool {
	const struct options *options;
	struct queue *queue;
	const struct template *template;
	const struct template *tag;  /* what stands before each line of output; NULL: nothing */
	struct journal *journal;     /* --joblog; NULL: none */
	struct results_table *table; /* --results FILE; NULL: none */
	int results;                 /* --results DIR; -1: none */
	struct timer journal_lost;   /* set when --sync has failed */
	char *path; /* the command, found once; NULL when its name has an item in it */
	struct caller_state caller;
	struct output output;
	pthread_t supervisor;
	struct shared_process *processes; /* one for each slot, in memory that a fork shares */
	pid_t guardian;                   /* 0: there is none */

	pthread_mutex_t lock;   /* guards what follows */
	pthread_cond_t changed; /* a job has ended, or the state has changed */
	struct slot **slots;    /* by number - 1 */
	unsigned slot_count;    /* slots that have been made */
	int status;             /* the exit status that ends the run; 0: the jobs decide */
	int signal;             /* the signal that pexec dies of; 0: none */
	bool halted;            /* by --halt: `status` is its */

	atomic_uint limit;       /* slots that may be used (-j, SIGUSR1, SIGUSR2) */
	atomic_uint busy;        /* slots that are used */
	atomic_bool cut;         /* there would be more, but for the limit of descriptors */
	_Atomic int64_t grow_at; /* no slot is added before, in ms: the system had no room for it */
	atomic_uint waiting;     /* slots that wait for a job */
	atomic_uint running;     /* slots with a process */
	atomic_uint short_of_room; /* slots in pool_wait_for_room */
	atomic_flag scarce;        /* it was said that processes or descriptors run short */
	atomic_flag output_lost;   /* it was said that our output cannot be written */
	atomic_bool paused;        /* stopped with the terminal: nothing is started */
	atomic_bool held;          /* by --ctl pause: the same, while jobs go on */
	atomic_bool condemned;     /* a job is to be ended, whatever its time */
	atomic_bool news;          /* since the status was shown something has changed */
	_Atomic int64_t news_due;  /* when it may be shown again, in ms of clock_ms() */
	int64_t began;             /* when the pool was made, in ms of clock_ms() */
	atomic_bool killed;        /* SIGKILL was sent to all: nothing at all is started */
	_Atomic enum pool_state state;
	_Atomic uint64_t done, failed; /* jobs */
	uint64_t total;                /* all jobs of the queue; 0: not known */
	_Atomic uint64_t left_out;     /* jobs that were taken, and not run to their end */
	_Atomic int64_t timeout;       /* that a job has, in ms; 0: none (yet) */
	_Atomic int64_t sleeps_until;  /* when the supervisor looks again by itself, in ms */
	_Atomic int64_t next_start;    /* --delay: no job starts before, in ms */
	struct statistics statistics;
};

/* Prepares the pool. Exits with status 1 and a message when the machine does not give what it
 * needs. */
void pool_init(struct pool *pool, const struct options *options, struct queue *queue,
    const struct template *template, const struct template *tag);

void pool_free(struct pool *pool);

/*
 * Changes the state, if that is further than the present one, and lets the supervisor know.
 * `status` is the exit status that results, `signal` the signal that pexec dies of; of several
 * calls the first counts, but a signal counts more than a status. Returns whether this call set the
 * status.
 */
bool pool_stop(struct pool *pool, enum pool_state state, int status, int signal);

/*
 * Ends the run as our stdout or stderr cannot be written to: `error` is the errno, or 0 when that
 * has been said; it is said once. Without a reader pexec dies of SIGPIPE, as a program without
 * slots would.
 */
void pool_give_up_output(struct pool *pool, int error);

/* Makes sure that the supervisor looks at the pool at that time, in ms of clock_ms(). */
void pool_wake_supervisor_by(struct pool *pool, int64_t time);

/* Lets the supervisor look at the pool. */
void pool_wake_supervisor(struct pool *pool);

/* Sends a signal to the group of every running job. */
void pool_signal(struct pool *pool, int signal);

/*
 * Visits the jobs that are running, in the order of their slots, until `visit` returns false; what
 * it gets stays as it is while it looks. Only with --ctl.
 */
void pool_visit(struct pool *pool,
    bool (*visit)(void *context, struct slot *slot, const struct job *job), void *context);

/* Ends the running job with this number as one whose time has run out. False: there is none. */
bool pool_condemn(struct pool *pool, uint64_t seq);

/*
 * Something has changed that the status shows. Whoever is the first to say so since it was shown
 * makes sure that the supervisor shows it, and no sooner than a second after the last time.
 */
void pool_note_news(struct pool *pool);

/* Stops all running jobs, for pexec is to be stopped itself: also those that are being started. */
void pool_stop_jobs(struct pool *pool);

/*
 * Ends the jobs that have run for `timeout` ms, all of them when it is 0. Returns when it has to be
 * called again, INT64_MAX for never.
 */
int64_t pool_expire(struct pool *pool, int64_t timeout);

/* Gives the jobs back the time, in ms, for which they were stopped. */
void pool_postpone(struct pool *pool, int64_t time);

/*
 * Finds the slot in which this process runs; NULL when there is none. Processes that are being
 * started are waited for until `until` (process_patience); NULL: not at all.
 */
struct slot *pool_find(struct pool *pool, pid_t pid, const struct timespec *until);

/* Stops the start of jobs for a while, or goes on. */
void pool_pause(struct pool *pool, bool paused);

/* The same, for somebody else: nothing is started while one of the two holds. */
void pool_hold(struct pool *pool, bool held);

/* Does one of them hold? */
bool pool_is_paused(const struct pool *pool);

/* Waits while the pool is paused. Returns false when the state has changed: nothing more is
 * started. */
bool pool_wait_while_paused(struct pool *pool);

/*
 * May a job be started that has been taken from the queue? As long as the run goes on. What --next
 * has taken off its queue, nobody else will run: that is started also when nothing more is taken.
 */
bool pool_may_run(const struct pool *pool);

/*
 * May this slot take a job? Not when the run ends, nor while more slots are used than there may be
 * (as in xargs no job starts while that many run), nor while too much output waits for its turn.
 */
bool pool_may_take(const struct slot *slot);

/*
 * Waits until the slot may take a job. Returns false when its thread has to leave: the run ends, or
 * the slot is one too many, and counted as waiting no more.
 */
bool pool_await_turn(struct pool *pool, struct slot *slot);

/*
 * May one more slot be used? Says so, once, when that is for want of descriptors only.
 */
bool pool_may_grow(struct pool *pool);

/* The system has no room for another slot: none is added for a while. */
void pool_hold_growth(struct pool *pool);

/*
 * Sets the number of slots, from 1 to MAX_SLOTS, as far as there can be descriptors for more of
 * them; says so where there cannot. Returns what it is now. Whether one is to be started is up to
 * the caller.
 */
unsigned pool_set_slots(struct pool *pool, unsigned slots);

/* The same by one, up or down. */
void pool_resize(struct pool *pool, int change);

/* The lowest slot that has no thread, made if need be; NULL without memory. With the lock held. */
struct slot *pool_free_slot(struct pool *pool);

/* A slot's thread is about to end. */
void pool_slot_left(struct pool *pool, struct slot *slot);

/* Says, once, that the system has no room for more. */
void pool_say_scarce(struct pool *pool, int error);

/* A process has started, or ended: slots that wait for room look again. */
void pool_process_started(struct pool *pool);
void pool_process_ended(struct pool *pool);

/* Output that was kept has gone out: jobs that had to wait for that may start. */
void pool_output_moved(struct pool *pool);

/* --delay: waits until another job may start. Returns false when nothing more is to be started. */
bool pool_await_start(struct pool *pool);

/* Counts a job that is over, and ends the run where --halt says so. */
void pool_job_ended(struct pool *pool, const struct job *job);

/* A job has been taken from the queue that will not be run to its end. */
void pool_job_left_out(struct pool *pool);

/* Is there nothing that could still be run? */
bool pool_is_idle(const struct pool *pool);

/* From now on no slot starts, whoever wants one. False: one has begun meanwhile. */
bool pool_close(struct pool *pool);

enum room {
	ROOM_MAYBE, /* try again */
	ROOM_LEAVE, /* the job has been put back, for the slot that waits already */
	ROOM_NEVER, /* nothing of ours will make room */
	ROOM_ENDED  /* nothing more is to be started */
};

/*
 * The system has no room for the slot's job; `error` says what ran short. One slot waits until a
 * job ends, or a second has gone by. Others leave: their threads take room themselves.
 */
enum room pool_wait_for_room(struct pool *pool, struct slot *slot, struct job *job, int error);

/* The exit status of a run that is over. */
int pool_exit_status(struct pool *pool);

#endif
