/*
 * The page of --report while the run goes on: the supervisor asks for it each minute, which no test
 * of a command line waits for, and a thread writes it. And what becomes of many attempts.
 */
#include "record/report.h"

#undef NDEBUG
#include <assert.h>
#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "pool/report_watch.h"

/* How long, in ms, a page is waited for; and how often it is looked for, in us. */
enum { PATIENCE = 120000, LOOK = 10000 };

static const char path[] = "report.html";

static bool page_has(const char *text)
{
	static char page[1 << 20];
	FILE *file = fopen(path, "r");

	if (!file)
		return false;
	page[fread(page, 1, sizeof page - 1, file)] = '\0';
	fclose(file);
	return strstr(page, text) != NULL;
}

static void await_page(const char *text)
{
	int64_t end_ms = clock_ms() + PATIENCE;

	while (!page_has(text)) {
		if (clock_ms() > end_ms)
			errx(1, "no page has %s", text);
		usleep(LOOK);
	}
}

static void add(struct report *report, uint64_t seq)
{
	struct strlist items = {0};

	strlist_add(&items, "item", 4);
	const struct job_record record = {.seq = seq,
	    .items = &items,
	    .attempt = 1,
	    .slot = 1,
	    .has_run = true,
	    .started_s = 1700000000 + (double)seq,
	    .runtime_s = 0.5};
	report_add(report, &record, REPORT_DONE, NULL, 0);
	strlist_free(&items);
}

/* Each minute a page is written, if an attempt has ended since the last one. */
static void pages_come_each_minute(void)
{
	static struct pool pool;
	static struct progress progress;
	struct timer timer = {.due_ms = TIMER_NEVER};
	struct report_watch watch;
	struct report *report = report_open(path);

	report_begin(report, &(struct report_facts){.command = "true"});
	report_watch_begin(&watch, report, &pool, &progress, &timer);
	int64_t begin_ms = clock_ms();
	add(report, 1);
	report_watch_look(&watch, begin_ms);
	assert(access(path, F_OK) != 0 && report->sample_count == 1);
	report_watch_look(&watch, begin_ms + REPORT_INTERVAL + 1000);
	await_page(">goes on<");
	await_page("<dt>done</dt><dd>1</dd>");
	assert(unlink(path) == 0);
	report_watch_look(&watch, begin_ms + 3 * REPORT_INTERVAL);
	assert(report_finish(report, "complete", true) == 0);
	assert(page_has(">complete<") && !page_has(">goes on<"));
	report_close(report);
	assert(unlink(path) == 0);
}

/* Where nothing is new no page is wanted. */
static void nothing_new_is_no_page(void)
{
	struct report *report = report_open(path);

	report_want(report, NULL, 0);
	assert(!report->wanted);
	add(report, 1);
	report_want(report, NULL, 0);
	assert(report->wanted);
	report_close(report);
}

/* A job at work, as report_want takes it. */
static struct report_running *work(uint64_t seq, double started_s, pid_t pid)
{
	struct report_running *running = malloc(sizeof *running);
	struct strlist items = {0};

	assert(running);
	strlist_add(&items, "<long>", 6);
	const struct job_record record = {
	    .seq = seq, .items = &items, .attempt = 2, .slot = 3, .started_s = started_s};
	report_describe(running, &record, pid);
	strlist_free(&items);
	return running;
}

/* The page of a run that goes on has the jobs at work; not one that has ended meanwhile, and none
 * in the end. */
static void jobs_at_work_are_told(void)
{
	double now_s = (double)time(NULL);
	struct report *report = report_open(path);

	report_begin(report, &(struct report_facts){.command = "true"});
	report_want(report, work(7, now_s - 3600, 4711), 1);
	await_page(">Running</h2>");
	assert(page_has("data-of=\"Job\">7<") && page_has("<bdi>&lt;long&gt;</bdi>"));
	assert(page_has("data-of=\"Runs for\">1 h") && page_has(">4711"));
	assert(page_has("\"end\":[5]") && page_has("\"seq\":[7]") && page_has("\"slot\":[3]"));
	assert(page_has("<dt>running</dt><dd>1</dd>"));
	report_stop(report);
	assert(unlink(path) == 0);
	/* The thread has ended: nothing takes what is wanted. */
	report_want(report, work(1, now_s, 4711), 1);
	add(report, 1);
	assert(report->running_count == 0);
	assert(report_finish(report, "complete", true) == 0);
	assert(page_has("\"end\":[0]") && !page_has(">Running</h2>"));
	report_close(report);
	assert(unlink(path) == 0);
}

/* Of very many samples every second one is kept, and then they come half as often. */
static void samples_are_bounded(void)
{
	struct report *report = report_open(path);
	long long first_ms = report->sample_ms, last_ms = 0;

	for (int i = 0; i < 3 * REPORT_SAMPLES; i++)
		last_ms = report_sample(report, &(struct report_sample){.at_s = i});
	assert(report->sample_count <= REPORT_SAMPLES && last_ms > first_ms);
	for (size_t i = 1; i < report->sample_count; i++)
		assert(report->samples[i - 1].at_s < report->samples[i].at_s);
	report_close(report);
}

/* An even sample of the attempts, and counts of all. */
static void rows_are_bounded(void)
{
	const uint64_t count = 5 * (uint64_t)REPORT_ROWS;
	struct report *report = report_open(path);

	for (uint64_t seq = 1; seq <= count; seq++)
		add(report, seq);
	const struct report_rows *rows = &report->rows;
	assert(rows->seen == count && rows->ends[REPORT_DONE] == count && rows->step == 8);
	assert(rows->count == (count + 7) / 8 && rows->names.count == rows->count);
	for (size_t i = 0; i < rows->count; i++)
		assert(rows->all[i].seq == 1 + 8 * i);
	assert(rows->slowest_count == REPORT_SLOWEST && rows->slowest[0].row.seq == 1);
	report_close(report);
}

int main(void)
{
	char folder[] = "/tmp/pexec-report.XXXXXX";

	if (!mkdtemp(folder) || chdir(folder) != 0)
		err(1, "%s", folder);
	pages_come_each_minute();
	nothing_new_is_no_page();
	jobs_at_work_are_told();
	samples_are_bounded();
	rows_are_bounded();
	assert(rmdir(folder) == 0);
	return 0;
}
