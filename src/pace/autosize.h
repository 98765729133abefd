/*
 * autosize: finds the number of slots that gets the most done (-j auto), from what is seen of jobs
 * as they end.
 *
 * It is a hill climb on throughput in windows, as that of .NET's thread pool (J. L. Hellerstein et
 * al., "Optimizing Concurrency Levels in the .NET ThreadPool", 2008), with steps that come from
 * models and not from a fixed width:
 *
 * 1. The first window is one job for each of as many slots as there are CPUs. If its jobs use a
 *    tenth of a CPU each, ten times as many slots could be kept busy: that is the first guess.
 *    Nothing is known of contention yet, so a step is at most by 8, and the next one only as large
 *    if this one has brought nearly what it should, as TCP begins slowly (RFC 5681).
 * 2. A step is a trial: the other number is kept when it gets 4 % more done, or, if it is smaller,
 *    all but 3 %. A trial lasts until that is told from noise, or as long as it is worth; and it
 *    ends early when even with all that is in flight it would have been worse. What was in flight
 *    at the change counts in no window.
 * 3. Through all trials goes the curve of the universal scalability law (scaling.h), below what the
 *    processors allow. While its best number promises 6 % more than the best one so far, that one
 *    is tried.
 * 4. Then it stays, and gathers what is usual. Now and then, and half as often each time that
 *    brings nothing, a higher or a lower number is tried. Where jobs take longer than they did
 *    with fewer slots, the lower one is near rate * least run time: what is on the way in a pipe
 *    that is just full, as in TCP BBR and Vegas (Little's law again); the rest only queues. It is
 *    left out where so few slots could not do as much even without any contention.
 * 5. When jobs are suddenly different, by 4 deviations of what is usual and by a third, what was
 *    known is forgotten, and the search begins anew from this number.
 *
 * It is a pure function of windows: no clock, no system, no chance.
 */
#ifndef PEXEC_PACE_AUTOSIZE_H
#define PEXEC_PACE_AUTOSIZE_H

#include <stdbool.h>
#include <stddef.h>

#include "pace/scaling.h"
#include "pace/throughput.h"

struct autosize_limits {
	unsigned least, most; /* slots, from 1 */
	unsigned cpus;        /* that the run may use */
	unsigned first;       /* slots to begin with: cpus, or what an earlier run has found */
};

enum { AUTOSIZE_POINTS = 8, AUTOSIZE_TRAIL = 12 };

enum autosize_phase {
	AUTOSIZE_FIRST, /* nothing is known */
	AUTOSIZE_TRIAL, /* another number is tried */
	AUTOSIZE_STAY   /* the best one so far is used */
};

struct autosize {
	struct autosize_limits limits;
	enum autosize_phase phase;
	struct window usual;    /* what was seen with the best number, the latest most */
	struct throughput best; /* what that comes to */
	unsigned trial;         /* slots that are tried */
	unsigned above;         /* not better: no number from here on is; most + 1: not known */
	unsigned below;         /* worse, and so are lower ones; 0: not known */
	double step_gain;       /* the last step up has brought so much of what it should */
	double
	    least_log_runtime; /* of all numbers: without others to wait for, as far as is known */
	double least_variance; /* of that */
	struct scaling_point points[AUTOSIZE_POINTS]; /* the latest last */
	size_t point_count;
	double was_longer; /* by how much the jobs of the last window took longer, where that was
			      strange; 0: it was not */
	double seen_ends;  /* since the last trial */
	double probe_ends; /* the next one comes after so many */
	bool probes_up;    /* it is one with more slots */
	struct {
		unsigned slots;
		double rate;
	} trail[AUTOSIZE_TRAIL]; /* what was tried, for people; the latest last */
	size_t trail_count;
};

/* What to do now, and when to decide again. */
struct autosize_decision {
	unsigned slots;   /* from now on */
	bool begins;      /* a window begins; otherwise the one that was shown goes on */
	bool settled;     /* a search has ended: that is worth a line */
	double look_ends; /* decide again when the window has so many ends, */
	double look_s;    /* or when its slots have spent so many seconds; 0: never for that */
};

/* Begins with limits->first slots: returns what to do. */
struct autosize_decision autosize_begin(
    struct autosize *autosize, const struct autosize_limits *limits);

/* Decides by the window that was seen. */
struct autosize_decision autosize_decide(struct autosize *autosize, const struct window *window);

/* "2 -> 16 -> 128: 20, 160, 1270 jobs/s; staying at 128": what was tried. */
enum { AUTOSIZE_TEXT = 512 };
const char *autosize_text(const struct autosize *autosize, char text[AUTOSIZE_TEXT]);

#endif
