#include "pace/autosize.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* More slots have to get so much more done, fewer may get so much less done (logarithms). */
static const double least_gain = 0.04, most_loss = 0.03;

/* What a curve has to promise before a number is tried. */
static const double least_promise = 0.06;

/*
 * The largest steps up: the first one, the next ones, from so many slots for each CPU on, and that
 * of a curve that bends already.
 */
static const double far_step = 8, next_step = 4, near_step = 2;
enum { FAR_AWAY = 4 };

/*
 * A step up that has surely brought so much of what it should is followed by a far one, and one
 * that has brought so little by a near one.
 */
static const double full_gain = 0.9, half_gain = 0.5;

/* With so many CPUs a first step as far as the others would be one into the dark. */
enum { MANY_CPUS = 4 };

/* A trial is over when even with all that is in flight it were at so much of the best rate. */
static const double hopeless = 0.85;

/* How different jobs are when the work has changed: deviations, and a logarithm. */
static const double change_deviations = 4, change_least = 0.3;

/* Jobs that use this many times less of a processor are others: then a far step may be right. */
static const double other_work = 3;

/* The share of time that processes wait for memory (PSI) from which on there are no more slots. */
static const double memory_full = 0.1;

/* The share of the machine's processors that has to be idle for the farthest step. */
static const double least_idle = 0.1;

/* Slots that have a job for less than this share of their time wait for items. */
static const double least_busy = 0.5;

/* What is usual is known well with this deviation, and is not gathered for longer than this. */
static const double known_deviation = 0.04;
enum { MOST_KNOWN_ENDS = 2000 };

static unsigned clamp(double value, unsigned least, unsigned most)
{
	if (value <= least)
		return least;
	return value >= most ? most : (unsigned)lround(value);
}

/* --- when to look --- */

/*
 * A window has an end for each slot: where all jobs take as long that is exact. All but an eighth,
 * or it would wait for a second round where a slot was late to begin.
 */
static double first_look(unsigned slots)
{
	unsigned late = slots / 8;

	return slots - late;
}

/* While it stays half of that is enough to see a change soon. */
static double next_look(unsigned slots)
{
	unsigned half = slots / 2;

	return slots <= 4 ? slots : fmax(4, half);
}

static struct autosize_decision decision(const struct autosize *autosize, unsigned slots)
{
	bool stays = autosize->phase == AUTOSIZE_STAY;

	return (struct autosize_decision){.slots = slots,
	    .begins = true,
	    .look_ends = stays ? next_look(slots) : first_look(slots)};
}

/* --- what was tried --- */

static void forget_points(struct autosize *autosize)
{
	autosize->point_count = 0;
	autosize->above = autosize->limits.most + 1;
	autosize->below = 0;
	autosize->step_gain =
	    autosize->limits.cpus > MANY_CPUS ? (full_gain + half_gain) / 2 : full_gain;
}

/* Keeps a point of the curve, in the place of an older one with this number of slots. */
static void keep_point(struct autosize *autosize, const struct throughput *seen)
{
	struct scaling_point *points = autosize->points;
	size_t count = autosize->point_count, at = 0;

	while (at < count && points[at].slots != seen->slots)
		at++;
	if (at == count && count == AUTOSIZE_POINTS)
		at = 0;
	if (at < count) {
		memmove(&points[at], &points[at + 1], (count - at - 1) * sizeof *points);
		count--;
	}
	double variance = fmin(
	    seen->rate_variance, seen->runtime_variance / seen->ends + least_gain * least_gain);
	points[count] = (struct scaling_point){seen->slots, throughput_rate(seen), 1 / variance};
	autosize->point_count = count + 1;
}

static void keep_trail(struct autosize *autosize, const struct throughput *seen)
{
	if (autosize->trail_count == AUTOSIZE_TRAIL) {
		memmove(&autosize->trail[0], &autosize->trail[1],
		    (AUTOSIZE_TRAIL - 1) * sizeof autosize->trail[0]);
		autosize->trail_count--;
	}
	autosize->trail[autosize->trail_count].slots = seen->slots;
	autosize->trail[autosize->trail_count++].rate = throughput_rate(seen);
}

