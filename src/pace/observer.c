#include "pace/observer.h"

#include <math.h>

/* No job is shorter than this, in seconds: the logarithm of 0 is not a number. */
static const double shortest_s = 1e-6;

void observer_begin(struct observer *observer, unsigned slots)
{
	*observer = (struct observer){.generation = 1};
	observer->window = (struct window){.slots = slots, .idle = -1};
}

void observer_change(struct observer *observer, unsigned slots)
{
	unsigned generation = observer->generation + 1;

	observer_begin(observer, slots);
	observer->generation = generation;
}

static double slot_time(const struct observer *observer, double now_s)
{
	return observer->slots * now_s - observer->first_sum_s;
}

static double busy_time(const struct observer *observer, double now_s)
{
	return observer->run_sum_s + observer->window.running * now_s - observer->start_sum_s;
}

void observer_renew(struct observer *observer, double now_s)
{
	const struct window *window = &observer->window;

	observer->slot_base_s = slot_time(observer, now_s);
	observer->busy_base_s = busy_time(observer, now_s);
	observer->window =
	    (struct window){.slots = window->slots, .running = window->running, .idle = -1};
}

void observer_start(struct observer *observer, struct observed *job, double now_s)
{
	if (job->slot_generation != observer->generation) {
		observer->slots++;
		observer->first_sum_s += now_s;
	}
	job->slot_generation = job->generation = observer->generation;
	job->started_s = now_s;
	observer->window.running++;
	observer->start_sum_s += now_s;
}

void observer_cancel(struct observer *observer, const struct observed *job)
{
	if (job->generation != observer->generation)
		return;
	observer->window.running--;
	observer->start_sum_s -= job->started_s;
}

bool observer_end(
    struct observer *observer, const struct observed *job, const struct observation *seen)
{
	struct window *window = &observer->window;
	double runtime_s = fmax(seen->runtime_s, shortest_s), logarithm = log(runtime_s);

	if (job->generation != observer->generation)
		return false;
	observer_cancel(observer, job);
	observer->run_sum_s += runtime_s;
	window->ends++;
	window->failed += seen->failed;
	window->runtime_s += runtime_s;
	window->runtime_s2 += runtime_s * runtime_s;
	window->log_sum += logarithm;
	window->log_sum2 += logarithm * logarithm;
	window->cpu_s += seen->cpu_s;
	return true;
}

struct window observer_window(const struct observer *observer, double now_s)
{
	struct window window = observer->window;

	window.slot_s = fmax(slot_time(observer, now_s) - observer->slot_base_s, shortest_s);
	window.busy_s = busy_time(observer, now_s) - observer->busy_base_s;
	return window;
}
