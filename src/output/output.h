/*
 * output: who may write to our stdout and stderr, and when: each job's output whole, or line by
 * line, and in the order of the queue where that is asked for.
 *
 * Writing is a right that one job has at a time. Where the order counts (-k) it goes by turns: the
 * job with the lowest number that is not complete has the turn and streams, and the others are kept
 * until it is theirs. A capture belongs to the thread of its slot until it is complete.
 */
#ifndef PEXEC_OUTPUT_OUTPUT_H
#define PEXEC_OUTPUT_OUTPUT_H

#include <pthread.h>

#include "base/strlist.h"
#include "output/job_output.h"

struct output_options {
	bool ungroup;        /* -u: jobs write to our stdout and stderr by themselves */
	bool ordered;        /* -k */
	bool by_line;        /* --lb */
	bool recorded;       /* what jobs print goes into a table, not to our stdout and stderr */
	size_t buffer_bytes; /* of memory for what jobs print */
	unsigned slots;      /* at the beginning */
};

TAILQ_HEAD(job_outputs, job_output);

struct output {
	atomic_bool failed;  /* a write has failed: nothing more is written */
	bool by_line;        /* --lb */
	bool ordered;        /* -k */
	bool recorded;       /* what jobs print goes into a table, not to our stdout and stderr */
	atomic_int wide;     /* what the pipes of a job that prints much hold, in bytes */
	bool wide_target[2]; /* so do ours; with the right to write */
	struct memory_budget budget; /* memory for what is kept beyond the first of each stream */
	size_t most_kept;    /* memory for the small output of jobs that wait for their turn */
	unsigned most_files; /* descriptors for what these have in files */
	atomic_flag warned;  /* it was said that there is no room */
	int abandoned[2];    /* a pipe: readable once nobody waits for output any more */

	/*
	 * -k: called by a job that waits for its turn, as there is no room for what it prints,
	 * every so often: whoever has the turn may have to be brought on.
	 */
	void (*stuck)(void *context);
	void *stuck_context;

	pthread_mutex_t lock;        /* guards what follows */
	struct job_outputs captures; /* -k: those not delivered, in their order */
	_Atomic uint64_t turn;       /* -k: the place in the order that has it */
	bool delivering;             /* the one whose turn it is, by some thread */
	atomic_size_t kept;          /* memory that complete captures take outside of the reserve */
	atomic_uint kept_files;
};

/* Exits with status 1 and a message when the machine does not give what is needed. */
void output_init(struct output *output, const struct output_options *options);

/* There are so many slots now: the more of them, the less the pipes of each may hold. */
void output_set_slots(struct output *output, unsigned slots);

void output_free(struct output *output);

/* -k: the job takes its place in the order; to be called once, before anything else. */
void output_begin(struct output *output, struct job_output *capture);

/* -k: is it the turn of this job? Without -k it always is. */
bool output_has_turn(struct output *output, const struct job_output *capture);

/* -k: the ends of a pipe that is written to when the turn comes; NULL: nobody waits for it. */
void output_set_wake(struct output *output, struct job_output *capture, const int ends[2]);

/*
 * Collects what the job prints until both of its pipes have reached EOF, and passes on what may go.
 * Returns 0, or -1 when our own output cannot be written: errno is the reason the first time, and 0
 * afterwards. It is 0, too, when a copy cannot be written: then the capture's copy_error is the
 * reason. Call it again then: the rest has to be taken in. Behind a write it is dropped.
 */
int output_collect(struct output *output, struct job_output *capture);

/*
 * From now on what jobs print is not waited for any longer: what has come until now is all. For
 * processes that cannot be ended and hold the output of their job.
 */
void output_abandon(struct output *output);

/*
 * Hands on what is left of a job that is complete, stdout first. The caller has its turn. Returns
 * as output_collect.
 */
int output_deliver(struct output *output, struct job_output *capture);

/* -k: is it the turn of a job that no slot runs at the moment? */
bool output_turn_is_idle(struct output *output);

/* -k: the job is complete; from here on whoever gets it from output_next delivers it. */
void output_complete(struct output *output, struct job_output *capture);

/* -k: the job will never be complete. */
void output_withdraw(struct output *output, struct job_output *capture);

/*
 * -k: the capture whose turn it is, when it is complete and nobody has it; otherwise NULL. With
 * `past_gaps`, when no slot is left, the next one, even if the run has ended before it was
 * complete.
 */
struct job_output *output_next(struct output *output, bool past_gaps);

/* -k: what output_next gave has been delivered: the next one has the turn. */
void output_advance(struct output *output);

/* -k: does so much wait for its turn that no more jobs should be started? */
bool output_is_full(const struct output *output);

/* No job runs for now: gives back memory that the next ones would have used. */
void output_rest(struct output *output);

/* Has a write failed? Then nobody knows how much of a job's output has arrived. */
bool output_has_failed(const struct output *output);

/* Has the reader of our stdout or stderr gone away? */
bool output_reader_gone(void);

/* Writes a line of pexec's own to `fd`, whole. Returns as output_collect. */
int output_line(struct output *output, int fd, const struct strlist *line);

#endif
