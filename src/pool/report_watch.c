#include "pool/report_watch.h"

#include "base/clock.h"
#include "base/system_load.h"

void report_watch_begin(struct report_watch *watch, struct report *report, struct pool *pool,
    const struct progress *progress, struct timer *timer)
{
	int64_t now_ms = clock_ms();

	*watch = (struct report_watch){.report = report,
	    .pool = pool,
	    .progress = progress,
	    .timer = timer,
	    .sample_ms = now_ms,
	    .page_ms = now_ms + REPORT_INTERVAL};
	if (report)
		timer_set(timer, now_ms);
}

/* Takes a sample. Returns the time in ms until the next one. */
static long long take_sample(struct report_watch *watch)
{
	struct report_sample sample = {.at_s = clock_seconds(CLOCK_REALTIME),
	    .running = atomic_load(&watch->progress->running),
	    .slots = pool_limit(watch->pool),
	    .load = system_running(),
	    .free_bytes = system_memory_free()};

	for (int i = 0; i < SYSTEM_RESOURCES; i++)
		sample.pressure[i] = system_pressure((enum system_resource)i);
	return report_sample(watch->report, &sample);
}

/* Has a page written, with the jobs that run now. */
static void want_page(struct report_watch *watch)
{
	size_t count;
	struct report_running *running = pool_describe_running(watch->pool, &count);

	report_want(watch->report, running, count);
}

void report_watch_look(struct report_watch *watch, int64_t now_ms)
{
	if (now_ms >= watch->sample_ms)
		watch->sample_ms = now_ms + take_sample(watch);
	if (now_ms >= watch->page_ms) {
		watch->page_ms = now_ms + REPORT_INTERVAL;
		want_page(watch);
	}
	timer_set(
	    watch->timer, watch->sample_ms < watch->page_ms ? watch->sample_ms : watch->page_ms);
}
