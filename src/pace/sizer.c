#include "pace/sizer.h"

#include <err.h>
#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/message.h"
#include "base/path.h"

void sizer_init(struct sizer *sizer, const struct sizer_options *options, struct timer *timer)
{
	char reason[SLOT_COUNT_REASON];
	unsigned first = options->cpus;

	*sizer = (struct sizer){.is_used = options->range.most > 0,
	    .tells = options->tells,
	    .asked = options->range,
	    .timer = timer};
	lock_init(&sizer->lock, LOCK_PACE);
	if (options->journal && asprintf(&sizer->file, "%s.slots", options->journal) < 0)
		err(1, "-j auto");
	/* What is no number there is as good as nothing: it is found anew. */
	if (sizer->is_used && sizer->file && options->resumes)
		slot_count_read(sizer->file, &first, reason);
	sizer->autosize.limits = (struct autosize_limits){.least = options->range.least,
	    .most = options->range.most,
	    .cpus = options->cpus,
	    .first = first};
}

void sizer_free(struct sizer *sizer)
{
	free(sizer->file);
	lock_destroy(&sizer->lock);
}

/* A window begins. With the lock held. */
static void begin_window(struct sizer *sizer)
{
	sizer->since_s = clock_seconds(CLOCK_MONOTONIC);
	sizer->since = system_idle_now();
	sizer->is_due = false;
}

/* Begins to decide, with these limits and no more slots than `most`. With the lock held. */
static unsigned begin(struct sizer *sizer, struct autosize_limits limits, unsigned most)
{
	if (limits.most > most)
		limits.most = most;
	if (limits.least > most)
		limits.least = most;
	sizer->is_on = true;
	sizer->decision = autosize_begin(&sizer->autosize, &limits);
	observer_change(&sizer->observer, sizer->decision.slots);
	begin_window(sizer);
	return sizer->decision.slots;
}

unsigned sizer_begin(struct sizer *sizer, unsigned most)
{
	lock_take(&sizer->lock);
	unsigned slots = begin(sizer, sizer->autosize.limits, most);
	lock_release(&sizer->lock);
	return slots;
}

unsigned sizer_start(
    struct sizer *sizer, const struct slot_range *range, unsigned slots, unsigned most)
{
	lock_take(&sizer->lock);
	const struct autosize_limits limits = {.least = range->least,
	    .most = range->most,
	    .cpus = sizer->autosize.limits.cpus,
	    .first = slots};
	bool is_same =
	    sizer->is_on && sizer->asked.least == range->least && sizer->asked.most == range->most;
	if (!is_same) {
		sizer->asked = *range;
		sizer->by_hand = 0;
		slots = begin(sizer, limits, most);
	}
	lock_release(&sizer->lock);
	/* Jobs that run already were not seen to begin, and do not count. */
	atomic_store(&sizer->is_used, true);
	return is_same ? 0 : slots;
}

/* --- what slots see --- */

/* When the slots may have spent the seconds after which is to be decided, of clock_ms(). */
static int64_t look_due(const struct sizer *sizer, double now_s)
{
	unsigned slots = sizer->observer.slots;
	double left_s = sizer->decision.look_s - observer_window(&sizer->observer, now_s).slot_s;

	if (sizer->decision.look_s <= 0 || slots == 0)
		return TIMER_NEVER;
	return clock_ms() + (int64_t)ceil(fmax(left_s, 0) / slots * 1000) + 1;
}

void sizer_job_starts(struct sizer *sizer, struct observed *job, double now_s)
{
	int64_t due_ms = TIMER_NEVER;

	if (!sizer->is_used)
		return;
	lock_take(&sizer->lock);
	unsigned slots = sizer->observer.slots;
	observer_start(&sizer->observer, job, now_s);
	/* From the first job of a trial on there is a time by which it has to be worth it. */
	if (slots == 0 && sizer->is_on && sizer->decision.look_s > 0)
		due_ms = look_due(sizer, now_s);
	lock_release(&sizer->lock);
	if (due_ms != TIMER_NEVER)
		timer_set_by(sizer->timer, due_ms);
}

void sizer_job_cancelled(struct sizer *sizer, const struct observed *job)
{
	if (!sizer->is_used)
		return;
	lock_take(&sizer->lock);
	observer_cancel(&sizer->observer, job);
	lock_release(&sizer->lock);
}

