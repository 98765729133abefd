/*
 * event_line: an event as a line of JSON, as --events has it; the manual describes them (EVENTS).
 */
#ifndef PEXEC_RECORD_EVENT_LINE_H
#define PEXEC_RECORD_EVENT_LINE_H

#include <stdio.h>

#include "record/events.h"

/* What a file of such lines begins with; and what any line does. */
#define EVENT_FILE_BEGINS "{\"v\":1,\"event\":\"begin\","
#define EVENT_LINE_BEGINS "{\"event\":\""

/* Writes the line. */
void event_line_put(struct event_sink *sink, FILE *to, const struct event *event);

/* Writes the list of a job's items, in brackets. */
void event_items_put(FILE *to, const struct strlist *items);

/* The names of what has become of an attempt, and of a job. */
extern const char *const ending_names[ENDINGS];
extern const char *const outcome_names[OUTCOMES];

#endif
