#include "record/report.h"

#include <err.h>
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/escape.h"
#include "base/message.h"
#include "base/utf8.h"

/* The first samples are so far apart, in ms. */
enum { FIRST_INTERVAL = 200 };

bool report_is_name(const char *name)
{
	const char *ending = strrchr(name, '.');

	return ending && ending != name && strcmp(ending, ".html") == 0;
}

struct report *report_open(const char *path)
{
	char shown[ESCAPED_NAME];

	if (report_page_try(path) != 0)
		err(1, "--report %s", escape_name(shown, path));
	struct report *report = calloc(1, sizeof *report);
	if (!report)
		err(1, "--report");
	report->path = path;
	report->sample_ms = FIRST_INTERVAL;
	report_rows_init(&report->rows);
	lock_init(&report->lock, LOCK_RECORD);
	lock_init_condition(&report->changed);
	return report;
}

/* --- what it is fed with --- */

/*
 * The name of a job: its item, or what fits into `text` of several. Sets `name` to where it is, and
 * returns its length.
 */
static size_t name_of(const struct strlist *items, char text[REPORT_NAME], const char **name)
{
	static const char more[] = "\xe2\x80\xa6"; /* U+2026, three dots in one */
	const size_t room = REPORT_NAME - 1 - (sizeof more - 1);
	size_t used = 0;

	*name = items->count == 1 ? strlist_at(items, 0) : text;
	if (items->count == 1)
		return strlist_length(items, 0);
	for (size_t i = 0; i < items->count; i++) {
		const char *item = strlist_at(items, i);
		size_t length = strlist_length(items, i), blank = i > 0;
		if (used + blank + length > room) {
			size_t left = used + blank < room ? room - used - blank : 0;
			left = utf8_cut(item, length, left < length ? left : length);
			memcpy(text + used, " ", blank);
			memcpy(text + used + blank, item, left);
			memcpy(text + used + blank + left, more, sizeof more - 1);
			return used + blank + left + sizeof more - 1;
		}
		memcpy(text + used, " ", blank);
		memcpy(text + used + blank, item, length);
		used += blank + length;
	}
	return used;
}

static int16_t small(int value)
{
	return (int16_t)(value < INT16_MAX ? value : INT16_MAX);
}

static uint16_t attempt_of(const struct job_record *record)
{
	return (uint16_t)(record->attempt < UINT16_MAX ? record->attempt : UINT16_MAX);
}

void report_describe(struct report_running *running, const struct job_record *record, pid_t pid)
{
	const char *name;

	*running = (struct report_running){.pid = pid,
	    .row = {.seq = record->seq,
		.started_s = record->started_s,
		.user_s = REPORT_UNKNOWN,
		.system_s = REPORT_UNKNOWN,
		.rss_bytes = REPORT_UNKNOWN,
		.slot = record->slot,
		.attempt = attempt_of(record),
		.end = REPORT_RUNS}};
	size_t length = name_of(record->items, running->name, &name);
	running->name_bytes = utf8_cut(name, length, length < REPORT_NAME ? length : REPORT_NAME);
	memmove(running->name, name, running->name_bytes);
}

/* The job runs no more. With the lock held. */
static void drop_running(struct report *report, const struct job_record *record)
{
	size_t left = 0;

	for (size_t i = 0; i < report->running_count; i++)
		if (report->running[i].row.seq != record->seq)
			report->running[left++] = report->running[i];
	report->running_count = left;
}

void report_add(struct report *report, const struct job_record *record, enum report_end end,
    const char *error, size_t error_bytes)
{
	const struct report_row row = {.seq = record->seq,
	    .started_s = record->has_run ? record->started_s : 0,
	    .runtime_s = record->runtime_s,
	    .user_s = record->has_run ? (float)record->user_s : REPORT_UNKNOWN,
	    .system_s = record->has_run ? (float)record->system_s : REPORT_UNKNOWN,
	    .rss_bytes = record->has_run ? (int64_t)record->max_rss_kib * 1024 : REPORT_UNKNOWN,
	    .slot = record->slot,
	    .attempt = attempt_of(record),
	    .exit_value = small(record->exit_value),
	    .signal = (uint8_t)record->signal,
	    .end = (uint8_t)end};
	const struct strlist *command = &record->command;
	struct report_texts texts = {.error = error, .error_bytes = error_bytes, .command = ""};
	char several[REPORT_NAME];

	texts.name_bytes = name_of(record->items, several, &texts.name);
	/* Without memory for its command a job fails, and has none. */
	if (command->count > 0) {
		texts.command = strlist_at(command, 0);
		texts.command_bytes = strlist_length(command, 0);
	}
	lock_take(&report->lock);
	drop_running(report, record);
	report_rows_add(&report->rows, &row, &texts);
	lock_release(&report->lock);
}

long long report_sample(struct report *report, const struct report_sample *sample)
{
	lock_take(&report->lock);
	if (report->sample_count == REPORT_SAMPLES) {
		for (size_t i = 0; i < REPORT_SAMPLES / 2; i++)
			report->samples[i] = report->samples[2 * i];
		report->sample_count = REPORT_SAMPLES / 2;
		report->sample_ms *= 2;
	}
	report->samples[report->sample_count++] = *sample;
	long long next_ms = report->sample_ms;
	lock_release(&report->lock);
	return next_ms;
}

