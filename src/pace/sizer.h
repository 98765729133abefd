/*
 * sizer: -j auto in a run: it gathers what slots see of their jobs (observer.h), and has autosize
 * decide when a window is complete (autosize.h).
 *
 * Slots tell it when a job starts and ends. The job that completes a window sets the timer, and the
 * supervisor looks: between two decisions no thread is woken. A number that is set by hand ends it.
 *
 * With a journal, what was found is kept in FILE.slots beside it, as a number on a line, each time
 * that a search has ended; a run that resumes begins with it.
 */
#ifndef PEXEC_PACE_SIZER_H
#define PEXEC_PACE_SIZER_H

#include <stdatomic.h>
#include <stdbool.h>

#include "base/lock.h"
#include "base/system_idle.h"
#include "base/timers.h"
#include "pace/autosize.h"
#include "pace/observer.h"
#include "pace/slot_count.h"

struct sizer_options {
	struct slot_range range; /* where most is 0 the run has a fixed number of slots */
	unsigned cpus;
	const char *journal; /* what is found is kept beside it; NULL: there is none */
	bool resumes;        /* begins with what was found */
	bool tells;          /* says what it has found */
};

struct sizer {
	atomic_bool is_used; /* -j auto, from now on if not from the start */
	bool tells;
	struct slot_range asked; /* what the user gave; by who starts it */
	char *file;              /* FILE.slots; NULL: none */
	struct timer *timer;     /* set when there is something to decide */
	unsigned said;           /* the number that was said last, by the supervisor */

	struct lock lock; /* guards what follows */
	bool is_on;       /* no number was set by hand */
	unsigned by_hand; /* that number */
	bool is_due;      /* the timer was set for this window */
	struct observer observer;
	struct autosize autosize;
	struct autosize_decision decision; /* the last one */
	double since_s;                    /* when the window began */
	struct system_idle since;
};

/* Makes it ready. Without -j auto all calls but sizer_free and sizer_start do nothing. */
void sizer_init(struct sizer *sizer, const struct sizer_options *options, struct timer *timer);
void sizer_free(struct sizer *sizer);

/* The number of slots to begin with, when there can be no more than `most`. */
unsigned sizer_begin(struct sizer *sizer, unsigned most);

/*
 * The user has it find the number from now on, in this range, when there are `slots` and can be no
 * more than `most`. Returns the number to begin with; 0: it does so already. By the control thread.
 */
unsigned sizer_start(
    struct sizer *sizer, const struct slot_range *range, unsigned slots, unsigned most);

/* A slot is about to start a job, at `now_s` of CLOCK_MONOTONIC. */
void sizer_job_starts(struct sizer *sizer, struct observed *job, double now_s);

/* There is no process after all. */
void sizer_job_cancelled(struct sizer *sizer, const struct observed *job);

/* The job's process has ended. */
void sizer_job_ended(
    struct sizer *sizer, const struct observed *job, const struct observation *seen);

/*
 * The timer was due: decides. Returns the number of slots from now on; 0: it stays as it is. The
 * caller sets it, and asks sizer_by_hand afterwards. By the supervisor.
 */
unsigned sizer_look(struct sizer *sizer);

/* The user sets this number of slots. Returns whether that has ended -j auto. */
bool sizer_stop(struct sizer *sizer, unsigned slots);

/* The number that the user has set; 0: none. It counts more than what was decided meanwhile. */
unsigned sizer_by_hand(struct sizer *sizer);

/* Does it decide, now? */
bool sizer_is_on(struct sizer *sizer);

/* What was tried, and why it is as it is; empty without -j auto. */
const char *sizer_text(struct sizer *sizer, char text[AUTOSIZE_TEXT]);

#endif
