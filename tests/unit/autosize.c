/*
 * autosize: a simulation of loads, each run by -j auto and by fixed numbers of slots.
 *
 * A job has up to three parts: it sleeps, computes, and holds a lock that all jobs share.
 * Processors are shared evenly by the jobs that compute, and the lock is handed on in turn. All
 * parts take longer the more jobs run: contention and coherence, as in the universal scalability
 * law, or a collapse. What is left of the simulation is exact: no time passes.
 *
 * usage: autosize [LOADS [SEED]]   so many random loads (400), and a fourth of that which change
 */
#undef NDEBUG
#include <assert.h>
#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../src/pace/autosize.h"
#include "../../src/pace/observer.h"

enum { MOST_JOBS = 6000, MOST_RUN = 2048, PARTS = 3 };

/* --- chance: the same on every machine --- */

static uint64_t chance_state;

static double chance(void)
{
	chance_state += 0x9e3779b97f4a7c15U; /* SplitMix64 */
	uint64_t z = chance_state;
	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9U;
	z = (z ^ z >> 27) * 0x94d049bb133111ebU;
	return ((double)((z ^ z >> 31) >> 11) + 0.5) / 9007199254740992.0;
}

static double between(double low, double high)
{
	return low + (high - low) * chance();
}

/* As many in each decade. */
static double log_between(double low, double high)
{
	return low * pow(high / low, chance());
}

static double normal(void)
{
	return sqrt(-2 * log(chance())) * cos(2 * M_PI * chance());
}

/* --- loads --- */

enum part_kind { SLEEP, COMPUTE, LOCK };

struct job {
	double part_s[PARTS]; /* by kind; all sleep first, then hold the lock, then compute */
};

struct load {
	char name[96];
	unsigned cpus;
	int jobs, change; /* the second kind of work begins with this job */
	double contention[2], coherence[2];
	double collapse[2]; /* run times are by 1 + (n / this)^2 longer; 0: not */
	struct job job[MOST_JOBS];
};

/* By how much all takes longer while n jobs run. */
static double slower(const struct load *load, int kind, double n)
{
	double collapse = load->collapse[kind];

	if (collapse > 0)
		return 1 + n * n / (collapse * collapse);
	return 1 + load->contention[kind] * (n - 1) + load->coherence[kind] * n * (n - 1);
}

/* --- the simulation --- */

/* A job that sleeps or computes is in a heap by the virtual time at which that part ends. */
struct entry {
	double end;
	int slot;
};

struct heap {
	double now; /* virtual time */
	int count;
	struct entry entry[MOST_RUN];
};

static void swap(struct entry *a, struct entry *b)
{
	struct entry copy = *a;
	*a = *b;
	*b = copy;
}

static void heap_push(struct heap *heap, double part_s, int slot)
{
	int at = heap->count++;

	heap->entry[at] = (struct entry){heap->now + part_s, slot};
	for (; at > 0 && heap->entry[(at - 1) / 2].end > heap->entry[at].end; at = (at - 1) / 2)
		swap(&heap->entry[at], &heap->entry[(at - 1) / 2]);
}

static int heap_pop(struct heap *heap)
{
	int slot = heap->entry[0].slot;

	heap->entry[0] = heap->entry[--heap->count];
	for (int at = 0;;) {
		int child = 2 * at + 1;
		if (child + 1 < heap->count && heap->entry[child + 1].end < heap->entry[child].end)
			child++;
		if (child >= heap->count || heap->entry[at].end <= heap->entry[child].end)
			return slot;
		swap(&heap->entry[at], &heap->entry[child]);
		at = child;
	}
}

struct sim_slot {
	bool busy;
	struct observed seen;
	const struct job *job;
	int kind;  /* of work: before or after the change */
	int stage; /* the part that it is in */
};

struct sim {
	const struct load *load;
	double now_s;
	int next;       /* job */
	unsigned limit; /* slots */
	int running, ran[2];
	struct heap asleep, computes;
	int lock_queue[MOST_RUN], lock_first, lock_count; /* a ring; the first holds the lock */
	struct sim_slot slot[MOST_RUN];
	struct observer observer;
};

static void end_job(struct sim *sim, int slot)
{
	struct sim_slot *of = &sim->slot[slot];

	of->busy = false;
	sim->running--;
	sim->ran[of->kind]--;
	observer_end(&sim->observer, &of->seen,
	    &(struct observation){
		.runtime_s = sim->now_s - of->seen.started_s, .cpu_s = of->job->part_s[COMPUTE]});
}

