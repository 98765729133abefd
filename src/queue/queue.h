/*
 * queue: items -> jobs. Numbers them, gathers batches, skips what is to be skipped.
 *
 * The slots take their jobs from here, one after the other: whoever has the queue reads the next
 * items for himself, and the others wait for their turn. So nothing is read that no slot is free
 * for.
 */
#ifndef PEXEC_QUEUE_QUEUE_H
#define PEXEC_QUEUE_QUEUE_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/strlist.h"
#include "command/template.h"
#include "queue/fetch.h"
#include "queue/job.h"
#include "queue/queue_options.h"
#include "queue/source.h"
#include "record/journal.h"

struct queue {
	const struct queue_options *options;
	pthread_mutex_t lock;
	struct source *source;
	struct template_cost cost;
	size_t argument_bytes; /* the system's limit for a command line, pointers included */
	size_t batch_bytes;    /* the user's, for the strings alone (-s) */
	size_t word_bytes;     /* the system's limit for one argument */
	uint64_t jobs;         /* how many there have been */
	uint64_t to_run;       /* of these, without those that the journal leaves out */
	unsigned long long to_skip;
	bool ended;
	_Atomic int64_t left; /* items that no job has got yet; -1: nobody knows */
	struct strlist held;  /* read, and not in a job yet: what did not fit into the last batch */
	size_t held_items;
	size_t held_length; /* of the longest value in it; 0: looked at already */
	const struct template *template;
	struct journal *journal;         /* tells what is left out; NULL: nothing is */
	struct strlist command, printed; /* of a job that the journal may have */
	struct job_list unproved; /* not in the journal, but before one that is: not run yet */
	bool (*may_wait)(void *context); /* of the queue_next that is under way */
	void *context;
	int interrupt[2];        /* a pipe: a byte in it makes a reader that waits look up */
	struct fetch *fetch;     /* the command that gives the items; NULL: none does */
	atomic_uint outstanding; /* jobs that are not over, where one does */
	bool closing;            /* nothing more is fetched */

	pthread_mutex_t returned_lock; /* guards what follows */
	struct job_list returned;      /* jobs that were put back */
	struct job_tree delayed;       /* and those that wait for their time */
	atomic_uint returned_count, delayed_count;
	uint64_t added;      /* jobs that came from outside */
	bool sealed;         /* and no more may come */
	_Atomic int64_t due; /* when the first of these may be taken; INT64_MAX: there is none */
};

enum queue_status {
	QUEUE_JOB,
	QUEUE_END,
	QUEUE_INTERRUPTED, /* by queue_interrupt */
	QUEUE_FAILED,      /* a file could not be read to its end; the reason has been said */
	QUEUE_TOO_LARGE    /* a batch did not fit, and -x is on; it has been said */
};

/* Opens the queue. Exits with status 1 and a message on files that cannot be read. */
void queue_open(struct queue *queue, const struct queue_options *options);

/* The names of the columns (--header). */
const struct strlist *queue_names(const struct queue *queue);

/*
 * Tells the queue what a batch costs, and how the journal, if there is one, knows a job: by its
 * command.
 */
void queue_set_template(
    struct queue *queue, const struct template *template, struct journal *journal);

/*
 * Takes the next job: fills `*job`, which is empty, or replaces it by one that was put back. Waits
 * for its items; `may_wait(context)` is asked, with the queue taken,
 * before each wait, and when it says no the call returns QUEUE_INTERRUPTED.
 */
enum queue_status queue_next(
    struct queue *queue, struct job **job, bool (*may_wait)(void *context), void *context);

/*
 * How many jobs there are in all, with those that the journal leaves out; 0: that is not known
 * before the items are read. Before the first queue_next.
 */
uint64_t queue_total(const struct queue *queue);

/*
 * Is there work for one more slot? Not when it is certain that no job follows, nor when somebody is
 * at the queue already. Never waits.
 */
bool queue_more(struct queue *queue);

/* Puts a job back, to be taken by another slot. */
void queue_put_back(struct queue *queue, struct job *job);

/* The same, but it is not to be taken before `due`, in ms of clock_ms(). */
void queue_put_back_until(struct queue *queue, struct job *job, int64_t due);

/*
 * Adds a job of one item, which has to be its only word, from outside; it is the next one to be
 * taken. Returns NULL, or why that cannot be; then the job is still the caller's. Safe from any
 * thread.
 */
const char *queue_add(struct queue *queue, struct job *job);

/*
 * Nothing more can be added from now on. Returns false, and nothing changes, while there is
 * something to be taken that was.
 */
bool queue_seal(struct queue *queue);

/* How many items no job has begun with; -1 when the length of the queue is not known. */
int64_t queue_left(const struct queue *queue);

/* Lets the jobs be taken whose time has come. Returns how many these are. */
unsigned queue_release(struct queue *queue, int64_t time);

/* When queue_release has to be called; INT64_MAX: no job waits. */
int64_t queue_due(const struct queue *queue);

/* How many jobs that were put back may be taken now, and how many wait for their time? */
unsigned queue_returned(const struct queue *queue);
unsigned queue_delayed(const struct queue *queue);

/* Takes a job that was put back, whether its time has come or not; NULL: there is none. */
struct job *queue_take_rest(struct queue *queue);

/* Has every job been handed out? */
bool queue_is_done(struct queue *queue);

/* Makes a queue_next that waits ask its may_wait again. Safe from any thread. */
void queue_interrupt(struct queue *queue);

/* A job that came from here is over, and all has been done for it. */
void queue_job_over(struct queue *queue);

/*
 * The run ends: ends the command that gives the items. With `patience`, --next may end by itself
 * before. An item that it has given is still a job: returns QUEUE_JOB and fills `*job`.
 */
enum queue_status queue_last(struct queue *queue, struct job **job, bool patience);

/* Signals the command that gives the items. */
void queue_signal(struct queue *queue, int signal);

/* Is this the process of the command that gives the items? `until`: see process_is. */
bool queue_is_process(struct queue *queue, pid_t pid, const struct timespec *until);

/* --follow: says what was read from a FIFO and is not run; call it when no slot is left. */
void queue_report_rest(const struct queue *queue);

void queue_close(struct queue *queue);

#endif
