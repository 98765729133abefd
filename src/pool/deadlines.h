/*
 * deadlines: the timers of a run, all of them.
 */
#ifndef PEXEC_POOL_DEADLINES_H
#define PEXEC_POOL_DEADLINES_H

#include "base/timers.h"

struct deadlines {
	struct timers list;
	struct timer status;   /* the status is shown anew */
	struct timer line;     /* the line of --progress is shown anew */
	struct timer children; /* SIGCHLD is waited for again; while this is set it is not */
	struct timer linger;   /* a job may have ended whose output is held */
	struct timer expiry;   /* the time of a job may have run out, or its end has another step */
	struct timer grace;    /* jobs that were told to end have had their time */
	struct timer retry;    /* a job may be tried again */
	struct timer shortage; /* slots may be made again */
	struct timer sizing;   /* -j auto: there may be another number of slots */
	struct timer unit;     /* no unit of the semaphore was free for so long */
	struct timer room;     /* a slot wants to know whether the machine has room, or jobs are
				* looked at that take it */
	struct timer waiting;  /* jobs have begun to wait for others: that is shown and said */
	struct timer stuck;    /* jobs wait for the one that has the turn: it may need a slot */
	struct timer messages; /* messages that could not be written are tried again */
	struct timer report;   /* --report: a sample is taken, or a page is wanted */
	struct timer journal;  /* set when --sync has failed */
	struct timer guardian; /* it has died, and there may be another one */
	struct timer watchdog; /* the service manager wants a sign of life */
};

/* Call it in the main thread, which is going to be the supervisor. None is set. */
void deadlines_init(struct deadlines *deadlines);

#endif
