#include "control/ctl_follower.h"

#include <stdlib.h>

#include "output/listener.h"
#include "pace/run_state.h"
#include "record/event_line.h"

struct ctl_follower {
	struct event_sink sink;
	struct events *events;
	struct ctl_follow follow;
	struct listener listener; /* CTL_TAILS */
	bool is_known;            /* the status was written already */
	int status; /* CTL_TAILS: it comes behind what is still to be taken; -1: none */
};

/* Writes the status that is waited for, once. */
static void put_status(struct event_sink *sink, FILE *to, const struct event *event)
{
	struct ctl_follower *follower = (struct ctl_follower *)sink;
	bool is_job = event->kind == EVENT_OVER && event->record->seq == follower->follow.seq;
	bool is_run = event->kind == EVENT_STOP && follower->follow.seq == 0;

	if (follower->is_known || !(is_job || event->kind == EVENT_STOP))
		return;
	follower->is_known = true;
	fprintf(to, "%d\n", is_job || is_run ? run_notes_status_of(event) : RUN_LEFT_UNDONE);
}

/* Begins with where the run is now. */
static void begin_events(struct ctl_follower *follower, const struct ctl_parts *parts)
{
	struct event begin = {
	    .kind = EVENT_BEGIN, .slots = pool_limit(parts->pool), .words = parts->words};

	follower->sink.put = event_line_put;
	events_add(follower->events, &follower->sink, &begin);
}

/* Begins with what the job has printed, if it runs. */
static void begin_to_listen(struct ctl_follower *follower, const struct ctl_parts *parts)
{
	uint64_t seq = follower->follow.seq;

	listener_begin(&follower->listener, seq, follower->sink.wake);
	pool_let_listen(parts->pool, seq);
	settle_let_listen(parts->slot_parts->settle, seq);
}

struct ctl_follower *ctl_follower_begin(
    const struct ctl_parts *parts, const struct ctl_follow *follow, struct interrupt *wake)
{
	struct ctl_follower *follower = calloc(1, sizeof *follower);

	if (!follower)
		return NULL;
	follower->events = parts->events;
	follower->sink.wake = wake;
	follower->follow = *follow;
	follower->status = -1;
	if (follow->kind == CTL_EVENTS) {
		begin_events(follower, parts);
		return follower;
	}
	follower->sink.put = put_status;
	events_add(follower->events, &follower->sink, NULL);
	if (follow->kind == CTL_TAILS)
		begin_to_listen(follower, parts);
	return follower;
}

void ctl_follower_put_end(const struct ctl_follow *follow, FILE *to, int status)
{
	if (follow->kind == CTL_TAILS)
		fputs("note it is over: what it has printed is not kept\nover ", to);
	fprintf(to, "%d\n", status);
}

/*
 * What a job prints, and behind all of that its status. Where that is known nothing more comes than
 * what is there.
 */
static size_t take_output(struct ctl_follower *follower, char **bytes, bool *ends)
{
	struct listener *listener = &follower->listener;
	char *status;

	if (events_take(follower->events, &follower->sink, &status) > 0)
		follower->status = (int)strtol(status, NULL, 10);
	free(status);
	size_t length = listener_take(listener, bytes);
	*ends = listener_is_lost(listener) || events_error(follower->events, &follower->sink) != 0;
	if (length > 0 || *ends || follower->status < 0)
		return length;
	*ends = true;
	int end = asprintf(bytes, "%sover %d\n",
	    listener_has_joined(listener) ? "" : "note it has not run since this was asked\n",
	    follower->status);
	return end > 0 ? (size_t)end : 0;
}

size_t ctl_follower_take(struct ctl_follower *follower, char **bytes, bool *ends)
{
	if (follower->follow.kind == CTL_TAILS)
		return take_output(follower, bytes, ends);
	size_t length = events_take(follower->events, &follower->sink, bytes);
	*ends = (follower->follow.kind == CTL_WAITS && length > 0) ||
		events_error(follower->events, &follower->sink) != 0;
	return length;
}

void ctl_follower_end(struct ctl_follower *follower)
{
	events_remove(follower->events, &follower->sink);
	if (follower->follow.kind == CTL_TAILS)
		listener_end(&follower->listener);
	free(follower);
}
