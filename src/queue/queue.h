/*
 * queue: items -> jobs: read, gathered, numbered, judged by the journal, handed out.
 *
 * The slots take their jobs from here, one after the other: the slot that has the turn reads the
 * next items by itself, and the others wait for theirs. So nothing is read that no slot is free
 * for.
 */
#ifndef PEXEC_QUEUE_QUEUE_H
#define PEXEC_QUEUE_QUEUE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/interrupt.h"
#include "base/turn.h"
#include "command/template.h"
#include "queue/batch.h"
#include "queue/columns.h"
#include "queue/fetch.h"
#include "queue/item_count.h"
#include "queue/job.h"
#include "queue/keys.h"
#include "queue/order.h"
#include "queue/outstanding.h"
#include "queue/queue_options.h"
#include "queue/ready.h"
#include "queue/resume.h"
#include "queue/shares.h"
#include "queue/source.h"
#include "record/journal.h"

struct queue {
	const struct queue_options *options;
	struct interrupt interrupt;     /* makes the slot that waits for an item look up */
	struct ready ready;             /* jobs that are made already */
	struct keys keys;               /* of jobs, and those that wait for theirs */
	_Atomic int64_t left;           /* items that no job has got yet; -1: that is not known */
	_Atomic int64_t taken;          /* items that were read, where they are counted ahead */
	struct item_count counted;      /* how many there are in the files */
	_Atomic uint64_t numbered;      /* jobs so far; by the slot that has the turn */
	atomic_bool ended;              /* no new job comes any more */
	atomic_bool is_read;            /* it is certain that none will: all has been read */
	struct outstanding outstanding; /* jobs that came from a command and are not over */
	struct columns columns;         /* that jobs have */

	/* of the slot that has the turn */
	struct turn turn;
	struct source *source;
	struct fetch *fetch;        /* the command that gives the items; NULL: none does */
	const atomic_uint *slots;   /* how many there may be; NULL: it does not matter */
	const atomic_uint *at_work; /* how many of them have a job */
	struct batch batch;
	struct shares shares; /* what comes before anything else is read */
	struct resume_filter resume;
	struct order order;         /* of jobs, where that is not the queue's */
	const struct item *item;    /* read, and in no job yet; NULL: none is */
	bool is_sharing;            /* the job that is made gets a share */
	unsigned long long to_skip; /* items */
	bool closing;               /* no command is run any more */
	bool has_looked;            /* --share: it was looked for what others have left */
};

enum queue_status {
	QUEUE_JOB,         /* there is a job, and the slot keeps the turn until queue_pass_on */
	QUEUE_END,         /* there is none any more */
	QUEUE_INTERRUPTED, /* look whether the run goes on, and call again */
	QUEUE_FAILED,      /* a file could not be read to its end; the reason has been said */
	QUEUE_TOO_LARGE    /* a batch did not fit, and -x is on; it has been said */
};

/*
 * Opens the queue. `retry` is set to the time at which queue_release has to be called. Exits with
 * status 1 and a message on files that cannot be read.
 */
void queue_open(struct queue *queue, const struct queue_options *options, struct timer *retry);

/* Begins to count the items of files, where the options ask for that: call it once. */
void queue_count_ahead(struct queue *queue);

/* The names of the columns (--header). */
const struct strlist *queue_names(const struct queue *queue);

/*
 * Tells the queue what a batch costs, and how the journal, if there is one to resume by, knows a
 * job: by its command.
 */
void queue_set_template(
    struct queue *queue, const struct template *template, struct journal *journal);

/* The records of a table have so many columns already; 0: there are none. Before the first job. */
void queue_set_width(struct queue *queue, size_t width);

/* How many slots there may be, and how many of them have a job, at any moment: the command of
 * --next is told how many are free. */
void queue_set_slots(struct queue *queue, const atomic_uint *slots, const atomic_uint *at_work);

/* What makes the key of a job; NULL: jobs have none. */
void queue_set_key(struct queue *queue, const struct template *key);

/* How many interrupts there have been: to be read before the look at whether the run goes on. */
unsigned queue_interrupts(const struct queue *queue);

/*
 * Waits for the turn, and takes the next job: one that was put back, or `*spare`, an empty one,
 * filled. Waits for its items, but returns QUEUE_INTERRUPTED once there is another number of
 * interrupts than `seen`. `*spare` is NULL when it was given away.
 */
enum queue_status queue_next(
    struct queue *queue, struct job **spare, struct job **job, unsigned seen);

