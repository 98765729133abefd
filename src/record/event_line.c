#include "record/event_line.h"

#include <inttypes.h>
#include <string.h>
#include <unistd.h>

#include "record/json_text.h"

static const char *const names[EVENT_KINDS] = {
    [EVENT_BEGIN] = "begin",
    [EVENT_START] = "start",
    [EVENT_TIMEOUT] = "timeout",
    [EVENT_END] = "end",
    [EVENT_RETRY] = "retry",
    [EVENT_OVER] = "over",
    [EVENT_SLOTS] = "slots",
    [EVENT_WAIT] = "wait",
    [EVENT_RESUME] = "resume",
    [EVENT_HALT] = "halt",
    [EVENT_STOP] = "stop",
};

/* Which of them are about a job. */
static const bool has_job[EVENT_KINDS] = {
    [EVENT_START] = true,
    [EVENT_TIMEOUT] = true,
    [EVENT_END] = true,
    [EVENT_RETRY] = true,
    [EVENT_OVER] = true,
};

const char *const ending_names[ENDINGS] = {
    [ENDING_DONE] = "done",
    [ENDING_FAILED] = "failed",
    [ENDING_RETRY] = "retry",
    [ENDING_LEFT_OUT] = "left out",
    [ENDING_PREEMPTED] = "preempted",
    [ENDING_NOT_RUN] = "not run",
};

const char *const outcome_names[OUTCOMES] = {
    [OUTCOME_DONE] = "done",
    [OUTCOME_FAILED] = "failed",
    [OUTCOME_LEFT_OUT] = "left out",
};

static void put_text(FILE *to, const char *name, const char *text)
{
	fprintf(to, ",\"%s\":", name);
	json_text_write(to, text, strlen(text));
}

void event_items_put(FILE *to, const struct strlist *items)
{
	putc_unlocked('[', to);
	for (size_t i = 0; i < items->count; i++) {
		fputs(i > 0 ? "," : "", to);
		json_text_write(to, strlist_at(items, i), strlist_length(items, i));
	}
	putc_unlocked(']', to);
}

static void put_begin(FILE *to, const struct event *event)
{
	fprintf(to, ",\"pid\":%d,\"slots\":%u", (int)getpid(), event->slots);
	if (event->total > 0)
		fprintf(to, ",\"total\":%" PRIu64, event->total);
	fputs(",\"command\":[", to);
	for (size_t i = 0; i < event->words->count; i++) {
		fputs(i > 0 ? "," : "", to);
		json_text_write(to, event->words->at[i], strlen(event->words->at[i]));
	}
	putc_unlocked(']', to);
}

/* Which attempt at which job it is, and where. */
static void put_attempt(FILE *to, const struct job_record *record)
{
	fprintf(to, ",\"seq\":%" PRIu64 ",\"attempt\":%u,\"slot\":%u", record->seq, record->attempt,
	    record->slot);
}

static void put_start(FILE *to, const struct event *event)
{
	fprintf(to, ",\"pid\":%d,\"items\":", (int)event->pid);
	event_items_put(to, event->record->items);
}

/* How the last process of a job has ended. */
static void put_status(FILE *to, const struct job_record *record)
{
	fprintf(to, ",\"exit\":%d,\"signal\":%d,\"runtime\":%.6f", record->exit_value,
	    record->signal, record->runtime_s);
}

static void put_end(FILE *to, const struct event *event)
{
	const struct job_record *record = event->record;

	fprintf(to, ",\"pid\":%d", (int)event->pid);
	put_text(to, "outcome", ending_names[event->ending]);
	if (event->error) {
		put_text(to, "error", strerror(event->error));
		return;
	}
	put_status(to, record);
	fprintf(to, ",\"timeout\":%s,\"user\":%.6f,\"system\":%.6f,\"rss\":%ld,\"stdout\":%jd",
	    record->timed_out ? "true" : "false", record->user_s, record->system_s,
	    record->max_rss_kib * 1024, (intmax_t)record->stdout_bytes);
}

static void put_over(FILE *to, const struct event *event)
{
	put_text(to, "outcome", outcome_names[event->outcome]);
	put_status(to, event->record);
	fputs(",\"items\":", to);
	event_items_put(to, event->record->items);
}

static void put_stop(FILE *to, const struct event *event)
{
	fprintf(to,
	    ",\"status\":%d,\"signal\":%d,\"done\":%" PRIu64 ",\"failed\":%" PRIu64
	    ",\"left_out\":%" PRIu64,
	    event->status, event->signal, event->done, event->failed, event->left_out);
}

void event_line_put(struct event_sink *sink, FILE *to, const struct event *event)
{
	(void)sink;
	/* As EVENT_FILE_BEGINS and EVENT_LINE_BEGINS say. */
	fprintf(to, "{%s\"event\":\"%s\",\"time\":%.6f",
	    event->kind == EVENT_BEGIN ? "\"v\":1," : "", names[event->kind],
	    event->began_s + event->at_s);
	if (has_job[event->kind])
		put_attempt(to, event->record);
	switch (event->kind) {
	case EVENT_BEGIN:
		put_begin(to, event);
		break;
	case EVENT_START:
		put_start(to, event);
		break;
	case EVENT_END:
		put_end(to, event);
		break;
	case EVENT_RETRY:
		fprintf(to, ",\"delay\":%.3f", event->delay_s);
		break;
	case EVENT_OVER:
		put_over(to, event);
		break;
	case EVENT_SLOTS:
		fprintf(to, ",\"slots\":%u", event->slots);
		break;
	case EVENT_WAIT:
		put_text(to, "reason", event->reason);
		break;
	case EVENT_HALT:
		put_text(to, "phase", event->ends ? "ending" : "draining");
		fprintf(to, ",\"status\":%d,\"signal\":%d", event->status, event->signal);
		break;
	case EVENT_STOP:
		put_stop(to, event);
		break;
	case EVENT_TIMEOUT:
	case EVENT_RESUME:
	case EVENT_KINDS:
		break;
	}
	fputs("}\n", to);
}