/* --- the pages --- */

/* Makes a copy of what there is. NULL without memory. */
static struct report *copy_of(struct report *report)
{
	struct report *copy = malloc(sizeof *copy);

	if (!copy)
		return NULL;
	lock_take(&report->lock);
	copy->sample_count = report->sample_count;
	memcpy(copy->samples, report->samples, sizeof copy->samples);
	report->told = report->rows.seen;
	copy->running = report->running;
	copy->running_count = report->running_count;
	report->running = NULL;
	report->running_count = 0;
	bool is_whole = report_rows_copy(&copy->rows, &report->rows);
	lock_release(&report->lock);
	if (is_whole)
		return copy;
	free(copy->running);
	free(copy);
	return NULL;
}

/* The one that began first is the first. */
static int compare_starts(const void *one, const void *other)
{
	const struct report_row *first = &((const struct report_running *)one)->row;
	const struct report_row *second = &((const struct report_running *)other)->row;

	if (first->started_s != second->started_s)
		return first->started_s < second->started_s ? -1 : 1;
	return first->seq < second->seq ? -1 : first->seq > second->seq;
}

/* Tells of jobs at work, which go on until now. */
static void set_running(struct report_facts *facts, struct report_running *running, size_t count)
{
	if (count > 0)
		qsort(running, count, sizeof *running, compare_starts);
	for (size_t i = 0; i < count; i++)
		running[i].row.runtime_s = fmax(0, facts->now_s - running[i].row.started_s);
	facts->running = running;
	facts->running_count = count;
}

/* Writes a page of what there is. Returns 0, or -1 with errno. */
static int write_page(struct report *report, struct report_facts *facts)
{
	struct report *copy = copy_of(report);

	if (!copy)
		return -1;
	if (!facts->is_over)
		set_running(facts, copy->running, copy->running_count);
	int result =
	    report_page_write(report->path, facts, &copy->rows, copy->samples, copy->sample_count);
	int error = errno;
	report_rows_free(&copy->rows);
	free(copy->running);
	free(copy);
	errno = error;
	return result;
}

static void say_failure(const struct report *report)
{
	char shown[ESCAPED_NAME];

	message_errno("--report %s", escape_name(shown, report->path));
}

/* Waits until a page is wanted; false: no more are. */
static bool await_want(struct report *report)
{
	lock_take(&report->lock);
	while (!report->wanted && !report->ends)
		lock_wait(&report->lock, &report->changed, INT64_MAX);
	bool goes_on = !report->ends;
	report->wanted = false;
	lock_release(&report->lock);
	return goes_on;
}

static void *report_main(void *context)
{
	struct report *report = context;
	bool said = false;

	while (await_want(report)) {
		struct report_facts facts = report->facts;
		facts.ending = "goes on";
		facts.now_s = clock_seconds(CLOCK_REALTIME);
		if (write_page(report, &facts) != 0 && !said) {
			said = true;
			say_failure(report);
		}
	}
	return NULL;
}

/* A copy of a text that may be NULL. */
static char *copy_text(const char *text)
{
	char *copy = text ? strdup(text) : NULL;

	if (text && !copy)
		err(1, "--report");
	return copy;
}

void report_begin(struct report *report, const struct report_facts *facts)
{
	report->facts = *facts;
	report->facts.command = copy_text(facts->command);
	report->facts.directory = copy_text(facts->directory);
	report->facts.host = copy_text(facts->host);
	report->facts.began_s = clock_seconds(CLOCK_REALTIME);
	int error = pthread_create(&report->thread, NULL, report_main, report);
	if (error)
		errc(1, error, "--report");
	report->has_thread = true;
}

void report_want(struct report *report, struct report_running *running, size_t running_count)
{
	lock_take(&report->lock);
	free(report->running);
	report->running = running;
	report->running_count = running_count;
	report->wanted = report->rows.seen > report->told || running_count > 0;
	pthread_cond_signal(&report->changed);
	lock_release(&report->lock);
}

void report_stop(struct report *report)
{
	if (!report->has_thread)
		return;
	lock_take(&report->lock);
	report->ends = true;
	pthread_cond_signal(&report->changed);
	lock_release(&report->lock);
	pthread_join(report->thread, NULL);
	report->has_thread = false;
}

int report_finish(struct report *report, const char *ending, bool is_good)
{
	struct report_facts facts = report->facts;

	report_stop(report);
	facts.ending = ending;
	facts.is_over = true;
	facts.is_good = is_good;
	facts.now_s = clock_seconds(CLOCK_REALTIME);
	if (write_page(report, &facts) == 0)
		return 0;
	say_failure(report);
	return -1;
}

void report_close(struct report *report)
{
	free((char *)report->facts.command);
	free((char *)report->facts.directory);
	free((char *)report->facts.host);
	report_rows_free(&report->rows);
	free(report->running);
	lock_destroy(&report->lock);
	pthread_cond_destroy(&report->changed);
	free(report);
}
