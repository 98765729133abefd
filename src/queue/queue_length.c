#include "queue/queue_length.h"

#include "queue/queue.h"

uint64_t queue_total(const struct queue *queue)
{
	size_t batch = queue->options->batch;
	uint64_t items;

	/* How many fit into a command shows when they are there; and with --share, which this run
	 * gets. */
	if (batch == 0 || queue->options->batch_bytes > 0 || queue->options->claims ||
	    !source_total(queue->source, &items))
		return 0;
	items = items > queue->to_skip ? items - queue->to_skip : 0;
	return shard_size(&queue->options->shard, items / batch + (items % batch > 0));
}

/* How many items no job has got: known, counted ahead, or none any more; -1: that is not known. */
static int64_t items_left(const struct queue *queue)
{
	int64_t left = atomic_load(&queue->left), counted = item_count_get(&queue->counted);
	int64_t each = source_combinations(queue->source), all;

	if (atomic_load(&queue->ended) || atomic_load(&queue->is_read))
		return 0;
	if (left >= 0 || counted < 0 || each < 0 || __builtin_mul_overflow(counted, each, &all))
		return left;
	left = all - atomic_load(&queue->taken);
	/* The files may have grown since. */
	return left > 0 ? left : 0;
}

int64_t queue_known_jobs(const struct queue *queue)
{
	int64_t left = items_left(queue), batch = (int64_t)queue->options->batch;

	if (left < 0 || queue->options->batch_bytes > 0)
		return -1;
	return (int64_t)atomic_load(&queue->numbered) + left / batch + (left % batch > 0);
}

/* Of `jobs` that follow those that are numbered, how many are of this run's part? */
static int64_t own_part(const struct queue *queue, int64_t jobs)
{
	const struct shard *shard = &queue->options->shard;
	uint64_t numbered = atomic_load(&queue->numbered), all = numbered + (uint64_t)jobs;

	return (int64_t)(shard_size(shard, all) - shard_size(shard, numbered));
}

/* As own_part, of items: those of a job stay together. */
static int64_t own_items(const struct queue *queue, int64_t items)
{
	int64_t batch = (int64_t)queue->options->batch;

	if (queue->options->shard.count == 0 || batch == 0)
		return items;
	int64_t own = own_part(queue, items / batch + (items % batch > 0)) * batch;
	return own < items ? own : items;
}

/* How many jobs are made and wait to be taken. */
static int64_t made_jobs(const struct queue *queue)
{
	return order_left(&queue->order) + ready_count(&queue->ready) +
	       ready_delayed(&queue->ready) + keys_aside(&queue->keys);
}

int64_t queue_left(const struct queue *queue)
{
	int64_t left = atomic_load(&queue->left);

	return left < 0 ? -1 : own_items(queue, left) + made_jobs(queue);
}

int64_t queue_jobs_left(const struct queue *queue)
{
	const struct queue_options *options = queue->options;
	int64_t items = items_left(queue), batch = (int64_t)options->batch;

	if (items < 0)
		return -1;
	/* How many fit into a command shows when they are there. */
	if (items > 0 && (batch == 0 || options->batch_bytes > 0 || options->claims))
		return -1;
	return own_part(queue, items > 0 ? (items - 1) / batch + 1 : 0) + made_jobs(queue);
}

void queue_known_times(const struct queue *queue, double *begun_s, double *left_s)
{
	order_times(&queue->order, begun_s, left_s);
}

/* The items that are read and in no job, or in one that was held back. By the slot that has the
 * turn. */
static int64_t read_ahead(const struct queue *queue)
{
	const struct batch *batch = &queue->batch;

	return (int64_t)(resume_held_items(&queue->resume) + (queue->item ? 1 : 0) +
			 shares_left(&queue->shares) + (batch->has_aside ? batch->count : 0)) +
	       order_left(&queue->order);
}

/* As queue_rest, by the slot that has the turn. */
static int64_t count_rest(struct queue *queue)
{
	int64_t left = atomic_load(&queue->left), ahead = read_ahead(queue);
	bool more = !queue->ended && source_more(queue->source);

	if (!more)
		return ahead;
	if (left < 0 || queue->options->claims)
		return -1;
	/* Those that --skip leaves out are no rest. */
	uint64_t to_skip = queue->to_skip;
	return ahead + own_items(queue, (uint64_t)left > to_skip ? left - (int64_t)to_skip : 0);
}

int64_t queue_rest(struct queue *queue)
{
	if (!turn_try(&queue->turn))
		return -1;
	int64_t items = count_rest(queue);
	turn_give(&queue->turn);
	return items;
}

bool queue_is_endless(const struct queue *queue)
{
	const struct queue_options *options = queue->options;

	return options->follow || options->next ||
	       (options->source && options->every_ms > 0 && options->rounds == 0);
}