/* The job goes on to its next part. */
static void go_on_with(struct sim *sim, int slot)
{
	struct sim_slot *of = &sim->slot[slot];

	switch (of->stage++) {
	case 0:
		heap_push(&sim->asleep, of->job->part_s[SLEEP], slot);
		break;
	case 1:
		if (of->job->part_s[LOCK] <= 0) {
			go_on_with(sim, slot);
			break;
		}
		sim->lock_queue[(sim->lock_first + sim->lock_count++) % MOST_RUN] = slot;
		if (sim->lock_count == 1)
			heap_push(&sim->asleep, of->job->part_s[LOCK], slot);
		break;
	case 2:
		if (of->job->part_s[LOCK] > 0) {
			sim->lock_first = (sim->lock_first + 1) % MOST_RUN;
			if (--sim->lock_count > 0) {
				int next = sim->lock_queue[sim->lock_first];
				heap_push(&sim->asleep, sim->slot[next].job->part_s[LOCK], next);
			}
		}
		heap_push(&sim->computes, of->job->part_s[COMPUTE], slot);
		break;
	default:
		end_job(sim, slot);
	}
}

static void start_jobs(struct sim *sim)
{
	const struct load *load = sim->load;

	for (int slot = 0; sim->running < (int)sim->limit && sim->next < load->jobs; slot++) {
		struct sim_slot *of = &sim->slot[slot];
		if (of->busy)
			continue;
		of->busy = true;
		of->kind = sim->next >= load->change;
		of->job = &load->job[sim->next++];
		of->stage = 0;
		sim->running++;
		sim->ran[of->kind]++;
		observer_start(&sim->observer, &of->seen, sim->now_s);
		go_on_with(sim, slot);
	}
}

/* How fast parts go on, by the jobs that run: seconds of a part for each second. */
static double speed(const struct sim *sim)
{
	const struct load *load = sim->load;
	double n = sim->running, of_kind = sim->ran[1] / n;

	return 1 / ((1 - of_kind) * slower(load, 0, n) + of_kind * slower(load, 1, n));
}

static double until_end(const struct heap *heap, double rate)
{
	return heap->count > 0 ? (heap->entry[0].end - heap->now) / rate : INFINITY;
}

/* Lets time pass until the next part ends, or until `most_s`. */
static void pass_time(struct sim *sim, double most_s)
{
	double rate = speed(sim), cpus = sim->load->cpus;
	double cpu_rate = rate * fmin(1, cpus / fmax(1, sim->computes.count));
	double asleep_s = until_end(&sim->asleep, rate);
	double computes_s = until_end(&sim->computes, cpu_rate);
	double step_s = fmax(0, fmin(fmin(asleep_s, computes_s), most_s));

	sim->now_s += step_s;
	sim->asleep.now += step_s * rate;
	sim->computes.now += step_s * cpu_rate;
	if (step_s >= asleep_s)
		go_on_with(sim, heap_pop(&sim->asleep));
	else if (step_s >= computes_s)
		go_on_with(sim, heap_pop(&sim->computes));
}

/* What -j auto did. */
struct course {
	double time_s;
	int changes;      /* of the number of slots */
	unsigned at_half; /* slots when half of the jobs had begun */
	unsigned at_end;
};

static struct sim sim;

static void begin(const struct load *load, unsigned slots)
{
	memset(&sim, 0, sizeof sim);
	sim.load = load;
	sim.limit = slots;
	observer_begin(&sim.observer, slots);
}

static double run_fixed(const struct load *load, unsigned slots)
{
	begin(load, slots);
	while (start_jobs(&sim), sim.running > 0)
		pass_time(&sim, INFINITY);
	return sim.now_s;
}

static bool talks;

/* Does as autosize has decided. */
static void obey(
    const struct autosize *autosize, const struct autosize_decision *next, struct course *course)
{
	char text[AUTOSIZE_TEXT];

	if (talks && next->begins && (next->settled || next->slots != sim.limit))
		printf("      %7.3f s, job %d: %s\n", sim.now_s, sim.next,
		    autosize_text(autosize, text));
	course->changes += next->slots != sim.limit;
	if (next->slots != sim.limit)
		observer_change(&sim.observer, next->slots);
	else if (next->begins)
		observer_renew(&sim.observer, sim.now_s);
	sim.limit = next->slots;
}

static bool is_due(const struct window *window, const struct autosize_decision *next)
{
	return window->ends >= next->look_ends ||
	       (next->look_s > 0 && window->slot_s >= next->look_s);
}

static struct course run_auto(const struct load *load, unsigned first)
{
	const struct autosize_limits limits = {
	    .least = 1, .most = 64 * load->cpus, .cpus = load->cpus, .first = first};
	struct course course = {0};
	struct autosize autosize;
	struct autosize_decision next = autosize_begin(&autosize, &limits);

