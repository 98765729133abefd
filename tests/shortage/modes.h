/* The ways in which pexec is used while its calls fail. */
#ifndef SHORTAGE_MODES_H
#define SHORTAGE_MODES_H

#include <stdbool.h>

/* Each run has the items 1 to ITEMS. */
enum { ITEMS = 12, MODE_WORDS = 16, MODE_FILES = 4 };

enum mode_results { RESULTS_NONE, RESULTS_FOLDER, RESULTS_CSV, RESULTS_JSON };

/* What the job does beside noting that it ran and printing a line to each output; items are
 * numbers, 0: none. */
struct job_duties {
	int prints; /* more lines of 64 bytes */
	int fails;  /* the first attempt fails, of each multiple of this */
	int sleeps; /* the item that lasts for 30 s */
	int asks; /* the item that asks for the status over --ctl, and adds item ITEMS to the queue
		   */
	int listens;  /* the item whose job prints while it listens to itself by --ctl tail */
	int appends;  /* the item that appends the second half of the items to the followed file */
	int rewrites; /* the item that writes another number into the file of -j */
};

struct mode {
	const char *name;
	const char *words[MODE_WORDS]; /* behind the name of the program */
	struct job_duties duties;
	int status;                    /* what it exits with when nothing fails */
	bool own_items;                /* they do not come on stdin */
	int stdin_items;               /* so many of them do; 0: all */
	bool ordered;                  /* output comes in the order of items */
	bool by_line;                  /* lines of different jobs may alternate */
	bool tagged;                   /* each line begins with the item and a tab */
	bool in_terminal;              /* stderr of a job comes with its stdout */
	bool silent;                   /* what jobs print does not go to stdout */
	bool shown_once;               /* of an attempt that failed nothing is shown */
	int batch;                     /* a job may have so many items; 0: one */
	bool journal;                  /* J is a journal, and the run can be resumed */
	bool slow;                     /* who reads stdout is slow */
	bool acknowledges;             /* each item is acknowledged with --done */
	bool gives_back;               /* and with --back, however the run ends */
	bool detached;                 /* messages and output are in the file L */
	int missing;                   /* the item that does not come to its end */
	enum mode_results results;     /* in R, R.csv or R.json */
	const char *keeps[MODE_FILES]; /* what it leaves behind in its folder */
	const char *loses[MODE_FILES]; /* what it leaves only when it is killed */
};

/* All of them; behind the last one is one without a name. */
extern const struct mode modes[];

#endif
