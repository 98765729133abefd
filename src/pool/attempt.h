/*
 * attempt: one process of a job, from its command to what has come of it.
 *
 * attempt_run puts the steps together; each has a file of its own: the command (attempt_command.h),
 * its start (attempt_start.h) and its end (attempt_end.h), or why it cannot be run
 * (attempt_refusal.h).
 */
#ifndef PEXEC_POOL_ATTEMPT_H
#define PEXEC_POOL_ATTEMPT_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/strlist.h"
#include "base/terminal.h"
#include "command/command.h"
#include "pace/gate.h"
#include "pace/sizer.h"
#include "pool/complaint.h"
#include "pool/feeder.h"
#include "pool/pool_options.h"
#include "pool/progress.h"
#include "pool/settle.h"
#include "pool/time_limit.h"
#include "process/caller_state.h"
#include "process/job_mark.h"
#include "process/process.h"
#include "process/side_process.h"
#include "queue/job.h"

/* The parts of the run that attempts are made with. */
struct attempt_parts {
	const struct attempt_options *options;
	const struct command *command;
	const struct caller_state *caller;
	struct orphan_list *orphans;
	const char *run_mark; /* what the marks of its jobs begin with */
	const struct records *records;
	struct events *events;
	struct output *output;
	struct gate *gate;
	struct run_state *state;
	struct settle *settle;
	struct progress *progress;
	struct time_limit *limit;
	struct sizer *sizer;
	bool colors[2]; /* tags that go to our stdout, to our stderr, have colours */
	bool is_fed;    /* a job has a block as its standard input */
	struct feeder_parts feeding;
	bool ungroup;      /* jobs write to our stdout and stderr by themselves */
	bool exit_on_size; /* a command line that is too large ends the run */
};

/* A process that makes the attempts of many jobs (attempt_worker.h). */
struct worker {
	bool lives;
	bool has_answered;     /* a block at least */
	bool has_left;         /* it reads no more: it is not to have another job */
	int in, out;           /* our ends of its standard input and output */
	double began_s;        /* when it was started, on a clock that only goes forward */
	struct strlist answer; /* to the last block */
};

/* What a slot makes its attempts with. The memory is used again from job to job. */
struct attempt {
	const struct attempt_parts *parts;
	unsigned slot; /* its number */
	struct process process;
	struct feeder feeder;     /* of its standard input */
	struct worker worker;     /* --ack */
	pid_t pid;                /* the number of the process, also when it is no more */
	struct gate_pass pass;    /* what the job holds while it has a process */
	struct observed observed; /* the job, for -j auto */
	_Atomic uint64_t seq;     /* of the job that the process is for, for messages */
	_Atomic int64_t since_ms; /* of clock_ms(), when the job that is shown began; 0: none is */
	struct lock shown_lock;   /* guards what follows */
	struct job *shown;        /* the job that is running, for other threads; NULL: none */
	bool timeout_told;        /* that its time has run out */
	int wake[2];              /* -k: the pipe that tells that the job's turn has come */
	struct strlist arguments; /* of the command */
	struct strlist plain;     /* the same without the shell, where none is needed */
	const char *path;         /* of the program; NULL: it is looked for when the job starts */
	char **argv;
	size_t argv_room;
	struct strlist line; /* a command in print */
	char **environment;
	struct weight_place place; /* of the job, among those that are to start */
	double began_s; /* when the process was started, on a clock that only goes forward */
	char mark[JOB_MARK_ROOM];                                       /* PEXEC_JOB=... */
	char seq_variable[32], slot_variable[32], attempt_variable[32]; /* PEXEC_SEQ=... */
	char block_bytes_variable[48], block_offset_variable[48];
	char named_seq[64], named_number[64]; /* the same under other names, where they have some */
	struct strlist directory;             /* where the job runs; empty: where pexec does */
	char *named_slot; /* the variable that the user has named for the slot; NULL: none */
};

/* Prepares for slot number `slot`, whose processes are known by `shared`. */
void attempt_init(struct attempt *attempt, const struct attempt_parts *parts, unsigned slot,
    volatile struct shared_process *shared);

/* The slot's thread begins: makes the environment of its jobs. False without memory. */
bool attempt_begin(struct attempt *attempt);

/* The slot's thread ends: gives back what it has. */
void attempt_end(struct attempt *attempt);

/* Writes the job that is running, as messages name it: "job 7 (item)". For any thread. */
const char *attempt_name_job(struct attempt *attempt, char name[JOB_NAME]);

/* Where the job that is running has a terminal of its own: its size is this one from now on. For
 * any thread. */
void attempt_fit_terminal(struct attempt *attempt, struct terminal_size size);

/* What runs a command of pexec's own while the slot has no attempt that runs. */
struct side_process attempt_side_process(struct attempt *attempt);

enum attempt_result {
	ATTEMPT_DONE,      /* the job is done */
	ATTEMPT_FAILED,    /* the job has failed for good */
	ATTEMPT_RETRY,     /* the job has failed, and gets another attempt */
	ATTEMPT_LEFT_OUT,  /* not started, ended with the run, or the run ends before its next
			      attempt */
	ATTEMPT_PREEMPTED, /* ended to make room for others, as if it had not been started */
	ATTEMPT_CROWDED    /* not started, for want of room; another slot waits for that already */
};

/* Makes one attempt at a job. Says what is wrong. */
enum attempt_result attempt_run(struct attempt *attempt, struct job *job);

#endif