void sizer_job_ended(
    struct sizer *sizer, const struct observed *job, const struct observation *seen)
{
	bool is_due = false;

	if (!sizer->is_used)
		return;
	lock_take(&sizer->lock);
	bool counts = observer_end(&sizer->observer, job, seen);
	if (counts && sizer->is_on && !sizer->is_due)
		is_due = sizer->is_due = sizer->observer.window.ends >= sizer->decision.look_ends;
	lock_release(&sizer->lock);
	if (is_due)
		timer_set(sizer->timer, 0);
}

/* --- deciding --- */

/* What was seen up to now, of jobs and of the machine. With the lock held. */
static struct window window_now(const struct sizer *sizer, double now_s)
{
	struct window window = observer_window(&sizer->observer, now_s);
	struct system_idle load = system_idle_now();
	double elapsed_s = fmax(now_s - sizer->since_s, 1e-3);

	window.idle = system_idle_share(&sizer->since, &load);
	window.memory_wait = (load.memory_wait_s - sizer->since.memory_wait_s) / elapsed_s;
	return window;
}

/* Does as was decided: the next window. With the lock held. */
static void obey(struct sizer *sizer, unsigned slots_before, double now_s)
{
	const struct autosize_decision *decision = &sizer->decision;

	sizer->is_due = false;
	if (decision->slots != slots_before)
		observer_change(&sizer->observer, decision->slots);
	else if (decision->begins)
		observer_renew(&sizer->observer, now_s);
	if (decision->slots != slots_before || decision->begins)
		begin_window(sizer);
}

/* Keeps what was found for a run that resumes this one. That it cannot be kept is no loss. */
static void keep(const struct sizer *sizer, unsigned slots)
{
	int guard = sizer->file ? path_guard(sizer->file) : -1;
	int fd = guard < 0
		     ? -1
		     : open(sizer->file, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | guard, 0666);

	if (fd < 0)
		return;
	dprintf(fd, "%u\n", slots);
	close(fd);
}

/* A search has ended. */
static void settle(struct sizer *sizer, unsigned slots)
{
	char text[AUTOSIZE_TEXT];

	if (slots == sizer->said)
		return;
	sizer->said = slots;
	keep(sizer, slots);
	if (sizer->tells)
		message("slots: %s", sizer_text(sizer, text));
}

unsigned sizer_look(struct sizer *sizer)
{
	double now_s = clock_seconds(CLOCK_MONOTONIC);
	unsigned slots = 0;

	lock_take(&sizer->lock);
	struct window window = window_now(sizer, now_s);
	struct autosize_decision *decision = &sizer->decision;
	unsigned before = decision->slots;
	bool is_due = window.ends >= decision->look_ends ||
		      (decision->look_s > 0 && window.slot_s >= decision->look_s);
	if (sizer->is_on && is_due) {
		*decision = autosize_decide(&sizer->autosize, &window);
		slots = decision->slots;
		obey(sizer, before, now_s);
	}
	bool settled = slots > 0 && decision->settled;
	int64_t due_ms = sizer->is_on ? look_due(sizer, now_s) : TIMER_NEVER;
	lock_release(&sizer->lock);
	timer_set_by(sizer->timer, due_ms);
	if (settled)
		settle(sizer, slots);
	return slots != before ? slots : 0;
}

bool sizer_stop(struct sizer *sizer, unsigned slots)
{
	if (!sizer->is_used)
		return false;
	lock_take(&sizer->lock);
	bool was_on = sizer->is_on;
	sizer->is_on = false;
	sizer->by_hand = slots;
	lock_release(&sizer->lock);
	return was_on;
}

unsigned sizer_by_hand(struct sizer *sizer)
{
	lock_take(&sizer->lock);
	unsigned slots = sizer->by_hand;
	lock_release(&sizer->lock);
	return slots;
}

bool sizer_is_on(struct sizer *sizer)
{
	lock_take(&sizer->lock);
	bool is_on = sizer->is_on;
	lock_release(&sizer->lock);
	return is_on;
}

const char *sizer_text(struct sizer *sizer, char text[AUTOSIZE_TEXT])
{
	text[0] = '\0';
	lock_take(&sizer->lock);
	if (sizer->is_on)
		autosize_text(&sizer->autosize, text);
	else if (sizer->is_used)
		snprintf(text, AUTOSIZE_TEXT, "%u, set by hand", sizer->by_hand);
	lock_release(&sizer->lock);
	return text;
}
