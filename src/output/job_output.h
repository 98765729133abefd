/*
 * job_output: what one job prints: the pipes that it comes from, and what is kept of it.
 *
 * Never through a file that the job writes to: one that opens /dev/stderr anew would truncate it,
 * and on a full disk it would lose data. Behind a pipe it just waits.
 */
#ifndef PEXEC_OUTPUT_JOB_OUTPUT_H
#define PEXEC_OUTPUT_JOB_OUTPUT_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "output/spool.h"

/* One output of a job, stdout or stderr. */
struct stream {
	int pipe;   /* the read end; -1 at EOF */
	int target; /* our own descriptor that it goes to in the end */
	struct spool spool;
	int copy;         /* a file that gets all of it as it comes (--results); -1: none */
	off_t received;   /* bytes that have come */
	off_t lines;      /* how much of what is kept are complete lines (--lb) */
	bool wide;        /* the pipe was made wide, as much comes */
	bool open_line;   /* what has come last did not end a line */
	bool tagged_line; /* the line that is being passed on has its tag already */
	bool left_line;   /* what was passed on last has left a line unfinished on the console */
};

struct job_output {
	struct stream streams[2]; /* stdout, stderr */
	uint64_t seq;             /* of the job, for messages */
	const char *tag;          /* stands before every line; NULL: nothing does */
	size_t tag_length;
	int copy_error;       /* errno of a copy that could not be written; 0: none */
	bool held;            /* nothing is passed on before it is certain that it is not dropped */
	bool has_console;     /* for want of room it has the console until all has been collected */
	atomic_bool has_turn; /* it may be passed on as it comes; set by settle */
	int wake[2]; /* a pipe: readable when the turn has come; -1: no slot waits for it */
};

void job_output_init(struct job_output *output, struct memory_budget *budget);

/*
 * Makes the pipes. `write_ends` get the descriptors for the job, to be closed once it is started.
 * Returns 0, or -1 with errno and nothing left open.
 */
int job_output_open(struct job_output *output, int write_ends[2]);

/* Closes a pipe that has reached EOF. */
void job_output_end_stream(struct stream *stream);

/* Closes the copies. */
void job_output_end_copies(struct job_output *output);

/* Is there anything kept? */
bool job_output_is_empty(const struct job_output *output);

/* Forgets what is kept of its output. */
void job_output_drop(struct job_output *output);

/* Forgets everything, for the next job. */
void job_output_clear(struct job_output *output);

/* It may be passed on as it comes: the slot that waits for that is woken. */
void job_output_give_turn(struct job_output *output);

/* What is kept of it: the memory outside of the budget, in bytes, and the descriptors of files. */
size_t job_output_outside(const struct job_output *output);
unsigned job_output_files(const struct job_output *output);

/* Makes the memory no larger than what it holds, as it is kept for long. */
void job_output_trim(struct job_output *output);

/* Gives everything back. */
void job_output_free(struct job_output *output);

#endif