static void keep(struct autosize *autosize, const struct throughput *seen)
{
	keep_point(autosize, seen);
	keep_trail(autosize, seen);
	if (seen->log_runtime < autosize->least_log_runtime) {
		autosize->least_log_runtime = seen->log_runtime;
		autosize->least_variance = seen->runtime_variance / seen->ends;
	}
}

/* --- which number to try --- */

/* What the processors allow, in jobs per second. */
static double most_rate(const struct autosize *autosize)
{
	double cpu_s = autosize->best.cpu_s;

	return cpu_s > 0 ? autosize->limits.cpus / cpu_s : INFINITY;
}

/* By how much the next step may be up. */
static double longest_step(const struct autosize *autosize)
{
	double share = (autosize->step_gain - half_gain) / (full_gain - half_gain);
	bool is_far = autosize->best.slots >= FAR_AWAY * autosize->limits.cpus;

	return near_step *
	       pow((is_far ? next_step : far_step) / near_step, fmin(1, fmax(0, share)));
}

/* The largest number that may be tried now. */
static unsigned search_limit(const struct autosize *autosize)
{
	const struct throughput *best = &autosize->best;
	const struct window *usual = &autosize->usual;
	double step = longest_step(autosize);

	/* Others may be at work for the jobs, such as a server: the machine is full with that. */
	if (usual->idle >= 0 && usual->idle < least_idle)
		step = fmin(step, next_step);
	if (usual->memory_wait > memory_full)
		step = 1;
	unsigned limit = clamp(best->slots * step, best->slots, autosize->limits.most);
	/* Next to what was not better nothing is much better. */
	unsigned bound = (unsigned)(autosize->above / 1.25);

	if (bound < best->slots)
		bound = best->slots;
	return limit > bound ? bound : limit;
}

/* The number that the curve takes for the best, if it promises so much; 0: none does. */
static unsigned promised(const struct autosize *autosize, double enough)
{
	const struct throughput *best = &autosize->best;
	struct scaling curve = scaling_fit(autosize->points, autosize->point_count);
	unsigned least = (unsigned)(autosize->below * 1.25) + 1, limit = search_limit(autosize);
	double rate = throughput_rate(best);

	if (least > best->slots)
		least = best->slots;

	if (least < autosize->limits.least)
		least = autosize->limits.least;
	curve.most_rate = most_rate(autosize);
	unsigned slots = scaling_best(&curve, least, limit, most_loss);
	double promise = scaling_rate(&curve, slots) / scaling_rate(&curve, best->slots);
	/* The processors are no more than full. */
	if (slots > best->slots && promise > curve.most_rate / rate)
		promise = curve.most_rate / rate;
	return slots != best->slots && log(promise) > enough ? slots : 0;
}

/* Could so few slots do as much as the best number does, if no job waited for another one? */
static bool may_suffice(const struct autosize *autosize, unsigned slots)
{
	const struct throughput *best = &autosize->best;
	double alone_s = best->cpu_share > 1 ? 0 : best->cpu_s;

	return slots > 0 && slots * best->busy >= throughput_rate(best) * alone_s * (1 - most_loss);
}

/* A lower number that may be enough; 0: there is none. */
static unsigned lower(const struct autosize *autosize)
{
	const struct throughput *best = &autosize->best;
	double variance = best->runtime_variance / best->ends + autosize->least_variance;
	double waits = best->log_runtime - autosize->least_log_runtime - sqrt(variance);
	double full = best->slots * exp(-waits) * 1.15;
	/* Half of the way: how much of the waiting is chance is not known. */
	double slots = waits > 0.25 ? fmax(sqrt(full * best->slots), best->slots / near_step)
				    : best->slots / 1.3;

	if (slots >= best->slots)
		slots = best->slots - 1;
	if (slots < autosize->limits.least || slots < 1)
		return 0;
	unsigned lower = clamp(slots, autosize->limits.least, best->slots - 1);
	return lower > autosize->below && may_suffice(autosize, lower) ? lower : 0;
}

static unsigned higher(const struct autosize *autosize)
{
	unsigned slots = autosize->best.slots;

	if (slots >= autosize->limits.most || autosize->usual.memory_wait > memory_full)
		return 0;
	return clamp(slots * 1.4 + 0.5, slots + 1, autosize->limits.most);
}

/* --- phases --- */

static double known_variance(const struct throughput *usual)
{
	return fmin(usual->rate_variance, usual->runtime_variance / usual->ends);
}

