/*
 * event_trace: a run in the trace event format, which Perfetto and chrome://tracing open (--report
 * FILE.json).
 *
 * A track for each slot, whose slices are attempts at jobs, with an arrow from each attempt to the
 * next one at the same job; a track for the run, with what it waited for; and counters. The file is
 * an array that grows: it need not be closed (so the format says), and is when the run ends.
 */
#ifndef PEXEC_RECORD_EVENT_TRACE_H
#define PEXEC_RECORD_EVENT_TRACE_H

#include <stdint.h>
#include <stdio.h>

#include "record/events.h"

/* What a trace has to remember; {.sink.put = event_trace_put} at its beginning. */
struct event_trace {
	struct event_sink sink;
	unsigned named;   /* slots that have a track with a name */
	unsigned running; /* jobs */
	char waits[128];  /* what the run waits for, as a slice tells; empty: none does */
	double window_s;  /* the beginning of the second whose ends are counted, as event.at_s */
	uint64_t ended;   /* attempts, in that second */
};

/* Writes what the event changes in the trace. `sink` is that of a struct event_trace. */
void event_trace_put(struct event_sink *sink, FILE *to, const struct event *event);

#endif
