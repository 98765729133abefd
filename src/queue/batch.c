#include "queue/batch.h"

#include <string.h>

#include "base/csv.h"
#include "base/system_limits.h"
#include "command/shell_quote.h"

/* What -X puts into one command line unless -s says otherwise: as xargs, so that several slots get
 * their share of a queue, and a job its output out, long before the system's limit is reached. */
enum { FILL_BYTES = 128 * 1024 };

void batch_init(struct batch *batch, const struct queue_options *options)
{
	*batch = (struct batch){.most = options->batch,
	    .system_judges = options->batch == 1 && options->batch_bytes == 0,
	    .exit_on_size = options->exit_on_size,
	    .csv_separator = options->csv_separator,
	    .misfit = options->misfit,
	    .most_lines = options->batch_lines,
	    .argument_bytes = system_argument_bytes(),
	    .word_bytes = system_word_bytes(),
	    .batch_bytes = options->batch_bytes};
	if (batch->batch_bytes == 0)
		batch->batch_bytes = batch->most == 0 ? FILL_BYTES : batch->argument_bytes;
}

void batch_set_cost(struct batch *batch, const struct template_cost *cost)
{
	batch->cost = *cost;
}

/* Exchanges what was put aside with the items of a job; one of the two is empty. */
static void exchange(struct batch *batch, struct job *job)
{
	struct strlist aside = batch->aside;

	batch->aside = job->items;
	job->items = aside;
}

void batch_put_aside(struct batch *batch, struct job *job)
{
	batch->has_aside = batch->count > 0;
	if (batch->has_aside)
		exchange(batch, job);
}

static size_t count_digits(uint64_t number)
{
	size_t digits = 1;

	for (; number >= 10; number /= 10)
		digits++;
	return digits;
}

/* What a line comes to without an item. */
static struct line_size begun_line(const struct line_cost *cost, uint64_t seq)
{
	size_t digits = count_digits(seq);

	return (struct line_size){.strings = cost->fixed + cost->fixed_numbers * digits,
	    .each = cost->each + cost->each_numbers * digits};
}

void batch_begin(struct batch *batch, struct job *job, uint64_t seq)
{
	const struct template_cost *cost = &batch->cost;

	if (batch->has_aside) {
		exchange(batch, job);
		batch->has_aside = false;
		return;
	}
	batch->count = batch->lines = 0;
	batch->size = (struct batch_size){.passed = begun_line(&cost->passed, seq),
	    .shown = begun_line(&cost->shown, seq),
	    .words = cost->passed.fixed_words};
}

static void add_value(struct line_size *size, const struct line_cost *cost, size_t length)
{
	size->strings += size->each + cost->repeats * length;
	size->longest = length > size->longest ? length : size->longest;
}

/* What the batch comes to with another item. */
static struct batch_size size_with(const struct batch *batch, const struct item *item)
{
	const struct template_cost *cost = &batch->cost;
	struct batch_size size = batch->size;

	for (size_t i = 0; i < item->count; i++) {
		const struct value *value = &item->values[i];
		add_value(&size.passed, &cost->passed, value->length);
		if (cost->is_shown && !batch->system_judges)
			add_value(&size.shown, &cost->shown,
			    shell_quote_value_bytes(value->bytes, value->length));
		size.words += cost->passed.each_words;
		/* There is a separator of a byte at least between two columns. */
		size.words += cost->spreads ? value->length + 1 : 0;
		size.values++;
	}
	return size;
}

/* The bytes of a line. A column is at most as long as the longest value. */
static size_t line_bytes(
    const struct line_cost *cost, const struct line_size *size, size_t values, bool alone)
{
	size_t columns = alone ? 0 : cost->fixed_columns + cost->each_columns * values;

	return size->strings + columns * size->longest;
}

/* The bytes of the script in a command line. */
static size_t script_bytes(const struct shell_script_cost *cost, size_t values)
{
	size_t numbers = cost->fixed_numbers + cost->each_numbers * values;
	size_t parameters = cost->fixed_parameters + cost->each_parameters * values;

	return cost->fixed + cost->each * values + numbers * count_digits(parameters);
}

/* With one item alone the system shall judge what columns and scripts take. */
static bool fits(const struct batch *batch, const struct batch_size *size, bool alone)
{
	const struct template_cost *cost = &batch->cost;
	size_t script = script_bytes(&cost->script, size->values);
	size_t passed = script + line_bytes(&cost->passed, &size->passed, size->values, alone);
	size_t shown =
	    cost->is_shown ? line_bytes(&cost->shown, &size->shown, size->values, alone) : passed;

	return shown <= batch->batch_bytes && (alone || script <= batch->word_bytes) &&
	       passed + size->words * sizeof(char *) <= batch->argument_bytes;
}

/* May the words made of this item exceed what one argument can have? */
static bool is_wide(
    const struct batch *batch, const struct batch_size *size, const struct item *item)
{
	const struct line_cost *cost = &batch->cost.passed;

	return size->passed.each + cost->repeats * item->longest +
		   cost->each_columns * size->passed.longest >
	       batch->word_bytes;
}

/* How a value of the item is broken as a record of CSV, and at which byte. */
static enum csv_fault find_fault(const struct batch *batch, const struct item *item, size_t *at)
{
	enum csv_fault fault = CSV_WHOLE;

	for (size_t i = 0; batch->csv_separator && i < item->count && fault == CSV_WHOLE; i++)
		fault = csv_check(
		    item->values[i].bytes, item->values[i].length, batch->csv_separator, at);
	return fault;
}

/* Why the item can be no argument of any command. */
static enum problem item_problem(const struct batch *batch, const struct item *item)
{
	size_t at;

