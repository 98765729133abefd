/*
 * progress_line: shows how far the run is, while it goes (--progress).
 *
 * In a terminal that is a line at its foot, drawn anew when something has changed, ten times a
 * second at most, and once a second in any case, as time goes by in it. Elsewhere a line is said
 * now and then, ever more rarely. The supervisor does all of it.
 */
#ifndef PEXEC_POOL_PROGRESS_LINE_H
#define PEXEC_POOL_PROGRESS_LINE_H

#include <stdbool.h>
#include <stdint.h>

#include "pool/estimate.h"
#include "pool/progress_options.h"
#include "pool/status.h"

/* How long, in ms, a line that is shown stays at least. */
enum { LINE_INTERVAL = 100 };

struct progress_line {
	const struct progress_options *options;
	const struct status_parts *parts;
	struct timer *timer; /* due when it is shown anew */
	bool shown;          /* anywhere */
	bool in_terminal;
	struct estimate estimate;
	struct estimate_sample
	    rate_from[2];          /* the rate of late is counted from the first of them */
	int64_t total, next_total; /* jobs, as shown, and as seen last; -1: not known */
};

/* How the run goes. */
struct progress_place {
	bool ungroup; /* jobs write to the terminal by themselves */
	bool busy;    /* the user is asked, or types, or a job has the terminal: no line */
};

/*
 * Prepares, before there are other threads, and before the guardian is there. `timer` is set when
 * progress_line_show is to be called.
 */
void progress_line_begin(struct progress_line *line, const struct progress_options *options,
    const struct status_parts *parts, struct timer *timer, const struct progress_place *place);

/* The timer was due at `now_ms`. */
void progress_line_show(struct progress_line *line, int64_t now_ms);

/* The terminal is another one than before: it has changed its size, or is ours again. */
void progress_line_renew(struct progress_line *line);

/* pexec is about to be stopped. */
void progress_line_hide(struct progress_line *line);

/* The run is over: the line goes away, or stays for good. */
void progress_line_end(struct progress_line *line);

#endif
