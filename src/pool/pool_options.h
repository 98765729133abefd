/*
 * pool_options: how many jobs run at a time, how often each is tried, and what ends the run.
 */
#ifndef PEXEC_POOL_POOL_OPTIONS_H
#define PEXEC_POOL_POOL_OPTIONS_H

#include <stdbool.h>

#include "pace/slot_count.h"
#include "pool/halt.h"
#include "pool/progress_options.h"
#include "process/process.h"

/* --semaphore: slots that runs share by a name. */
struct semaphore_options {
	const char *name; /* NULL: none */
	unsigned most;    /* jobs of all these runs at a time */
	long long
	    patience_ms;     /* the first job waits for a unit no longer; 0: as long as it takes */
	bool is_kept;        /* a unit is given back at the end of the run, not of the job */
	bool may_go_without; /* then it is run without one; else the run ends with status 1 */
};

/* What the exit status of a run says in which jobs have failed. */
enum status_rule {
	STATUS_SOME_FAILED,  /* that some have */
	STATUS_COUNTS_FAILED /* how many, 101: more than 100; what --halt makes of the job, or share
			      */
};

struct pool_options {
	const char *jobs;         /* -j as typed; NULL: the default */
	unsigned slots;           /* what -j comes to on this machine */
	struct slot_range range;  /* -j auto; then slots is the most of it */
	const char *found;        /* the journal that what it finds is kept beside; NULL: none */
	bool begins_with_found;   /* --resume: with what an earlier run has found */
	bool is_verbose;          /* says what -j auto has found, and what jobs wait for */
	long long delay_ms;       /* between two starts of a job */
	long long grace_ms;       /* between the signal that ends jobs and SIGKILL */
	long long timeout_ms;     /* a job is ended after that; 0: never */
	unsigned timeout_percent; /* of the median run time; 0: timeout_ms counts */
	struct termination termination; /* --termseq */
	struct halt halt;
	int drain_on; /* a signal by which the run drains, as by SIGQUIT; 0: none */
	enum status_rule status;
	struct semaphore_options semaphore;
	struct progress_options progress;
	bool jobserver;       /* jobs get one that has as many tokens as there are slots */
	bool keep_orphans;    /* jobs go on when pexec is killed by SIGKILL */
	bool summary;         /* at the end of the run */
	bool quiet;           /* what pexec would say beside errors is left out */
	bool outlives_reader; /* the run goes on when the reader of our stdout has gone away */
};

/* What a job does to the run that fails, or whose command cannot be run. */
enum failure_rule {
	FAILURE_IS_COUNTED, /* nothing; the run ends with another status */
	/* As with xargs: jobs that cannot be run end it with status 126 or 127, those that a signal
	 * has killed with 125, those that exit with 255 with 124; all others are counted. */
	FAILURE_MAY_END_RUN
};

struct attempt_options {
	unsigned retries;         /* attempts in all; 0: one */
	long long retry_delay_ms; /* before the second attempt; doubles */
	bool drop_retried;        /* the output of attempts that are tried again */
	bool dry_run;             /* commands are printed, not run */
	bool trace;               /* commands are printed to stderr before they run */
	bool prints_command;      /* what a job prints begins with its command */
	bool keeps_command;       /* the file with what it prints does */
	bool colours;             /* what a job prints is in a colour of its own */
	bool colours_tags;        /* or its tags alone, where a terminal shows them */
	bool colours_failed;      /* that of failed jobs is red */
	bool prints_results;      /* it is the name of the file that has it */
	bool trace_escapes;       /* and in them, what cannot be printed as $'\NNN' */
	bool asks;                /* so they are, and run when the user says yes on the terminal */
	enum failure_rule failures;
	bool unchosen_fail;        /* jobs that {uniq} and {choose_k} leave out count as failed */
	bool joins_group;          /* jobs stay in our process group, and with the terminal */
	bool opens_tty;            /* a job's stdin is the terminal */
	bool may_lack_tty;         /* where there is none, it is as without */
	bool answers;              /* a process makes the attempts of many jobs, and answers each */
	bool tells_waiter;         /* who waits for this run is told when a job may start */
	bool sh_runs_scripts;      /* a file that is no program is a script for sh */
	bool bare_environment;     /* jobs get no variables of ours */
	const char *seq_name;      /* jobs have these variables beside ours, with their number */
	const char *slot_name;     /* and that of the slot; NULL: they do not */
	const char *slot_variable; /* but this one, with the slot's number from 0; NULL: none */
};

#endif