	if (item->without_room)
		return PROBLEM_MEMORY;
	for (size_t i = 0; i < item->count; i++)
		if (memchr(item->values[i].bytes, '\0', item->values[i].length))
			return PROBLEM_NUL;
	if (item->longest > batch->argument_bytes)
		return PROBLEM_TOO_LONG;
	return find_fault(batch, item, &at) == CSV_WHOLE ? PROBLEM_NONE : PROBLEM_CSV;
}

/* Adds the item to the job, or says why it can be none of it. */
static enum problem find_problem(
    const struct batch *batch, const struct batch_size *size, const struct item *item)
{
	enum problem problem = item_problem(batch, item);

	if (problem)
		return problem;
	if (batch->system_judges || fits(batch, size, batch->count == 0))
		return PROBLEM_NONE;
	return batch->cost.passed.repeats > 0 && item->longest >= batch->word_bytes
		   ? PROBLEM_TOO_LONG
		   : PROBLEM_NO_ROOM;
}

/* May an item that fits into no job end the run? As in xargs: a line that -X has filled is no
 * reason, N items that do not fit are. */
static bool ends_run(const struct batch *batch, enum problem problem)
{
	bool too_large = problem == PROBLEM_TOO_LONG || problem == PROBLEM_NO_ROOM;

	if (batch->misfit == MISFIT_ALONE_ENDS_RUN)
		return too_large && batch->count == 0;
	return too_large && batch->misfit == MISFIT_FAILS && batch->exit_on_size &&
	       (batch->count == 0 || batch->most > 0);
}

/* How long an item with such a problem might be, or its command line. */
static size_t limit_of(const struct batch *batch, enum problem problem)
{
	if (problem != PROBLEM_NO_ROOM)
		return batch->word_bytes <= batch->argument_bytes ? batch->word_bytes - 1
								  : batch->argument_bytes;
	return batch->batch_bytes < batch->argument_bytes ? batch->batch_bytes
							  : batch->argument_bytes;
}

/* Sets the problem of a job that has this item alone. */
static void set_problem(const struct batch *batch, struct job *job, const struct item *item,
    enum problem problem, size_t limit)
{
	size_t at = item->longest;

	if (problem == PROBLEM_CSV)
		limit = find_fault(batch, item, &at);
	job_set_problem(job, problem, at, limit);
}

/* Takes the item into the job. False without memory: then the job is as it was. */
static bool take(struct job *job, const struct item *item)
{
	size_t before = job->items.count;

	for (size_t i = 0; i < item->count; i++)
		strlist_add(&job->items, item->values[i].bytes, item->values[i].length);
	return !item->without_room && strlist_keep(&job->items, before);
}

/* What is too large when the item is the only one of its job; `begun` is such a job without it. */
static enum misfit_kind misfit_alone(
    const struct batch *batch, const struct line_size *begun, const struct item *item)
{
	const struct line_cost *cost = &batch->cost.passed;
	size_t words = begun->each + cost->repeats * item->longest;

	if (item->longest + 1 > batch->batch_bytes)
		return MISFIT_ITEM;
	if (begun->strings + words <= batch->batch_bytes || cost->repeats == 0)
		return FITS;
	if (batch->cost.adds_items)
		return MISFIT_ITEM;
	return cost->each_words == 1 && words >= batch->batch_bytes ? MISFIT_WORD : MISFIT_LINE;
}

/*
 * Where an item that fits into no command line ends the run: is this one such? Then the items
 * before it are still run, but not under -x: there N items, or N lines, have to fit together.
 */
static bool ends_all(struct batch *batch, const struct batch_size *size, const struct item *item)
{
	const struct line_cost *cost = &batch->cost.passed;
	const struct line_size begun = {.strings = cost->fixed, .each = cost->each};
	bool together = batch->exit_on_size && (batch->most > 0 || batch->most_lines > 0);

	if (batch->misfit != MISFIT_ENDS_RUN)
		return false;
	batch->kind = misfit_alone(batch, &begun, item);
	if (batch->kind != FITS)
		return batch->count == 0 || batch->exit_on_size;
	if (together && batch->count > 0 && size->passed.strings > batch->batch_bytes)
		batch->kind = MISFIT_LINE;
	return batch->kind != FITS;
}

enum batch_verdict batch_offer(struct batch *batch, struct job *job, const struct item *item)
{
	struct batch_size size = size_with(batch, item);
	enum problem problem = find_problem(batch, &size, item);
	/* A wide item may fail in exec, and shall not take others with it; nor shall one that has a
	 * problem. */
	bool alone = problem || is_wide(batch, &size, item), first = batch->count == 0;

	if (ends_run(batch, problem) || ends_all(batch, &size, item))
		return BATCH_TOO_LARGE;
	if (alone && !first)
		return BATCH_KEPT;
	if (!take(job, item)) {
		if (!first)
			return BATCH_KEPT;
		problem = PROBLEM_MEMORY;
	}
	batch->size = size;
	batch->count++;
	if (problem)
		set_problem(batch, job, item, problem, limit_of(batch, problem));
	batch->lines += !item->line_goes_on;
	bool is_full = batch->count == batch->most ||
		       (batch->most_lines > 0 && batch->lines == batch->most_lines);
	return alone || problem || is_full ? BATCH_COMPLETE : BATCH_TAKEN;
}

void batch_judge_alone(const struct batch *batch, struct job *job, const struct item *item)
{
	set_problem(batch, job, item, item_problem(batch, item), limit_of(batch, PROBLEM_TOO_LONG));
}

void batch_close(struct batch *batch)
{
	strlist_free(&batch->aside);
}
