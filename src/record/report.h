/*
 * report: the page of --report about the run that goes on: what it is fed with, and the thread that
 * writes it.
 *
 * Slots add attempts, the supervisor adds samples of the machine; neither waits for a disk. A
 * thread writes the page when it is asked to, which the supervisor does each minute, from a copy of
 * what there is then. The last page, with how the run ended, is written by the main thread when no
 * slot is left.
 */
#ifndef PEXEC_RECORD_REPORT_H
#define PEXEC_RECORD_REPORT_H

#include <pthread.h>
#include <stdbool.h>

#include "base/lock.h"
#include "record/job_record.h"
#include "record/report_page.h"

/* How often, in ms, a page is written while the run goes on. */
enum { REPORT_INTERVAL = 60000 };

struct report {
	const char *path;
	struct report_facts facts; /* but for how it ended */
	struct lock lock;          /* guards what follows */
	pthread_cond_t changed;    /* `wanted` or `ends` was set */
	bool wanted;               /* a page is to be written */
	uint64_t told;             /* attempts that were there when a page was written */
	bool ends;                 /* the thread is to end */
	bool has_thread;
	pthread_t thread;
	struct report_rows rows;
	struct report_sample samples[REPORT_SAMPLES];
	size_t sample_count;
	long long sample_ms;            /* the time between two samples */
	struct report_running *running; /* jobs at work, for the page that is wanted */
	size_t running_count;
};

/* Is this the name of a page? It ends in .html. */
bool report_is_name(const char *name);

/* Sees whether a page can be written. Exits with status 1 and a message when it cannot, as without
 * memory. */
struct report *report_open(const char *path);

/* The run begins: starts the thread. `facts` has what is known of it then, and is copied. Exits
 * with status 1 and a message on failure. */
void report_begin(struct report *report, const struct report_facts *facts);

/*
 * Adds an attempt that has ended, with the end of what it said on stderr. Any thread may.
 */
void report_add(struct report *report, const struct job_record *record, enum report_end end,
    const char *error, size_t error_bytes);

/* Adds a sample. Returns the time in ms until the next one is to be taken: the more there were, the
 * longer. */
long long report_sample(struct report *report, const struct report_sample *sample);

/* Makes of a job that runs what the page tells of it. */
void report_describe(struct report_running *running, const struct job_record *record, pid_t pid);

/* Has the thread write a page, if there is anything new. `running`, memory that is given away, are
 * the jobs at work. */
void report_want(struct report *report, struct report_running *running, size_t running_count);

/* Ends the thread, which may have to finish a page. For the main thread, as what follows. */
void report_stop(struct report *report);

/* The run is over, with these words: writes the last page. Returns 0, or -1; that has been said. */
int report_finish(struct report *report, const char *ending, bool is_good);

void report_close(struct report *report);

#endif