/*
 * The next block for a job that runs already (--spread), as a job without a number: when it is put
 * back, it gets one as it is handed out. As queue_next, but what was put back is for slots, and the
 * turn is passed on.
 */
enum queue_status queue_next_block(
    struct queue *queue, struct job **spare, struct job **job, unsigned seen);

/* The exit status of a run that QUEUE_TOO_LARGE ends. */
int queue_too_large_status(const struct queue *queue);

/*
 * May the job that queue_next or queue_last gave be run now? If not, as its key is busy, it has
 * stepped aside, and is handed out again later. By the slot that has the turn.
 */
bool queue_admit(struct queue *queue, struct job *job);

/* The job has ended for good: its key is free. Returns whether another one is ready by that. */
bool queue_job_ended(struct queue *queue, struct job *job);

/* So many jobs may wait for their next attempt that have a block, and with it a file. */
enum { QUEUE_MOST_BLOCKS = 16 };

/* How many jobs have stepped aside, and are these, or others that wait, so many that no other one
 * is to be read? */
unsigned queue_aside(const struct queue *queue);
bool queue_is_blocked(const struct queue *queue);

/* The job that queue_next gave has its place in the order: the next slot may take one. */
void queue_pass_on(struct queue *queue);

/* A job that came from here begins; it is over, and all has been done for it. */
void queue_job_begins(struct queue *queue, struct job *job);
void queue_job_over(struct queue *queue, struct job *job);

/*
 * Is there work for one more slot? Not when it is certain that no job follows, nor when a slot has
 * the turn already. Never waits.
 */
bool queue_more(struct queue *queue);

/* Puts a job back, to be taken by another slot. */
void queue_put_back(struct queue *queue, struct job *job);

/* Puts a job back that is not to be taken before `due_ms` of clock_ms(). */
void queue_put_back_until(struct queue *queue, struct job *job, int64_t due_ms);

/*
 * Adds a job of one item, which has to be its only word, from outside; it is the next one to be
 * taken. Returns NULL, or why that cannot be; then the job is still the caller's. Safe from any
 * thread.
 */
const char *queue_add(struct queue *queue, struct job *job);

/*
 * Nothing more can be added from now on. Returns false, and nothing changes, while there is a job
 * that can be taken.
 */
bool queue_seal(struct queue *queue);

/* Does a command give the items? */
bool queue_is_fetched(const struct queue *queue);

/* Do items that --next has given, and no job has done, go back when the run ends? */
bool queue_gives_back(const struct queue *queue);

/* Lets the jobs be taken whose time has come by `now_ms`. Returns how many these are. */
unsigned queue_release(struct queue *queue, int64_t now_ms);

/* How many jobs that were put back may be taken now, and how many wait for their time? */
unsigned queue_ready(const struct queue *queue);
unsigned queue_delayed(const struct queue *queue);

/* Takes a job that was put back or has stepped aside, whether its time has come or not; NULL: there
 * is none. */
struct job *queue_take_rest(struct queue *queue);

/*
 * The run drains: ends the command that gives the items; but --next may end by itself before. What
 * it has given are still jobs: then returns QUEUE_JOB, as queue_next.
 */
enum queue_status queue_last(struct queue *queue, struct job **spare, struct job **job);

/*
 * The run ends: ends the command that gives the items; with `patience` --next may end by itself
 * before. Makes a job of something that it has given and that no job has got, to be left out.
 * Returns NULL when there is nothing of that kind; else `*spare`, which is NULL then.
 */
struct job *queue_take_given(struct queue *queue, struct job **spare, bool patience);

/* The run gives up: ends the command that gives the items. What that has given and no job has got
 * is left to queue_report_rest. */
void queue_end_command(struct queue *queue);

/*
 * May there be something that --next has given and no job has got? Not while a slot has the turn,
 * which looks after that itself. Never waits.
 */
bool queue_has_given(struct queue *queue);

/* Signals the command that gives the items. */
void queue_signal(struct queue *queue, int signal);

/* Is this the process of the command that gives the items? See fetch_is_process. */
bool queue_is_process(const struct queue *queue, pid_t pid);

/*
 * --follow, --next: says what was read from a FIFO, or given, and is no job; and of --next which
 * jobs are not over. Call it when no slot takes jobs any more. Slots that are stuck are not waited
 * for: what one of these is about to read is not named. Returns whether items of --next are lost.
 */
bool queue_report_rest(struct queue *queue);

/* --share: has all been read to the end? When no slot takes jobs any more. */
bool queue_is_through(const struct queue *queue);

void queue_close(struct queue *queue);

#endif
