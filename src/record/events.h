/*
 * events: what happens in a run, told once where it happens, to all that want to know.
 *
 * What happens is told by events_tell: a plain call downwards, by any thread, with any lock held
 * that stands above LOCK_TOLD. Where none wants to know that costs a look at a flag. Those who do
 * are sinks: each puts every event into words of its own, in memory, and takes these from there
 * when it can write them. So whoever tells never waits.
 *
 * The words that a sink has not taken are bounded: beyond MOST_TOLD bytes the run is held up
 * (events_are_full: no slot takes another job) until the sink has taken them, or, where it may not
 * hold up the run, the sink is given up and gets nothing more. Jobs that run go on and tell of
 * their end: nothing of what a sink is told is left out.
 */
#ifndef PEXEC_RECORD_EVENTS_H
#define PEXEC_RECORD_EVENTS_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/queue.h>
#include <sys/types.h>

#include "base/eventcount.h"
#include "base/interrupt.h"
#include "base/lock.h"
#include "base/strlist.h"
#include "base/text_buffer.h"
#include "record/job_record.h"

/* So many bytes may wait to be taken by a sink before anything is done about it. */
enum { MOST_TOLD = 1024 * 1024 };

/* What can happen, and which fields of struct event tell more of it. */
enum event_kind {
	EVENT_BEGIN,   /* the run: slots, total, words */
	EVENT_START,   /* an attempt has a process: record, pid */
	EVENT_TIMEOUT, /* its time has run out, it is being ended: record */
	EVENT_END,     /* it is over: record, pid, ending, error */
	EVENT_RETRY,   /* the job is put back for its next attempt: record, delay_s */
	EVENT_OVER,  /* the job is over, its output delivered, its line recorded: record, outcome */
	EVENT_SLOTS, /* there is another number of them: slots */
	EVENT_WAIT,  /* no job starts: reason */
	EVENT_RESUME, /* that is over */
	EVENT_HALT, /* the run starts no more jobs, or ends those that run: ends, status, signal */
	EVENT_STOP, /* the run is over: status, signal, done, failed, left_out; the last one */
	EVENT_KINDS
};

/* What has become of an attempt. */
enum attempt_ending {
	ENDING_DONE,
	ENDING_FAILED,
	ENDING_RETRY,     /* failed, and the job is tried again */
	ENDING_LEFT_OUT,  /* ended with the run */
	ENDING_PREEMPTED, /* ended to make room, and the job is started again */
	ENDING_NOT_RUN,   /* the program could not be run */
	ENDINGS
};

/* What has become of a job. */
enum job_outcome { OUTCOME_DONE, OUTCOME_FAILED, OUTCOME_LEFT_OUT, OUTCOMES };

struct event {
	enum event_kind kind;
	const struct job_record *record; /* the job's, as it is now; NULL: it is about none */
	pid_t pid;
	enum attempt_ending ending;
	int error; /* the errno of a program that could not be run; 0: it was */
	enum job_outcome outcome;
	double delay_s;
	unsigned slots;
	uint64_t total;              /* jobs of the queue; 0: that is not known */
	const struct strings *words; /* of the command as it was typed */
	const char *reason;
	bool ends; /* jobs that run are ended, too */
	int status, signal;
	uint64_t done, failed, left_out; /* jobs */
	double clock_s;                  /* when it happened, by CLOCK_MONOTONIC; 0: just now */

	/* set by events_tell */
	double began_s; /* the beginning of the run: seconds since 1970 */
	double at_s; /* when it happened: seconds since then, on a clock that only goes forward */
};

/* One that wants to know. What is not said otherwise belongs to events.c. */
struct event_sink {
	/* Writes an event in its words; set by the owner, with what that needs. Called with
	 * LOCK_TOLD, by whoever tells. */
	void (*put)(struct event_sink *sink, FILE *to, const struct event *event);
	/* Or, where `put` is NULL, takes it in by itself: then there is nothing to take. */
	void (*note)(struct event_sink *sink, const struct event *event);
	bool may_hold_up;       /* the run; set by the owner */
	struct interrupt *wake; /* raised when there is something to take; NULL: it waits by
				   events_await. Set by the owner. */

	TAILQ_ENTRY(event_sink) next;
	pthread_cond_t told;
	struct text_buffer text; /* what was told and is not taken */
	int error;     /* why it gets nothing more; 0: it does. EOVERFLOW: it was too slow */
	bool closed;   /* nothing more will be told */
	bool finished; /* and all that was told has been dealt with */
};
TAILQ_HEAD(event_sinks, event_sink);

struct events {
	atomic_uint count;          /* sinks */
	atomic_bool full;           /* a sink that may hold up the run has too much to take */
	struct eventcount *changed; /* of the run: slots wait for it; NULL: there are none yet */
	struct lock lock;           /* guards what follows, and the sinks */
	struct event_sinks sinks;
	double began_s, began_at_s; /* of both clocks */
	bool is_over;               /* EVENT_STOP was told: that is the last one */
	char reason[128];           /* why no job starts, as it was told; empty: jobs do */
};

void events_init(struct events *events);

/* The run begins: its clock does, and `changed` is signalled when events_are_full is over. */
void events_begin(struct events *events, struct eventcount *changed);

/* Does anyone want to know? */
static inline bool events_are_wanted(const struct events *events)
{
	return atomic_load_explicit(&events->count, memory_order_relaxed) > 0;
}

/* Seconds since the run began. */
double events_clock(const struct events *events);

/* Is so much told and not taken that no slot should take another job? */
static inline bool events_are_full(const struct events *events)
{
	return atomic_load_explicit(&events->full, memory_order_relaxed);
}

/* Tells all sinks. Never waits. */
void events_tell(struct events *events, struct event event);

/*
 * Tells why no job starts now, "" for no reason, if that is not what was told last. Reasons that
 * differ behind a colon are the same one: numbers change at any moment.
 */
void events_tell_reason(struct events *events, const char *reason);

/* From now on the sink is told: first of `first`, which is told to no other; NULL: of what is next.
 */
void events_add(struct events *events, struct event_sink *sink, struct event *first);

/* From now on it is not. What it has not taken is dropped. */
void events_remove(struct events *events, struct event_sink *sink);

/*
 * Takes what the sink was told since the last time: `*bytes` becomes a text of the caller's.
 * Returns its length; 0: nothing.
 */
size_t events_take(struct events *events, struct event_sink *sink, char **bytes);

/* Waits until there is something to take. Returns false when there is not, and nothing more comes:
 * the run is over, or the sink was given up. */
bool events_await(struct events *events, struct event_sink *sink);

/* Nothing more will be told. */
void events_close(struct events *events, struct event_sink *sink);

/* The sink has dealt with all of it; and waits for that, until `until_ms` of clock_ms() at most.
 * Returns whether it has. */
void events_finish(struct events *events, struct event_sink *sink);
bool events_await_finish(struct events *events, struct event_sink *sink, int64_t until_ms);

/* The sink gets nothing more: `error` says why. Nothing waits for it any longer. */
void events_give_up(struct events *events, struct event_sink *sink, int error);

/* Why it gets nothing more; 0: it does. */
int events_error(struct events *events, struct event_sink *sink);

#endif
