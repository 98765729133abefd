/*
 * job_record: what is recorded of a job: what was run, and what came of its last attempt.
 *
 * The slot that has the job fills it in. The journal, the results and what acknowledges jobs only
 * read it.
 */
#ifndef PEXEC_RECORD_JOB_RECORD_H
#define PEXEC_RECORD_JOB_RECORD_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/strlist.h"

/*
 * Jobs that are added from outside have numbers above this one: those of the queue stay what they
 * are, so that a run can be resumed.
 */
#define JOB_ADDED UINT64_C(10000000000)

struct job_record {
	uint64_t seq;                  /* the job's number: from 1, in queue order */
	const struct strlist *items;   /* the values of its item, or of its batch of items */
	const struct strlist *columns; /* the parts of its item (--colsep), or else the values */
	size_t item_columns;           /* how many of them an item has: the first of a batch */
	size_t width;                  /* how many of them the records of a table have */
	struct strlist results_name;   /* one string: of its files, where that has placeholders */
	struct strlist command;        /* one string: its command in print */
	bool unfit;                    /* its items cannot be arguments, and are not whole here */
	unsigned slot;                 /* that made the last attempt, from 1; 0: none was made */
	unsigned attempt;              /* the number of the last attempt, from 1 */
	bool is_begun;                 /* its program was started, in a try that may not count */

	/* what came of the last attempt */
	bool failed;        /* the job counts as failed */
	bool has_run;       /* its program was started, so that what follows is that program's */
	bool timed_out;     /* its time ran out, and it was ended */
	double started_s;   /* when it was started: seconds since 1970 */
	double runtime_s;   /* how long it ran: seconds */
	int exit_value;     /* of its process; -1: its time ran out */
	int signal;         /* that ended its process; 0: none did */
	double user_s;      /* processor time in user mode: seconds, from wait4(2) */
	double system_s;    /* processor time in the kernel: seconds, from wait4(2) */
	long max_rss_kib;   /* the most memory that was resident at a time: KiB, from wait4(2) */
	off_t stdout_bytes; /* printed to stdout, without what was dropped before another attempt */
};

#endif