/* After so many seconds of slots a trial of more is hopeless without another end; 0: it is of
 * fewer. */
static double hopeless_after(const struct autosize *autosize, double ends, unsigned running)
{
	double most = ends + fmax(running, autosize->trial);

	if (autosize->trial < autosize->best.slots)
		return 0;
	return 1.01 * autosize->trial * most / (hopeless * throughput_rate(&autosize->best));
}

static struct autosize_decision try_slots(struct autosize *autosize, unsigned slots)
{
	autosize->phase = AUTOSIZE_TRIAL;
	autosize->trial = slots;
	struct autosize_decision next = decision(autosize, slots);
	next.look_s = hopeless_after(autosize, 0, slots);
	return next;
}

static struct autosize_decision stay(struct autosize *autosize, bool settled)
{
	autosize->phase = AUTOSIZE_STAY;
	autosize->seen_ends = 0;
	autosize->was_longer = 0;
	struct autosize_decision next = decision(autosize, autosize->best.slots);
	next.settled = settled;
	return next;
}

/* Tries what the curve promises, or stays. */
static struct autosize_decision search(struct autosize *autosize, bool settled)
{
	unsigned slots = promised(autosize, least_promise);

	return slots ? try_slots(autosize, slots) : stay(autosize, settled);
}

/* The window has the number that is the best from now on. */
static void adopt(struct autosize *autosize, const struct window *window)
{
	autosize->usual = *window;
	autosize->best = throughput_of(window);
}

static struct autosize_decision end_first(struct autosize *autosize, const struct window *window)
{
	adopt(autosize, window);
	keep(autosize, &autosize->best);
	return search(autosize, true);
}

/* --- a trial --- */

/* What the window comes to when no more than half of what is in flight ends in time. */
static struct throughput pessimistic(const struct window *window)
{
	struct window guess = *window;
	double add = fmax(window->running / 2.0, 1);
	double each_s = fmax(0, window->busy_s - window->runtime_s) / add;

	guess.ends += add;
	guess.runtime_s += add * each_s;
	guess.runtime_s2 += add * each_s * each_s;
	guess.log_sum += add * log(fmax(each_s, 1e-6));
	guess.log_sum2 += add * log(fmax(each_s, 1e-6)) * log(fmax(each_s, 1e-6));
	return throughput_of(&guess);
}

/* Would a trial of more be worse even if all that is in flight ended now? */
static bool is_hopeless(const struct autosize *autosize, const struct window *window)
{
	if (autosize->trial < autosize->best.slots)
		return false;
	double most = window->slots * (window->ends + window->running) / window->slot_s;

	return most < hopeless * throughput_rate(&autosize->best);
}

/* The number that was tried is the best one from now on. */
static struct autosize_decision accept(
    struct autosize *autosize, const struct window *window, const struct gain *gain)
{
	const struct throughput before = autosize->best;

	adopt(autosize, window);
	if (autosize->trial > before.slots) {
		autosize->step_gain =
		    (gain->log - gain->deviation) / log((double)autosize->trial / before.slots);
		if (autosize->above <= autosize->trial)
			autosize->above = autosize->limits.most + 1;
	} else {
		autosize->above = before.slots;
		if (autosize->below >= autosize->trial)
			autosize->below = 0;
	}
	struct autosize_decision next = search(autosize, true);
	/* A probe that has found something goes on in its direction. */
	if (autosize->phase == AUTOSIZE_STAY)
		autosize->seen_ends = autosize->probe_ends;
	autosize->probes_up = autosize->trial > before.slots;
	return next;
}

static struct autosize_decision reject(struct autosize *autosize)
{
	if (autosize->trial > autosize->best.slots)
		autosize->above = autosize->trial;
	else
		autosize->below = autosize->trial;
	return search(autosize, true);
}

static struct autosize_decision judge_trial(struct autosize *autosize, const struct window *window)
{
	bool is_over = window->ends > 0 && window->ends >= first_look(autosize->trial);
	bool fails = is_hopeless(autosize, window);
	struct autosize_decision next = {.slots = autosize->trial,
	    .look_ends = first_look(autosize->trial),
	    .look_s = hopeless_after(autosize, window->ends, window->running)};

