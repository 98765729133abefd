#include "queue/order.h"

#include <stdlib.h>

#include "command/shell_quote.h"

/* What is kept of a job. */
struct kept_job {
	uint64_t seq;
	double runtime_s; /* RUN_TIME_UNKNOWN: the journal does not have its command */
	size_t first;     /* of its values */
	size_t count;
	enum problem problem;
	size_t problem_size, problem_limit;
};

void order_init(
    struct order *order, const struct queue_options *options, const struct template *template)
{
	order->options = options;
	order->template = template;
	if (order_is_used(order))
		run_times_read(&order->times, options->order_journal, options->growth.dry_run);
}

bool order_is_used(const struct order *order)
{
	return order->options && order->options->order != ORDER_QUEUE;
}

/* How many items so many values are. */
static int64_t items_of(const struct order *order, size_t values)
{
	const struct queue_options *options = order->options;
	size_t width = options->input_count + (options->files.count > 0 ? 1 : 0);

	return (int64_t)(width > 0 ? values / width : values);
}

/* How long the job took, by its command. */
static double find_run_time(struct order *order, const struct job *job)
{
	const struct template_values values = {
	    .items = &job->items, .columns = job->record.columns, .seq = job->record.seq};

	template_fill(order->template, &values, &order->command);
	shell_quote_line(&order->command, &order->quoted);
	if (strlist_failed(&order->command) || strlist_failed(&order->quoted))
		return RUN_TIME_UNKNOWN;
	return run_times_find(
	    &order->times, strlist_at(&order->quoted, 0), strlist_length(&order->quoted, 0));
}

/* Makes sure that there is room for another job. Returns false without memory. */
static bool have_room(struct order *order)
{
	if (order->count < order->room)
		return true;
	size_t room = order->room ? 2 * order->room : 1024;
	struct kept_job *jobs = reallocarray(order->jobs, room, sizeof *jobs);
	if (!jobs)
		return false;
	order->jobs = jobs;
	order->room = room;
	return true;
}

bool order_put(struct order *order, const struct job *job)
{
	size_t first = order->values.count;

	if (!have_room(order))
		return false;
	for (size_t i = 0; i < job->items.count; i++)
		strlist_add(
		    &order->values, strlist_at(&job->items, i), strlist_length(&job->items, i));
	if (!strlist_keep(&order->values, first))
		return false;
	order->jobs[order->count++] = (struct kept_job){.seq = job->record.seq,
	    .runtime_s = find_run_time(order, job),
	    .first = first,
	    .count = job->items.count,
	    .problem = job->problem,
	    .problem_size = job->problem_size,
	    .problem_limit = job->problem_limit};
	atomic_fetch_add(&order->left, items_of(order, job->items.count));
	return true;
}

/* Unknown ones first: they may be long. Of the same time the order is the queue's. */
static int compare(const struct kept_job *a, const struct kept_job *b)
{
	bool a_known = a->runtime_s != RUN_TIME_UNKNOWN, b_known = b->runtime_s != RUN_TIME_UNKNOWN;

	if (a_known != b_known)
		return a_known ? 1 : -1;
	if (a->runtime_s != b->runtime_s)
		return a->runtime_s > b->runtime_s ? -1 : 1;
	return (a->seq > b->seq) - (a->seq < b->seq);
}

static int longest_first(const void *a, const void *b)
{
	return compare(a, b);
}

static int shortest_first(const void *first, const void *second)
{
	const struct kept_job *a = first, *b = second;
	bool other_way = a->runtime_s != RUN_TIME_UNKNOWN && b->runtime_s != RUN_TIME_UNKNOWN &&
			 a->runtime_s != b->runtime_s;

	return other_way ? -compare(a, b) : compare(a, b);
}

/* The run time of a job, in ms; of one that the journal does not know, the mean. */
static int64_t time_of(const struct order *order, const struct kept_job *kept)
{
	double time_s = kept->runtime_s == RUN_TIME_UNKNOWN ? order->mean_s : kept->runtime_s;

	return (int64_t)(time_s * 1000);
}

static void sum_up_times(struct order *order)
{
	double sum_s = 0;
	size_t known = 0;
	int64_t all_ms = 0;

	for (size_t i = 0; i < order->count; i++)
		if (order->jobs[i].runtime_s != RUN_TIME_UNKNOWN) {
			sum_s += order->jobs[i].runtime_s;
			known++;
		}
	order->mean_s = known > 0 ? sum_s / (double)known : 0;
	for (size_t i = 0; i < order->count; i++)
		all_ms += time_of(order, &order->jobs[i]);
	atomic_store(&order->left_ms, all_ms);
}

void order_times(const struct order *order, double *taken_s, double *left_s)
{
	int64_t left_ms = atomic_load(&order->left_ms), taken_ms = atomic_load(&order->taken_ms);

	*taken_s = (double)taken_ms / 1000;
	*left_s = left_ms + taken_ms > 0 ? (double)left_ms / 1000 : -1;
}

void order_complete(struct order *order)
{
	bool longest = order->options->order == ORDER_LONGEST;

	order->complete = true;
	run_times_free(&order->times);
	sum_up_times(order);
	if (order->count > 0)
		qsort(order->jobs, order->count, sizeof *order->jobs,
		    longest ? longest_first : shortest_first);
}

bool order_take(struct order *order, struct job *job)
{
	if (order->next == order->count)
		return false;
	const struct kept_job *kept = &order->jobs[order->next];
	strlist_clear(&job->items);
	for (size_t i = kept->first; i < kept->first + kept->count; i++)
		strlist_add(
		    &job->items, strlist_at(&order->values, i), strlist_length(&order->values, i));
	job->record.seq = kept->seq;
	job_set_problem(job, kept->problem, kept->problem_size, kept->problem_limit);
	if (!strlist_keep(&job->items, 0)) {
		strlist_clear(&job->items);
		job_set_problem(job, PROBLEM_MEMORY, kept->problem_size, 0);
	}
	order->next++;
	atomic_fetch_add(&order->taken_ms, time_of(order, kept));
	atomic_fetch_sub(&order->left_ms, time_of(order, kept));
	atomic_fetch_sub(&order->left, items_of(order, kept->count));
	return true;
}

int64_t order_left(const struct order *order)
{
	return atomic_load(&order->left);
}

void order_free(struct order *order)
{
	run_times_free(&order->times);
	strlist_free(&order->values);
	strlist_free(&order->command);
	strlist_free(&order->quoted);
	free(order->jobs);
}
