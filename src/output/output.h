/*
 * output: what jobs print: collected from their pipes, kept, and passed on to our stdout and stderr
 * whole or line by line.
 *
 * What a job prints belongs to the thread of its slot until the job is over. It is passed on while
 * the job runs when the job has the turn (job_output.has_turn): with -k settle gives that to one
 * job after the other, in the order of the queue, and without -k every job has it.
 */
#ifndef PEXEC_OUTPUT_OUTPUT_H
#define PEXEC_OUTPUT_OUTPUT_H

#include <stdatomic.h>
#include <stdbool.h>

#include "base/strlist.h"
#include "base/timers.h"
#include "output/job_output.h"
#include "output/memory_budget.h"

struct output_options {
	bool ungroup;        /* -u: jobs write to our stdout and stderr by themselves */
	bool pty;            /* jobs print to a terminal, one each */
	bool ordered;        /* -k */
	bool by_line;        /* --lb */
	bool recorded;       /* what jobs print goes into a table, not to our stdout and stderr */
	bool keeps_tail;     /* the end of what jobs say on stderr is kept until they are over */
	bool only_copied;    /* what is copied to a file goes nowhere else */
	long long linger_ms; /* output is waited for when the process has ended; -1: for ever */
	size_t buffer_bytes; /* of memory for what jobs print */
	unsigned slots;      /* at the beginning */
};

struct output {
	const struct output_options *options;
	atomic_bool failed;          /* a write has failed: nothing more is written */
	atomic_int wide_bytes;       /* that the pipes of a job that prints much hold */
	bool wide_target[2];         /* so do ours; of the thread that has the console */
	struct memory_budget budget; /* for what is kept beyond the first of each stream */
	atomic_flag warned;          /* it was said that there is no room */
	int abandoned[2];            /* a pipe: readable once output is not waited for any more */
	atomic_uint stuck;         /* jobs that wait, for want of room, until they have the turn */
	struct timer *stuck_timer; /* due when there is one: the turn may have to be brought on */
};

/*
 * `stuck_timer` is set when jobs wait for the turn for want of room (output_is_stuck). Exits with
 * status 1 and a message when the machine does not give what is needed.
 */
void output_init(
    struct output *output, const struct output_options *options, struct timer *stuck_timer);

/* There are so many slots now: the more of them, the less the pipes of each may hold. */
void output_set_slots(struct output *output, unsigned slots);

void output_free(struct output *output);

/*
 * Collects what the job prints until both of its pipes have reached EOF, and passes on what may go.
 * Returns 0, or -1 when our own output cannot be written: errno is the reason the first time, and 0
 * afterwards. It is 0, too, when a copy cannot be written: then the job's copy_error is the reason.
 * Call it again then: the rest has to be taken in. Behind a write it is dropped. What cannot be
 * read is lost: then the job's read_error is the reason, and the result that of the rest.
 */
int output_collect(struct output *output, struct job_output *job);

/*
 * From now on what jobs print is not waited for any longer: what has come until now is all. For
 * processes that cannot be ended and hold the output of their job.
 */
void output_abandon(struct output *output);

/*
 * Hands on what is left of a job that is over, stdout first. The job has the turn. Returns as
 * output_collect.
 */
int output_deliver(struct output *output, struct job_output *job);

/* Do jobs wait for the turn, for want of room? */
bool output_is_stuck(const struct output *output);

/* No job runs for now: gives back memory that the next ones would have used. */
void output_rest(struct output *output);

/* Has a write failed? Then it is not known how much of a job's output has arrived. */
bool output_has_failed(const struct output *output);

/* Has a file of its been left behind, with output of jobs? That has been said. */
bool output_has_left_file(const struct output *output);

/* Has the reader of our stdout or stderr gone away? */
bool output_reader_gone(void);

/* Writes a line of pexec's own to `fd`, whole. Returns as output_collect. */
int output_line(struct output *output, int fd, const struct strlist *line);

#endif