	if (!is_over && !fails)
		return next;
	struct throughput seen = is_over ? throughput_of(window) : pessimistic(window);
	struct gain gain = throughput_gain(&autosize->best, &seen);
	double threshold = autosize->trial > autosize->best.slots ? least_gain : -most_loss;
	bool is_told = fabs(gain.log - threshold) > gain.deviation ||
		       known_variance(&seen) < 0.5 * known_variance(&autosize->best);
	if (!fails && !is_told && window->ends < 8 * autosize->trial + 100) {
		next.look_ends = ceil(window->ends * 1.5);
		return next;
	}
	keep(autosize, &seen);
	return !fails && gain.log > threshold ? accept(autosize, window, &gain) : reject(autosize);
}

/* --- while it stays --- */

/*
 * Are these jobs others than the usual ones? Sets by how much they take longer. That is so at once
 * when their mean lies beyond single usual jobs. By the error of the mean it takes two windows, one
 * behind the other: where short and long jobs have begun together, the short ones of them end
 * together, too.
 */
static bool has_changed(struct autosize *autosize, const struct throughput *seen, double *longer)
{
	const struct throughput *usual = &autosize->best;
	double variance = fmax(usual->runtime_variance, 0.01);
	double deviation = sqrt(variance / seen->ends + variance / usual->ends);
	double before = autosize->was_longer;

	*longer = seen->log_runtime - usual->log_runtime;
	bool differs = fabs(*longer) > change_least;
	bool by_mean = differs && fabs(*longer) > change_deviations * deviation;
	autosize->was_longer = by_mean ? *longer : 0;
	return (differs && fabs(*longer) > change_deviations * sqrt(variance)) ||
	       (by_mean && before * *longer > 0);
}

/* A lower number to try as jobs take longer than before; 0: there is none. */
static unsigned sink(const struct autosize *autosize, double longer)
{
	double step = fmin(far_step, fmax(1.5, exp(longer / 2)));
	unsigned slots =
	    clamp(autosize->best.slots / step, autosize->limits.least, autosize->limits.most);

	return slots < autosize->best.slots && may_suffice(autosize, slots) ? slots : 0;
}

static struct autosize_decision begin_at(struct autosize *autosize, unsigned slots)
{
	autosize->phase = AUTOSIZE_FIRST;
	return decision(autosize, slots);
}

/* Begins anew with what was seen last. */
static struct autosize_decision restart(
    struct autosize *autosize, const struct window *window, double longer)
{
	double cpu_share = autosize->best.cpu_share;

	adopt(autosize, window);
	forget_points(autosize);
	/* Without a reason that is known, not far from here. */
	if (autosize->best.cpu_share > cpu_share / other_work)
		autosize->step_gain = half_gain;
	autosize->was_longer = 0;
	autosize->least_log_runtime += longer;
	autosize->probe_ends = 0;
	autosize->trail_count = 0;
	keep(autosize, &autosize->best);
	unsigned slots = promised(autosize, least_promise);
	/* They take longer, perhaps by each other: what they get done was still the old work. */
	unsigned few = slots || longer < 0 ? 0 : sink(autosize, longer);
	if (few && longer > 1) {
		forget_points(autosize);
		autosize->step_gain = half_gain;
		return begin_at(autosize, few);
	}
	if (few)
		slots = few;
	return slots ? try_slots(autosize, slots) : stay(autosize, true);
}

/* Tries a neighbour, up and down in turn; the next time comes later. */
static struct autosize_decision probe(struct autosize *autosize)
{
	unsigned slots = promised(autosize, least_promise);

	if (!slots)
		slots = autosize->probes_up ? higher(autosize) : lower(autosize);
	autosize->probes_up = !autosize->probes_up;
	autosize->probe_ends *= 1.5;
	if (!slots)
		return stay(autosize, false);
	autosize->trail_count = 0;
	keep_trail(autosize, &autosize->best);
	return try_slots(autosize, slots);
}

/* The first probe comes when so much is known that it means something. */
static bool probe_is_due(struct autosize *autosize)
{
	bool is_known = known_variance(&autosize->best) < known_deviation * known_deviation ||
			autosize->best.ends >= 0.5 * MOST_KNOWN_ENDS;

	if (autosize->probe_ends == 0 && is_known)
		autosize->probe_ends = fmax(autosize->best.ends, 4.0 * autosize->best.slots);
	return is_known && autosize->seen_ends >= autosize->probe_ends;
}

