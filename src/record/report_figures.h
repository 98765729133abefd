/*
 * report_figures: what the rows of a report come to: how run times are spread, and what there was
 * over time.
 */
#ifndef PEXEC_RECORD_REPORT_FIGURES_H
#define PEXEC_RECORD_REPORT_FIGURES_H

#include <stdbool.h>
#include <stddef.h>

#include "record/report_rows.h"

enum { REPORT_QUANTILES = 8, REPORT_BARS = 36, REPORT_BINS = 24 };

/* The share of attempts, from 0 to 1, that took no longer; and its name. */
struct report_quantile {
	double share;
	const char *name;
	double seconds;
};

/* A bar of the histogram: attempts that ran from `from_s` up to `to_s`. */
struct report_bar {
	double from_s, to_s;
	size_t count, failed; /* rows; of these the ones that failed, timed out or were retried */
};

/* A part of the time of the run, all of the same length. */
struct report_bin {
	double at_work;       /* jobs, on average */
	size_t ended, failed; /* rows */
};

struct report_figures {
	size_t count; /* rows of attempts that were started and came to an end of their own */
	double total_s, cpu_s; /* run time, processor time of the rows that have it */
	bool has_usage;        /* some rows have processor time or memory */
	double work_s;         /* run time of all rows, of those too that were ended with the run */
	struct report_quantile quantiles[REPORT_QUANTILES];
	struct report_bar bars[REPORT_BARS]; /* each as many times as long as the one before */
	struct report_bin bins[REPORT_BINS]; /* from rows->first_s to rows->last_s */
};

/* Numbers are of rows: of all attempts they are `rows->step` times as many. False without memory.
 */
bool report_figures_make(struct report_figures *figures, const struct report_rows *rows);

#endif
