/*
 * report_page: the page of --report, written in one go.
 *
 * It is one file with nothing from outside: the template record/report.html, which the Makefile
 * makes a part of the program (`make` also puts the hashes of its script and style into it, so that
 * a browser runs no other), with the numbers of a run in it. What can be read without a script is
 * made here; the data for the script stand in it as JSON, of which every number of a column is the
 * difference to the one before.
 */
#ifndef PEXEC_RECORD_REPORT_PAGE_H
#define PEXEC_RECORD_REPORT_PAGE_H

#include <stdbool.h>

#include "base/system_load.h"
#include "record/report_rows.h"

/* What there was at a moment. What is not known is SYSTEM_UNKNOWN. */
struct report_sample {
	double at_s; /* seconds since 1970 */
	unsigned running, slots;
	double load;       /* system_running() */
	double free_bytes; /* system_memory_free() */
	double pressure[SYSTEM_RESOURCES];
};

enum { REPORT_SAMPLES = 600 };

/* What is told of the run itself. */
struct report_facts {
	const char *command;   /* that is run for each item; NULL: not known */
	const char *directory; /* where; NULL: not known */
	const char *host;      /* NULL: not known */
	const char *journal;   /* that the rows are from; NULL: they are from the run */
	const char *ending;    /* how the run ended, or that it goes on: words without a stop */
	bool is_over, is_good; /* it ended, and as it should */
	bool has_errors;       /* what jobs said on stderr is known */
	double began_s;        /* seconds since 1970 */
	double now_s;          /* when it ended, or the page was made */
	uint64_t left_out;     /* lines of the journal that are damaged */
	const struct report_running *running; /* jobs at work when it goes on, the oldest first */
	size_t running_count;
};

/*
 * Writes the page to `path`.new, which then takes the place of what was there. Returns 0, or -1
 * with errno: then that is as it was.
 */
int report_page_write(const char *path, const struct report_facts *facts,
    const struct report_rows *rows, const struct report_sample *samples, size_t sample_count);

/* Is it likely that a page can be written there? Writes nothing. Returns 0, or -1 with errno. */
int report_page_try(const char *path);

/* The template: text with names as %%name%% in it, each in the place of what is made here. */
extern const char report_template[];

#endif
