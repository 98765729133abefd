/*
 * options: argv -> struct options.
 *
 * Every check on what the user typed is made here, and every usage error comes from here. Nothing
 * below this module knows about option letters.
 */
#ifndef PEXEC_CLI_OPTIONS_H
#define PEXEC_CLI_OPTIONS_H

#include <regex.h>
#include <stdbool.h>
#include <stddef.h>

/* A list of words that somebody else owns (argv, mostly). */
struct strings {
	char **at;
	size_t count;
};

/* One ::: or :::: on the command line. */
struct input {
	const char *file;      /* ::::, the name of the file of items; NULL for ::: */
	struct strings values; /* :::, the items themselves */
};

enum trim { TRIM_NONE = 0, TRIM_LEFT = 1, TRIM_RIGHT = 2, TRIM_BOTH = 3, TRIM_DEFAULT };

/* What ends a job that is to be ended: signals, each with the time that it has, in ms. */
enum { TERMINATION_STEPS = 16 };
struct termination {
	struct {
		int signal;
		long long wait;
	} steps[TERMINATION_STEPS];
	size_t count;
};

/* --halt: WHEN,WHY=N or N%. */
struct halt {
	enum halt_when { HALT_NEVER, HALT_SOON, HALT_NOW } when;
	enum halt_why { HALT_FAIL, HALT_SUCCESS, HALT_DONE } why;
	unsigned long long count;
	bool
	    percent; /* of all jobs; when it is not known how many there are, of those that ended */
};

/* Which of the jobs that the journal has are run. */
enum resume {
	RESUME_NO,         /* the journal is only written */
	RESUME_NEW,        /* --resume: those that it does not have */
	RESUME_FAILED,     /* --resume-failed: and those that failed */
	RESUME_FAILED_ONLY /* --retry-failed: only those that failed */
};

struct options {
	/* input */
	struct strings files; /* -a; "-" is standard input */
	struct input *inputs; /* ::: and :::: */
	size_t input_count;
	bool link;
	char delimiter;
	const char *end_of_items;  /* -E; NULL for none */
	regex_t *column_separator; /* --colsep, compiled; NULL for none */
	bool header;
	enum trim trim;
	bool shuffle;
	unsigned long long skip;
	bool no_empty;

	/* command */
	struct strings command; /* the command line as typed; none: every item is one */
	const char *script;     /* -c */
	const char *replace;    /* -I; "{}" */
	size_t batch;           /* -n; 0 for as many as fit (-X) */
	size_t batch_bytes;     /* -s; 0 for the default */
	bool exit_on_size;      /* -x */
	bool dry_run;
	bool trace;

	/* slots */
	const char *jobs; /* -j as typed; NULL for the default */
	unsigned slots;   /* what it comes to here */

	/* outcome */
	struct halt halt;
	unsigned retries;               /* attempts in all */
	long long retry_delay;          /* ms before the second attempt; doubles */
	bool drop_retried;              /* the output of attempts that are tried again */
	long long timeout;              /* ms; 0 for none */
	unsigned timeout_percent;       /* of the median run time; 0: `timeout` counts */
	struct termination termination; /* --termseq */
	const char *journal;            /* --joblog; NULL for none */
	bool journal_usage;
	bool journal_sync;
	enum resume resume;
	bool summary;

	/* pace */
	long long delay; /* ms between two starts */

	/* output and life */
	bool keep_orphans;
	bool ungroup;
	bool keep_order;
	bool line_buffer;
	bool tag;               /* --tag */
	const char *tag_string; /* --tagstring, or what --tag stands for; NULL for none */
	const char *results;    /* --results; NULL for none */
	bool into_table;        /* and that is no folder */
	size_t buffer;          /* bytes of memory for captured output */
	bool quote;             /* -q: pexec never splits a word, so there is nothing to do */
	int nice;
	long long grace; /* milliseconds between the signal that ends jobs and SIGKILL */

	/* a run that stays: alone, in the background, elsewhere, with a log */
	bool daemon;
	const char *directory;  /* where to run: --chdir, or / for a daemon; NULL: here */
	const char *started_in; /* where relative names were typed, without a slash at its end;
				   NULL: the run does not move */
	const char *log;        /* --log FILE; NULL for none */
	bool syslog;            /* --log syslog */
	const char *pidfile;    /* NULL for none */
	const char *lock;       /* NULL for none */
	long long lock_wait;    /* ms; -1: not given */
	int lock_status;        /* -1: not given */

	/* control while it runs */
	const char *control;    /* --ctl, the name of the socket; NULL for none */
	const char *slots_file; /* -j FILE; NULL: -j is a number */
	unsigned given;         /* options on the command line */

	/* a queue without an end */
	bool follow;

	/* a queue that is fetched */
	const char *source;        /* --source: a command that prints it; NULL for none */
	const char *next;          /* --next: a command that prints one item; NULL for none */
	long long every;           /* ms from one to the next; 0: there is one alone */
	unsigned long long rounds; /* that end the run; 0: none do */
	const char *done, *failed; /* the commands that acknowledge a job; NULL for none */
};

/*
 * Reads the command line. Exits with status 1 and a message when it is wrong, with 0 after --help
 * and --version.
 */
void options_parse(struct options *options, int argc, char *argv[]);

/*
 * Do the items come from elsewhere than standard input? Then jobs have pexec's own (and those of a
 * daemon none).
 */
bool options_jobs_share_stdin(const struct options *options);

/* The most slots that -j takes: more than a process can have children on any system of today. */
enum { MAX_SLOTS = 65536 };

#endif