	begin(load, next.slots);
	while (start_jobs(&sim), sim.running > 0) {
		struct window window = observer_window(&sim.observer, sim.now_s);
		double most_s = INFINITY;
		if (next.look_s > 0 && sim.observer.slots > 0)
			most_s = fmax(1e-9, (next.look_s - window.slot_s) / sim.observer.slots);
		pass_time(&sim, most_s);
		window = observer_window(&sim.observer, sim.now_s);
		if (is_due(&window, &next)) {
			next = autosize_decide(&autosize, &window);
			obey(&autosize, &next, &course);
		}
		if (sim.next <= load->jobs / 2)
			course.at_half = sim.limit;
	}
	course.time_s = sim.now_s;
	course.at_end = sim.limit;
	return course;
}

/* --- comparing --- */

struct comparison {
	double loss; /* -j auto takes so much of what the best fixed number does */
	double best_s;
	unsigned best;
	struct course course;
};

static struct comparison compare(const struct load *load)
{
	struct comparison found = {.best_s = INFINITY};

	for (unsigned slots = 1; slots <= 64 || slots <= 16 * load->cpus; slots *= 2) {
		double time_s = run_fixed(load, slots);
		if (time_s < found.best_s) {
			found.best_s = time_s;
			found.best = slots;
		}
	}
	found.course = run_auto(load, load->cpus);
	found.loss = found.course.time_s / found.best_s;
	return found;
}

static void show(const struct load *load, const struct comparison *found)
{
	printf(
	    "%-58s best -j %3u %8.3f s, auto %8.3f s: %.2f; %2d changes, %u at half, %u at end\n",
	    load->name, found->best, found->best_s, found->course.time_s, found->loss,
	    found->course.changes, found->course.at_half, found->course.at_end);
}

/* --- the loads that stand in the manual --- */

/* What a process takes of a processor to start and end, in seconds. */
static const double start_s = 0.001;

static struct load *load_of(struct load *load, const char *name, int jobs)
{
	memset(load, 0, sizeof *load);
	snprintf(load->name, sizeof load->name, "%s, %d jobs", name, jobs);
	load->cpus = 2;
	load->jobs = load->change = jobs;
	return load;
}

static void set_job(struct job *job, double asleep_s, double lock_s, double cpu_s)
{
	*job = (struct job){{[SLEEP] = asleep_s, [LOCK] = lock_s, [COMPUTE] = cpu_s + start_s}};
}

static void fill(struct load *load, double asleep_s, double lock_s, double cpu_s)
{
	for (int i = 0; i < load->jobs; i++)
		set_job(&load->job[i], asleep_s, lock_s, cpu_s);
}

/* Pareto between these bounds, with exponent 1. */
static double heavy(double low, double high)
{
	double u = chance();

	return low / (1 - u * (1 - low / high));
}

static struct load load;

/* Each of the named loads loses at most so much. */
static void expect(double most)
{
	struct comparison found = compare(&load);

	show(&load, &found);
	assert(found.loss <= most);
}

static void named_loads(int jobs)
{
	fill(load_of(&load, "20 ms of CPU", jobs), 0, 0, 0.020);
	expect(1.15);
	fill(load_of(&load, "sleep 0.1", jobs), 0.1, 0, 0);
	expect(jobs < 3000 ? 1.35 : 1.15);
	fill(load_of(&load, "10 ms with a lock, 40 ms of sleep", jobs), 0.04, 0.01, 0);
	expect(1.2);
	fill(load_of(&load, "collapse: 20 ms * (1 + (n/4)^2)", jobs), 0.02, 0, 0);
	load.collapse[0] = load.collapse[1] = 4;
	expect(1.2);
	load_of(&load, "half 50 ms of CPU, half 200 ms of sleep", jobs);
	for (int i = 0; i < jobs; i++)
		if (chance() < 0.5)
			set_job(&load.job[i], 0, 0, 0.05);
		else
			set_job(&load.job[i], 0.2, 0, 0);
	expect(1.2);
	load_of(&load, "Pareto from 5 ms to 2 s of sleep", jobs);
	for (int i = 0; i < jobs; i++)
		set_job(&load.job[i], heavy(0.005, 2), 0, 0);
	expect(1.3);
	fill(load_of(&load, "20 ms of CPU, then sleep 0.1", jobs), 0, 0, 0.020);
	for (int i = jobs / 2; i < jobs; i++)
		set_job(&load.job[i], 0.1, 0, 0);
	expect(1.3);
	fill(load_of(&load, "sleep 0.1, then 20 ms of CPU", jobs), 0.1, 0, 0);
	for (int i = jobs / 2; i < jobs; i++)
		set_job(&load.job[i], 0, 0, 0.02);
	expect(1.3);
	fill(load_of(&load, "sleep 0.1, then a lock", jobs), 0.1, 0, 0);
	for (int i = jobs / 2; i < jobs; i++)
		set_job(&load.job[i], 0.04, 0.01, 0);
	expect(1.3);
	fill(load_of(&load, "sleep 0.1, then collapse", jobs), 0.1, 0, 0);
	for (int i = jobs / 2; i < jobs; i++)
		set_job(&load.job[i], 0.02, 0, 0);
	load.change = jobs / 2;
	load.collapse[1] = 4;
	expect(INFINITY); /* so many have begun before it is noticed */
}