/*
 * By now more is known of the number that is used than when others were compared with it: was that
 * fair? The error that is left, as a logarithm.
 */
static double doubt(const struct autosize *autosize)
{
	return 1.5 * sqrt(known_variance(&autosize->best));
}

/* The number that was not better then would be better now: it is not excluded any more. */
static void reconsider(struct autosize *autosize)
{
	double rate = throughput_rate(&autosize->best);

	for (size_t i = 0; i < autosize->point_count; i++) {
		const struct scaling_point *point = &autosize->points[i];
		if (log(point->rate / rate) <
		    least_gain + doubt(autosize) + 1.5 / sqrt(point->weight))
			continue;
		if (point->slots == autosize->above)
			autosize->above = autosize->limits.most + 1;
		if (point->slots == autosize->below)
			autosize->below = 0;
	}
}

static struct autosize_decision go_on(struct autosize *autosize, const struct window *window)
{
	struct throughput seen = throughput_of(window);
	double longer;

	if (has_changed(autosize, &seen, &longer))
		return restart(autosize, window, longer);
	window_add(&autosize->usual, window);
	if (autosize->usual.ends > MOST_KNOWN_ENDS)
		window_fade(&autosize->usual, 0.5);
	autosize->best = throughput_of(&autosize->usual);
	keep_point(autosize, &autosize->best);
	autosize->seen_ends += window->ends;
	if (probe_is_due(autosize))
		return probe(autosize);
	if (autosize->seen_ends < autosize->best.slots)
		return decision(autosize, window->slots);
	reconsider(autosize);
	unsigned slots = promised(autosize, least_promise + doubt(autosize));
	if (!slots)
		return decision(autosize, window->slots);
	autosize->trail_count = 0;
	keep_trail(autosize, &autosize->best);
	return try_slots(autosize, slots);
}

struct autosize_decision autosize_begin(
    struct autosize *autosize, const struct autosize_limits *limits)
{
	*autosize = (struct autosize){
	    .limits = *limits, .phase = AUTOSIZE_FIRST, .least_log_runtime = INFINITY};
	forget_points(autosize);
	return begin_at(autosize, clamp(limits->first, limits->least, limits->most));
}

struct autosize_decision autosize_decide(struct autosize *autosize, const struct window *window)
{
	/* Slots that wait for items tell nothing. (Where jobs end all at once a window may have no
	 * time to be busy in.) */
	if (window->busy_s < least_busy * window->slot_s && window->slot_s > window->runtime_s)
		return decision(autosize, window->slots);
	if (autosize->phase == AUTOSIZE_TRIAL)
		return judge_trial(autosize, window);
	if (window->ends == 0)
		return decision(autosize, window->slots);
	return autosize->phase == AUTOSIZE_FIRST ? end_first(autosize, window)
						 : go_on(autosize, window);
}

/* --- for people --- */

/* A rate with three digits that count, or all before the point. */
static void add_rate(char text[AUTOSIZE_TEXT], double rate, const char *behind)
{
	size_t used = strlen(text);
	int digits = rate >= 100 ? 0 : rate >= 10 ? 1 : 2;

	snprintf(text + used, AUTOSIZE_TEXT - used, "%.*f%s", digits, rate, behind);
}

const char *autosize_text(const struct autosize *autosize, char text[AUTOSIZE_TEXT])
{
	size_t count = autosize->trail_count;

	text[0] = '\0';
	for (size_t i = 0; i < count; i++) {
		size_t used = strlen(text);
		snprintf(text + used, AUTOSIZE_TEXT - used, "%u%s", autosize->trail[i].slots,
		    i + 1 < count ? " -> " : ": ");
	}
	for (size_t i = 0; i < count; i++)
		add_rate(text, autosize->trail[i].rate, i + 1 < count ? ", " : " jobs/s; ");
	size_t used = strlen(text);
	if (autosize->phase == AUTOSIZE_STAY)
		snprintf(text + used, AUTOSIZE_TEXT - used, "staying at %u", autosize->best.slots);
	else if (autosize->phase == AUTOSIZE_TRIAL)
		snprintf(text + used, AUTOSIZE_TEXT - used, "trying %u", autosize->trial);
	return text;
}
