#include "control/run_notes.h"

#include <signal.h>
#include <stdlib.h>

#include "base/clock.h"
#include "pace/run_state.h"

/* Chunks of 65536 jobs: numbers are dense, but those of jobs that are added begin far off. */
enum { CHUNK_BITS = 16, CHUNK = 1 << CHUNK_BITS };

static int shell_status(int exit_value, int signal)
{
	return signal ? 128 + signal : exit_value & 255;
}

int run_notes_status_of(const struct event *event)
{
	if (event->kind == EVENT_STOP)
		return shell_status(event->status, event->signal);
	if (event->outcome == OUTCOME_LEFT_OUT)
		return RUN_LEFT_UNDONE;
	return shell_status(event->record->exit_value, event->record->signal);
}

/* The chunk that has the number, made if need be; NULL without memory. With the lock held. */
static uint16_t *chunk_of(struct run_notes *notes, uint64_t seq)
{
	size_t index = (size_t)(seq >> CHUNK_BITS);

	if (index >= notes->chunk_count) {
		uint16_t **chunks = reallocarray(notes->chunks, index + 1, sizeof *chunks);
		if (!chunks)
			return NULL;
		while (notes->chunk_count <= index)
			chunks[notes->chunk_count++] = NULL;
		notes->chunks = chunks;
	}
	if (!notes->chunks[index])
		notes->chunks[index] = calloc(CHUNK, sizeof **notes->chunks);
	return notes->chunks[index];
}

/* With the lock held. */
static void note_over(struct run_notes *notes, const struct event *event)
{
	uint16_t *chunk = chunk_of(notes, event->record->seq);

	/* Without memory it is not known, and who asks for it later waits until the run is over. */
	if (chunk)
		chunk[event->record->seq % CHUNK] = (uint16_t)(run_notes_status_of(event) + 1);
}

/* Goes on to a second of the run: those in between have seen no end. With the lock held. */
static void go_on_to(struct run_notes *notes, int64_t second)
{
	for (int i = 0; notes->second < second && i <= RATE_SECONDS; i++)
		notes->in_second[++notes->second % (RATE_SECONDS + 1)] = 0;
	if (notes->second < second)
		notes->second = second;
}

/* With the lock held. */
static void note_end(struct run_notes *notes, const struct event *event)
{
	go_on_to(notes, (int64_t)event->at_s);
	notes->in_second[notes->second % (RATE_SECONDS + 1)]++;
	notes->ended++;
	notes->runtime_s += event->record->runtime_s;
}

static void note(struct event_sink *sink, const struct event *event)
{
	struct run_notes *notes = (struct run_notes *)sink;

	lock_take(&notes->lock);
	if (event->kind == EVENT_OVER)
		note_over(notes, event);
	else if (event->kind == EVENT_END && !event->error)
		note_end(notes, event);
	else if (event->kind == EVENT_STOP)
		notes->stop_status = run_notes_status_of(event);
	lock_release(&notes->lock);
}

void run_notes_begin(struct run_notes *notes, struct events *events)
{
	*notes = (struct run_notes){.sink.note = note, .events = events, .stop_status = -1};
	lock_init(&notes->lock, LOCK_NOTES);
	events_add(events, &notes->sink, NULL);
}

void run_notes_end(struct run_notes *notes)
{
	events_remove(notes->events, &notes->sink);
	for (size_t i = 0; i < notes->chunk_count; i++)
		free(notes->chunks[i]);
	free(notes->chunks);
	lock_destroy(&notes->lock);
}

int run_notes_status(struct run_notes *notes, uint64_t seq)
{
	size_t index = (size_t)(seq >> CHUNK_BITS);
	int status = -1;

	lock_take(&notes->lock);
	if (seq == 0)
		status = notes->stop_status;
	else if (index < notes->chunk_count && notes->chunks[index])
		status = notes->chunks[index][seq % CHUNK] - 1;
	lock_release(&notes->lock);
	return status;
}

void run_notes_pace(struct run_notes *notes, double *rate, double *mean_s)
{
	double now_s = events_clock(notes->events);
	uint64_t ended = 0;

	lock_take(&notes->lock);
	go_on_to(notes, (int64_t)now_s);
	for (int i = 0; i <= RATE_SECONDS; i++)
		ended += notes->in_second[i];
	/* The second that has begun counts as far as it has come. */
	double time_s =
	    notes->second >= RATE_SECONDS ? now_s - (double)notes->second + RATE_SECONDS : now_s;
	*rate = notes->ended > 0 && time_s > 0 ? (double)ended / time_s : -1;
	*mean_s = notes->ended > 0 ? notes->runtime_s / (double)notes->ended : -1;
	lock_release(&notes->lock);
}
