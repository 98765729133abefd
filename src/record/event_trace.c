#include "record/event_trace.h"

#include <inttypes.h>
#include <string.h>
#include <unistd.h>

#include "record/event_line.h"
#include "record/json_text.h"

/* Slots have the tracks of their numbers; this is that of the run. */
enum { RUN_TRACK = 0 };

/* So many bytes of an item are the name of a slice. */
enum { NAME_BYTES = 128 };

/*
 * Arrows have numbers: that of the job and so many bits of the attempt's. A double, as which most
 * readers take it, has it whole: jobs have up to 35 bits.
 */
enum { ATTEMPT_BITS = 16 };

/* Begins an object of the array, of this phase, behind another one. Times are in microseconds. */
static void begin(FILE *to, const char *phase, const char *name, double at_s, unsigned track)
{
	fprintf(to, ",\n{\"ph\":\"%s\",\"ts\":%.0f,\"pid\":%d,\"tid\":%u,\"name\":", phase,
	    at_s * 1e6, (int)getpid(), track);
	json_text_write(to, name, strnlen(name, NAME_BYTES));
}

static void put_counter(FILE *to, const char *name, double at_s, double value)
{
	begin(to, "C", name, at_s, RUN_TRACK);
	fprintf(to, ",\"args\":{\"%s\":%.15g}}", name, value);
}

/* Gives a track its name, and its place among the others. */
static void name_track(FILE *to, unsigned track, const char *name)
{
	begin(to, "M", "thread_name", 0, track);
	fputs(",\"args\":{\"name\":", to);
	json_text_write(to, name, strlen(name));
	fputs("}}", to);
	begin(to, "M", "thread_sort_index", 0, track);
	fprintf(to, ",\"args\":{\"sort_index\":%u}}", track);
}

/* The first object, of the array: the others have a comma before them. */
static void put_begin(FILE *to, const struct event *event)
{
	fprintf(to,
	    "[\n{\"ph\":\"M\",\"pid\":%d,\"tid\":0,\"name\":\"process_name\",\"args\":"
	    "{\"name\":\"pexec\"}}",
	    (int)getpid());
	name_track(to, RUN_TRACK, "run");
	begin(to, "i", "begin", event->at_s, RUN_TRACK);
	fprintf(to, ",\"s\":\"p\",\"args\":{\"time\":%.6f}}", event->began_s);
	put_counter(to, "slots", event->at_s, event->slots);
}

/* How many attempts have ended in a second, for each second that is over. */
static void put_rate(struct event_trace *trace, FILE *to, double at_s)
{
	if (at_s < trace->window_s + 1)
		return;
	put_counter(to, "ended", trace->window_s, (double)trace->ended);
	if (at_s >= trace->window_s + 2 && trace->ended > 0)
		put_counter(to, "ended", trace->window_s + 1, 0);
	trace->window_s += (double)(uint64_t)(at_s - trace->window_s);
	trace->ended = 0;
}

/* One end of an arrow to attempt number `attempt`; phase s where it begins, f where it ends. */
static void put_arrow(FILE *to, const char *phase, const struct event *event, unsigned attempt)
{
	const struct job_record *record = event->record;

	begin(to, phase, "retry", event->at_s, record->slot);
	fprintf(to, ",\"cat\":\"retry\",\"bp\":\"e\",\"id\":%" PRIu64 "}",
	    (record->seq << ATTEMPT_BITS) + (attempt & ((1U << ATTEMPT_BITS) - 1)));
}

/* Begins an object of a job's slice. Some readers take the end only with the name of the slice. */
static void begin_slice(FILE *to, const char *phase, const struct event *event)
{
	const struct job_record *record = event->record;
	const char *item = record->items->count > 0 ? strlist_at(record->items, 0) : "";
	char name[32];

	snprintf(name, sizeof name, "job %" PRIu64, record->seq);
	begin(to, phase, *item ? item : name, event->at_s, record->slot);
}

