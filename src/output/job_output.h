/*
 * job_output: what one job prints: the pipes that pexec reads it from, and the spools that keep it.
 *
 * A job never writes to a file of ours: a job that opens /dev/stderr would truncate it, and on a
 * full disk the job would fail or lose output. At a pipe the job waits.
 */
#ifndef PEXEC_OUTPUT_JOB_OUTPUT_H
#define PEXEC_OUTPUT_JOB_OUTPUT_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/lock.h"
#include "base/terminal.h"
#include "output/spool.h"

struct process;

/* The bytes of what sets a colour, with its NUL. */
enum { OUTPUT_COLOUR = 32 };

/* How much is kept of the end of what a job says on stderr, where that is kept. */
enum { OUTPUT_TAIL = 2048 };

/* One output of a job, stdout or stderr. */
struct stream {
	int pipe;        /* the read end, or our side of a terminal; -1 at EOF */
	int target;      /* our own descriptor that the stream is passed on to */
	const char *tag; /* stands before every line; NULL: none */
	size_t tag_length;
	struct spool spool;
	int copy;         /* a file that gets every byte as it arrives (--results); -1: none */
	off_t received;   /* bytes that have arrived */
	off_t lines;      /* bytes of complete lines in the spool (--lb) */
	bool wide;        /* the pipe was enlarged, as the job prints much */
	bool open_line;   /* the last byte that arrived is no newline */
	bool tagged_line; /* the line that is being passed on has its tag already */
	bool left_line;   /* the last bytes passed on left a line unfinished on the console */
};

struct job_output {
	struct stream streams[2];   /* stdout, stderr */
	uint64_t seq;               /* of the job, for messages */
	bool in_terminal;           /* both are the first one, and that is our side of a terminal */
	struct lock lock;           /* guards the descriptor of that */
	char colour[OUTPUT_COLOUR]; /* stands before that, and its end before a newline; "": none */
	struct process *process;    /* that prints it; NULL: none */
	int read_error;             /* errno of what could not be read of it; 0: all could */
	int copy_error;             /* errno of a copy that could not be written; 0: none */
	char *tail;                 /* the end of its stderr; NULL: none was kept yet */
	size_t tail_bytes;          /* of the last attempt */
	bool has_no_room;     /* that is because there was no room to keep what it is made of */
	bool held;            /* the attempt may still be dropped: nothing is passed on yet */
	bool stderr_last;     /* what was passed on last is of its stderr */
	bool has_console;     /* the spools are full: the slot has the console until EOF */
	atomic_bool discards; /* nothing goes out when it has the turn; set by settle before that */
	atomic_bool has_turn; /* the output may be passed on as it arrives; set by settle */
	int end;  /* readable when the process has ended, for --linger; -1: that does not matter */
	bool cut; /* what a process still held was given up */
	int wake[2]; /* a pipe: readable once has_turn is set; -1: no slot waits for it */
};

/* Prepares for the output of jobs one after the other. */
void job_output_init(struct job_output *output, struct memory_budget *budget);

/*
 * Makes the pipes; or a terminal, which is one stream, the first, and both write ends. Sets
 * `write_ends` to the job's stdout and stderr, which the caller closes once the job is started.
 * Returns 0, or -1 with errno and no descriptor left open.
 */
int job_output_open(struct job_output *output, bool in_terminal, int write_ends[2]);

/* Closes the write ends. */
void job_output_started(const int write_ends[2]);

/* The job has printed nothing yet: puts a line of ours before what it will. One that does not fit
 * into memory is left out. */
void job_output_begin(struct job_output *output, const char *line, size_t length);

/* The same in the file that has a copy of what it will print; a failure is that of the copy. */
void job_output_begin_copy(struct job_output *output, const char *line, size_t length);

/* Closes a pipe, or terminal, that has reached EOF. */
void job_output_end_stream(struct job_output *output, struct stream *stream);

/* Gives the terminal this size. Returns whether there is one, and it had another size. For any
 * thread. */
bool job_output_resize(struct job_output *output, struct terminal_size size);

/* Closes the copies. */
void job_output_end_copies(struct job_output *output);

/* Keeps the end of what comes on stderr, as far as there is memory. */
void job_output_keep_tail(struct job_output *output, const char *bytes, size_t length);

/* Those who want to listen to job `seq`, whose output this is, do so from now on. */
void job_output_let_listen(const struct job_output *output, uint64_t seq);

/* Are both spools empty? */
bool job_output_is_empty(const struct job_output *output);

/* Drops what an attempt has printed, before the next attempt. */
void job_output_drop(struct job_output *output);

/* Drops the output and closes the pipes and copies, for the next job. */
void job_output_clear(struct job_output *output);

/* Lets the output be passed on as it arrives, and wakes the slot that waits for that. */
void job_output_give_turn(struct job_output *output);

/* How many bytes of memory the output has outside of the budget. */
size_t job_output_outside(const struct job_output *output);

/* How many files the output has open. */
unsigned job_output_files(const struct job_output *output);

/* Shrinks the memory to what it holds, for output that is kept for long. */
void job_output_trim(struct job_output *output);

/* Drops the output and frees all its memory. */
void job_output_free(struct job_output *output);

#endif