/* --- random loads --- */

/* A length around `mean_s`, by chance. */
struct lengths {
	int shape; /* constant, exponential, logarithmic normal, heavy tail, one of two */
	double mean_s, width;
};

static double length_of(const struct lengths *lengths)
{
	double width = lengths->width;

	switch (lengths->shape) {
	case 0:
		return lengths->mean_s;
	case 1:
		return lengths->mean_s * -log(chance());
	case 2:
		return lengths->mean_s * exp(width * normal() - width * width / 2);
	case 3:
		return heavy(lengths->mean_s / 5, lengths->mean_s * 80);
	default:
		return lengths->mean_s * (chance() < 0.5 ? 0.3 : 1.7);
	}
}

static void random_work(int kind, int from, int to)
{
	struct lengths lengths = {.shape = (int)(5 * chance()),
	    .mean_s = log_between(0.01, 10),
	    .width = between(0.1, 1)};
	double cpu = chance() < 0.2 ? 1 : log_between(0.005, 1);
	double locked = chance() < 0.25 ? log_between(0.01, 0.5) : 0;
	bool apart = chance() < 0.2; /* a job computes or sleeps */
	int scales = (int)(4 * chance());

	load.contention[kind] = scales == 1 || scales == 3 ? log_between(0.001, 0.5) : 0;
	load.coherence[kind] = scales >= 2 ? log_between(1e-5, 0.05) : 0;
	for (int i = from; i < to; i++) {
		double all_s = length_of(&lengths);
		double cpu_s = apart ? (chance() < cpu ? all_s : 0) : cpu * all_s;
		set_job(
		    &load.job[i], (all_s - cpu_s) * (1 - locked), (all_s - cpu_s) * locked, cpu_s);
	}
	size_t used = strlen(load.name);
	snprintf(load.name + used, sizeof load.name - used,
	    "/%d %.2gs cpu%.2g%s lock%.2g s%.2g k%.1g", lengths.shape, lengths.mean_s, cpu,
	    apart ? "|" : "", locked, load.contention[kind], load.coherence[kind]);
}

/* `changes`: in the midst it becomes another one. */
static void random_load(bool changes)
{
	int jobs = (int)log_between(300, MOST_JOBS);

	load_of(&load, "", jobs);
	snprintf(load.name, sizeof load.name, "%d", jobs);
	load.cpus = 1U << (int)(5 * chance());
	if (changes)
		load.change = (int)(jobs * between(0.3, 0.7));
	random_work(0, 0, load.change);
	if (load.change < jobs)
		random_work(1, load.change, jobs);
}

static int by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

/* Reports what is lost by that many random loads; the mean and the median are at most these. */
static void random_loads(int count, bool changes, double most_mean, double most_median)
{
	double *losses = calloc((size_t)count, sizeof *losses), sum = 0, worst = 0, moves = 0;
	uint64_t worst_state = 0;

	assert(losses);
	for (int i = 0; i < count; i++) {
		uint64_t state = chance_state;
		random_load(changes);
		struct comparison found = compare(&load);
		losses[i] = found.loss;
		sum += found.loss;
		moves += found.course.changes;
		if (found.loss > worst) {
			worst = found.loss;
			worst_state = state;
		}
	}
	qsort(losses, (size_t)count, sizeof *losses, by_value);
	printf(
	    "%d random loads%s: -j auto takes, of the best fixed number, %.3f in the mean; median "
	    "%.3f, 90 %%: %.2f, 99 %%: %.2f, worst %.2f; %.1f changes of the number\n",
	    count, changes ? " that change" : "", sum / count, losses[count / 2],
	    losses[count * 9 / 10], losses[count * 99 / 100], worst, moves / count);
	assert(sum / count <= most_mean && losses[count / 2] <= most_median);
	free(losses);
	chance_state = worst_state;
	random_load(changes);
	struct comparison found = compare(&load);
	printf("the worst: ");
	show(&load, &found);
	talks = true;
	run_auto(&load, load.cpus);
	talks = false;
}

int main(int argc, char *argv[])
{
	int count = argc > 1 ? atoi(argv[1]) : 400;
	uint64_t seed = argc > 2 ? strtoull(argv[2], NULL, 10) : 14;

	chance_state = 14;
	named_loads(300);
	named_loads(3000);
	printf("seed %llu\n", (unsigned long long)seed);
	chance_state = seed;
	random_loads(count, false, 1.35, 1.1);
	chance_state = seed;
	/* Where the work collapses while very many run, they cannot be taken back. */
	random_loads(count / 4, true, INFINITY, 1.15);
	return 0;
}
