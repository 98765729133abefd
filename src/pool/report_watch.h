/*
 * report_watch: what the supervisor does for --report: it takes samples of the run and of the
 * machine, and has a page written now and then. It waits for no disk.
 */
#ifndef PEXEC_POOL_REPORT_WATCH_H
#define PEXEC_POOL_REPORT_WATCH_H

#include <stdint.h>

#include "base/timers.h"
#include "pool/pool.h"
#include "pool/progress.h"
#include "record/report.h"

struct report_watch {
	struct report *report; /* NULL: there is none */
	struct pool *pool;
	const struct progress *progress;
	struct timer *timer;
	int64_t sample_ms; /* when the next sample is due, of clock_ms() */
	int64_t page_ms;   /* the same of the next page */
};

/* Sets the timer to the first sample, if there is a report. */
void report_watch_begin(struct report_watch *watch, struct report *report, struct pool *pool,
    const struct progress *progress, struct timer *timer);

/* The timer was due at `now_ms`. */
void report_watch_look(struct report_watch *watch, int64_t now_ms);

#endif
