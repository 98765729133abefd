#include "queue/columns.h"

#include "queue/split.h"

/* A larger -n is meant for all items that there are, and tells nothing. */
enum { MOST_TOLD = 1000 };

void columns_init(struct columns *columns, const struct queue_options *options, size_t names)
{
	size_t lists = options->input_count + (options->files.count > 0);
	size_t each = names > 0 ? names : split_is_on(options) || lists == 0 ? 1 : lists;

	*columns = (struct columns){.options = options, .lists = lists > 0 ? lists : 1};
	if (options->batch <= MOST_TOLD)
		columns->told = each * options->batch;
	atomic_init(&columns->width, 0);
}

void columns_set_width(struct columns *columns, size_t width)
{
	atomic_store(&columns->width, width);
}

/* The columns of a record: settled by this job, if it is the first. */
static size_t settle_width(struct columns *columns, const struct job *job, size_t count)
{
	size_t own = job->record.columns->count, width = 0;
	size_t most = own > columns->told ? own : columns->told;

	/* A job without room for its item has no columns, and the first one settles it still. */
	if (most == 0)
		most = 1;
	if (count > 0 && columns->most_items == 0)
		columns->most_items = count;
	return atomic_compare_exchange_strong(&columns->width, &width, most) ? most : width;
}

bool columns_are_full(const struct columns *columns, const struct job *job, size_t count)
{
	const struct queue_options *options = columns->options;
	size_t width = atomic_load(&columns->width);

	if (!options->even_columns || options->batch > 0 || width == 0)
		return false;
	/* How many columns the items have shows when they are split. */
	return count == columns->most_items || (!split_is_on(options) && job->items.count >= width);
}

/* Splits the items of a job. Returns how many columns the first one has. */
static size_t split(const struct columns *columns, struct job *job)
{
	size_t first = 0;

	for (size_t i = 0; i < job->items.count; i++) {
		split_item(columns->options, strlist_at(&job->items, i),
		    strlist_length(&job->items, i), &job->split);
		if (i < columns->lists)
			first = job->split.count;
	}
	return first;
}

void columns_make(struct columns *columns, struct job *job, size_t count)
{
	const struct queue_options *options = columns->options;
	struct job_record *record = &job->record;
	bool splits = split_is_on(options);

	record->columns = splits ? &job->split : &job->items;
	record->item_columns = splits ? split(columns, job) : columns->lists;
	if (!options->even_columns)
		return;
	record->width = settle_width(columns, job, count);
	if (record->columns->count > record->width && !job->problem)
		job_set_problem(job, PROBLEM_COLUMNS, record->columns->count, record->width);
}
