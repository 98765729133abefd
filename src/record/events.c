#include "record/events.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"

void events_init(struct events *events)
{
	*events = (struct events){.changed = NULL};
	TAILQ_INIT(&events->sinks);
	lock_init(&events->lock, LOCK_TOLD);
}

void events_begin(struct events *events, struct eventcount *changed)
{
	events->changed = changed;
	events->began_s = clock_seconds(CLOCK_REALTIME);
	events->began_at_s = clock_seconds(CLOCK_MONOTONIC);
}

/* The sink gets nothing more. With the lock held. */
static void give_up(struct event_sink *sink, int error)
{
	text_buffer_drop(&sink->text);
	sink->error = error;
}

static void wake(struct event_sink *sink)
{
	if (sink->wake)
		interrupt_raise(sink->wake);
	else
		pthread_cond_broadcast(&sink->told);
}

/* Tells one of them. With the lock held. */
static void tell(struct event_sink *sink, const struct event *event)
{
	size_t before = text_buffer_bytes(&sink->text);

	if (sink->error)
		return;
	if (!sink->put) {
		sink->note(sink, event);
		return;
	}
	FILE *text = text_buffer_stream(&sink->text);
	if (text)
		sink->put(sink, text, event);
	if (!text || ferror(text))
		give_up(sink, ENOMEM);
	else if (!sink->may_hold_up && text_buffer_bytes(&sink->text) > MOST_TOLD)
		give_up(sink, EOVERFLOW);
	/* One that has not taken what it was told before has been woken for that. */
	if ((before == 0 && text_buffer_bytes(&sink->text) > 0) || sink->error)
		wake(sink);
}

/* Finds out whether it is full; where it is no more, slots go on. With the lock held. */
static void measure(struct events *events)
{
	const struct event_sink *sink;
	bool full = false;

	for (sink = TAILQ_FIRST(&events->sinks); sink; sink = TAILQ_NEXT(sink, next))
		full |= sink->may_hold_up && text_buffer_bytes(&sink->text) > MOST_TOLD;
	if (atomic_exchange(&events->full, full) && !full)
		eventcount_signal(events->changed);
}

double events_clock(const struct events *events)
{
	return clock_seconds(CLOCK_MONOTONIC) - events->began_at_s;
}

/* Sets when it has happened. */
static void set_time(const struct events *events, struct event *event)
{
	event->began_s = events->began_s;
	event->at_s =
	    event->clock_s > 0 ? event->clock_s - events->began_at_s : events_clock(events);
}

/* As events_tell, with the lock held. */
static void tell_all(struct events *events, struct event *event)
{
	struct event_sink *sink;

	if (events->is_over)
		return;
	events->is_over = event->kind == EVENT_STOP;
	set_time(events, event);
	for (sink = TAILQ_FIRST(&events->sinks); sink; sink = TAILQ_NEXT(sink, next))
		tell(sink, event);
	measure(events);
}

void events_tell(struct events *events, struct event event)
{
	if (!events_are_wanted(events))
		return;
	lock_take(&events->lock);
	tell_all(events, &event);
	lock_release(&events->lock);
}

void events_tell_reason(struct events *events, const char *reason)
{
	struct event event = {.kind = *reason ? EVENT_WAIT : EVENT_RESUME, .reason = reason};
	size_t same = strcspn(reason, ":");

	if (!events_are_wanted(events))
		return;
	lock_take(&events->lock);
	if (strcspn(events->reason, ":") != same || memcmp(events->reason, reason, same) != 0) {
		strlcpy(events->reason, reason, sizeof events->reason);
		tell_all(events, &event);
	}
	lock_release(&events->lock);
}

void events_add(struct events *events, struct event_sink *sink, struct event *first)
{
	sink->text = (struct text_buffer){.stream = NULL};
	sink->error = 0;
	sink->closed = sink->finished = false;
	lock_init_condition(&sink->told);
	lock_take(&events->lock);
	TAILQ_INSERT_TAIL(&events->sinks, sink, next);
	atomic_fetch_add(&events->count, 1);
	if (first) {
		set_time(events, first);
		tell(sink, first);
	}
	lock_release(&events->lock);
}

void events_remove(struct events *events, struct event_sink *sink)
{
	lock_take(&events->lock);
	TAILQ_REMOVE(&events->sinks, sink, next);
	atomic_fetch_sub(&events->count, 1);
	text_buffer_drop(&sink->text);
	measure(events);
	lock_release(&events->lock);
	pthread_cond_destroy(&sink->told);
}

size_t events_take(struct events *events, struct event_sink *sink, char **bytes)
{
	lock_take(&events->lock);
	size_t size = text_buffer_take(&sink->text, bytes);
	measure(events);
	lock_release(&events->lock);
	return size;
}

bool events_await(struct events *events, struct event_sink *sink)
{
	lock_take(&events->lock);
	while (!sink->text.stream && !sink->closed && !sink->error)
		lock_wait(&events->lock, &sink->told, INT64_MAX);
	bool any = sink->text.stream != NULL;
	lock_release(&events->lock);
	return any;
}

void events_close(struct events *events, struct event_sink *sink)
{
	lock_take(&events->lock);
	sink->closed = true;
	wake(sink);
	lock_release(&events->lock);
}

void events_finish(struct events *events, struct event_sink *sink)
{
	lock_take(&events->lock);
	sink->finished = true;
	pthread_cond_broadcast(&sink->told);
	lock_release(&events->lock);
}

bool events_await_finish(struct events *events, struct event_sink *sink, int64_t until_ms)
{
	lock_take(&events->lock);
	while (!sink->finished && (until_ms == INT64_MAX || clock_ms() < until_ms))
		lock_wait(&events->lock, &sink->told, until_ms);
	bool finished = sink->finished;
	lock_release(&events->lock);
	return finished;
}

void events_give_up(struct events *events, struct event_sink *sink, int error)
{
	lock_take(&events->lock);
	give_up(sink, error);
	measure(events);
	lock_release(&events->lock);
}

int events_error(struct events *events, struct event_sink *sink)
{
	lock_take(&events->lock);
	int error = sink->error;
	lock_release(&events->lock);
	return error;
}