static void put_start(struct event_trace *trace, FILE *to, const struct event *event)
{
	const struct job_record *record = event->record;
	char name[32];

	while (trace->named < record->slot) {
		snprintf(name, sizeof name, "slot %u", ++trace->named);
		name_track(to, trace->named, name);
	}
	begin_slice(to, "B", event);
	fprintf(to,
	    ",\"cat\":\"job\",\"args\":{\"seq\":%" PRIu64 ",\"attempt\":%u,\"pid\":%d,"
	    "\"items\":",
	    record->seq, record->attempt, (int)event->pid);
	event_items_put(to, record->items);
	fputs("}}", to);
	if (record->attempt > 1)
		put_arrow(to, "f", event, record->attempt);
	put_counter(to, "running", event->at_s, ++trace->running);
}

static void put_end(struct event_trace *trace, FILE *to, const struct event *event)
{
	const struct job_record *record = event->record;

	/* While the slice is open: the arrow begins at it. */
	if (event->ending == ENDING_RETRY)
		put_arrow(to, "s", event, record->attempt + 1);
	begin_slice(to, "E", event);
	fprintf(to, ",\"args\":{\"outcome\":\"%s\"", ending_names[event->ending]);
	if (!event->error)
		fprintf(to,
		    ",\"exit\":%d,\"signal\":%d,\"runtime\":%.6f,\"user\":%.6f,"
		    "\"system\":%.6f,\"rss\":%ld",
		    record->exit_value, record->signal, record->runtime_s, record->user_s,
		    record->system_s, record->max_rss_kib * 1024);
	fputs("}}", to);
	put_counter(to, "running", event->at_s, --trace->running);
	trace->ended++;
}

/* What the run waits for is over, or it waits for something else. */
static void end_wait(struct event_trace *trace, FILE *to, const struct event *event)
{
	if (*trace->waits) {
		begin(to, "E", trace->waits, event->at_s, RUN_TRACK);
		fputc('}', to);
	}
	*trace->waits = '\0';
}

static void begin_wait(struct event_trace *trace, FILE *to, const struct event *event)
{
	end_wait(trace, to, event);
	strlcpy(trace->waits, event->reason, sizeof trace->waits);
	begin(to, "B", trace->waits, event->at_s, RUN_TRACK);
	fputs(",\"cat\":\"wait\"}", to);
}

static void put_stop(struct event_trace *trace, FILE *to, const struct event *event)
{
	end_wait(trace, to, event);
	put_counter(to, "ended", trace->window_s, (double)trace->ended);
	begin(to, "i", "stop", event->at_s, RUN_TRACK);
	fprintf(to, ",\"s\":\"p\",\"args\":{\"status\":%d,\"signal\":%d}}\n]\n", event->status,
	    event->signal);
}

void event_trace_put(struct event_sink *sink, FILE *to, const struct event *event)
{
	struct event_trace *trace = (struct event_trace *)sink;

	put_rate(trace, to, event->at_s);
	switch (event->kind) {
	case EVENT_BEGIN:
		put_begin(to, event);
		break;
	case EVENT_START:
		put_start(trace, to, event);
		break;
	case EVENT_TIMEOUT:
		begin(to, "i", "timeout", event->at_s, event->record->slot);
		fputs(",\"s\":\"t\"}", to);
		break;
	case EVENT_END:
		put_end(trace, to, event);
		break;
	case EVENT_SLOTS:
		put_counter(to, "slots", event->at_s, event->slots);
		break;
	case EVENT_WAIT:
		begin_wait(trace, to, event);
		break;
	case EVENT_RESUME:
		end_wait(trace, to, event);
		break;
	case EVENT_HALT:
		begin(to, "i", event->ends ? "ending" : "draining", event->at_s, RUN_TRACK);
		fputs(",\"s\":\"p\"}", to);
		break;
	case EVENT_STOP:
		put_stop(trace, to, event);
		break;
	case EVENT_RETRY:
	case EVENT_OVER:
	case EVENT_KINDS:
		break;
	}
}
