#include "control/ctl_follower.h"

#include <stdlib.h>

#include "record/event_line.h"

struct ctl_follower {
	struct event_sink sink;
	struct events *events;
	bool waits;    /* for a status */
	uint64_t seq;  /* of this job; 0: of the run */
	bool is_known; /* it was written already */
};

/* What a run has left of a job that has not come to its end when the run has. */
enum { LEFT_UNDONE = 125 };

/* Writes the status that is waited for, once. */
static void put_status(struct event_sink *sink, FILE *to, const struct event *event)
{
	struct ctl_follower *follower = (struct ctl_follower *)sink;
	bool is_job = event->kind == EVENT_OVER && event->record->seq == follower->seq;
	bool is_run = event->kind == EVENT_STOP && follower->seq == 0;

	if (follower->is_known || !(is_job || event->kind == EVENT_STOP))
		return;
	follower->is_known = true;
	fprintf(to, "%d\n", is_job || is_run ? run_notes_status_of(event) : LEFT_UNDONE);
}

/* Begins with where the run is now. */
static void begin_events(struct ctl_follower *follower, const struct ctl_parts *parts)
{
	struct event begin = {
	    .kind = EVENT_BEGIN, .slots = pool_limit(parts->pool), .words = parts->words};

	follower->sink.put = event_line_put;
	events_add(follower->events, &follower->sink, &begin);
}

struct ctl_follower *ctl_follower_begin(
    const struct ctl_parts *parts, const struct ctl_follow *follow, struct interrupt *wake)
{
	struct ctl_follower *follower = calloc(1, sizeof *follower);

	if (!follower)
		return NULL;
	follower->events = parts->events;
	follower->sink.wake = wake;
	follower->waits = follow->kind == CTL_WAITS;
	follower->seq = follow->seq;
	if (follower->waits) {
		follower->sink.put = put_status;
		events_add(follower->events, &follower->sink, NULL);
	} else {
		begin_events(follower, parts);
	}
	return follower;
}

size_t ctl_follower_take(struct ctl_follower *follower, char **bytes, bool *ends)
{
	size_t length = events_take(follower->events, &follower->sink, bytes);

	*ends =
	    (follower->waits && length > 0) || events_error(follower->events, &follower->sink) != 0;
	return length;
}

void ctl_follower_end(struct ctl_follower *follower)
{
	events_remove(follower->events, &follower->sink);
	free(follower);
}
