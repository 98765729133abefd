/*
 * capture: what one job prints: the pipes that it comes from, and what is kept of it.
 *
 * Never through a file that the job writes to: one that opens /dev/stderr anew would truncate it,
 * and on a full disk it would lose data. Behind a pipe it just waits.
 */
#ifndef PEXEC_OUTPUT_JOB_OUTPUT_H
#define PEXEC_OUTPUT_JOB_OUTPUT_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/queue.h>

#include "output/spool.h"

/* One output of a job, stdout or stderr. */
struct stream {
	int pipe;   /* the read end; -1 at EOF */
	int target; /* our own descriptor that it goes to in the end */
	struct spool spool;
	int copy;       /* a file that gets all of it as it comes (--results); -1: none */
	off_t received; /* bytes that have come */
	off_t lines;    /* how much of what is kept are complete lines (--lb) */
	bool wide;      /* the pipe was made wide, as much comes */
	bool mid_line;  /* what was passed on last did not end a line */
};

struct job_output {
	struct stream streams[2]; /* stdout, stderr */
	uint64_t seq;             /* of the job */
	size_t job_bytes;         /* memory that the job takes beside its output */
	uint64_t turn;            /* its place in the order of the jobs that are run, from 1 */
	const char *tag;          /* stands before every line; NULL: nothing does */
	size_t tag_length;
	int copy_error; /* errno of a copy that could not be written; 0: none */
	bool held;      /* nothing is passed on before it is certain that it is not dropped */
	bool alone;     /* has the right to write until all has been collected */

	/* -k: these are the output module's */
	TAILQ_ENTRY(job_output) next;
	bool listed;   /* among those that are not delivered yet */
	bool complete; /* nothing more will come */
	int wake[2];   /* a pipe of the slot's: readable when the turn has come; -1: none */
};

void job_output_init(struct job_output *capture, struct memory_budget *budget);

/*
 * Makes the pipes. `write_ends` get the descriptors for the job, to be closed once it is started.
 * Returns 0, or -1 with errno and nothing left open.
 */
int job_output_open(struct job_output *capture, int write_ends[2]);

/* Closes a pipe that has reached EOF. */
void job_output_end_stream(struct stream *stream);

/* Closes the copies. */
void job_output_end_copies(struct job_output *capture);

/* Is there anything kept? */
bool job_output_is_empty(const struct job_output *capture);

/* Forgets what is kept of its output. */
void job_output_drop(struct job_output *capture);

/* Forgets everything, for the next job. */
void job_output_clear(struct job_output *capture);

/* Gives everything back. */
void job_output_free(struct job_output *capture);

#endif
