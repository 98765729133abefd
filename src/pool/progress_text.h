/*
 * progress_text: how far a run is, as one line.
 */
#ifndef PEXEC_POOL_PROGRESS_TEXT_H
#define PEXEC_POOL_PROGRESS_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/escape.h"
#include "base/foot.h"
#include "pool/estimate.h"

struct progress_view {
	uint64_t over, failed; /* jobs; those that failed are over as well */
	int64_t total;         /* -1: that is not known */
	unsigned running;
	double rate; /* jobs a second, of late; below 0: that is not known */
	bool has_range;
	struct time_range left;
	double took_s;      /* the run is over, and has taken so long; below 0: it goes on */
	const char *reason; /* why no job starts; empty: there is none */
	double
	    longest_s; /* how long the job has run that has run for longest; below 0: none runs */
	const char *item; /* its item, safe to print */
};

/* What it is for. */
struct progress_look {
	unsigned columns; /* it has to be narrower; 0: there is no bound, and no bar */
	bool colors;
	bool utf8; /* the bar is made of lines, not of characters */
};

/* The line has at most so many bytes, with its end. */
enum { PROGRESS_TEXT = FOOT_TEXT };

/*
 * Makes the line, without a newline, of as much as there is room for: what matters less is left out
 * first. Returns its length in bytes.
 */
size_t progress_text(
    const struct progress_view *view, const struct progress_look *look, char text[PROGRESS_TEXT]);

#endif
