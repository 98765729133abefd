#include "queue/source.h"

#include <err.h>
#include <stdint.h>
#include <stdlib.h>

#include "base/message.h"
#include "base/random.h"
#include "queue/blocks.h"
#include "queue/fetched_items.h"
#include "queue/input_stream.h"
#include "queue/lists.h"

/* What is read has no values. */
static char empty_value[] = "";

struct source {
	const struct queue_options *options;
	struct input_stream stream;
	struct lists lists;
	struct fetched_items fetched;
	struct blocks blocks;        /* --pipe */
	struct queue_options teeing; /* of `blocks`, where all jobs have the same one */
	struct block input;          /* that they have; none for an empty input */
	bool has_input;
	struct strlist names; /* of the columns */
	struct item item;     /* the one that was handed out last */
	bool streams;         /* the first value of an item comes from the stream */
	bool ended;
	bool failed; /* and not as it should */

	/* the stream together with lists */
	struct strlist outer; /* what the stream gave, while the lists run through */
	size_t outer_length;
	bool has_outer;
	bool had_outer;  /* there was at least one */
	bool was_filled; /* it was empty, and has had an empty value */

	/* --shuf: the values of all items, and the order in which they come */
	struct strlist shuffled;
	size_t *order;
	size_t width; /* values of an item */
	size_t next;
};

/* Makes a record the only value of the item. */
static void show_record(struct item *item, const struct record *record)
{
	item->values[0] = (struct value){record->bytes, record->kept};
	item->count = 1;
	item->longest = record->length;
	item->without_room = record->bytes == NULL;
	item->line_goes_on = record->line_goes_on;
}

static enum source_status streamed_next(struct source *source, struct item *item)
{
	struct record record;
	enum source_status status;

	if (source->options->pipe)
		status = blocks_next(&source->blocks, &record);
	else if (source->fetched.fetch)
		status = fetched_items_next(&source->fetched, &record);
	else
		status = input_stream_next(&source->stream, &record);
	if (status == SOURCE_ITEM)
		show_record(item, &record);
	return status;
}

/* Takes the next value of the stream, with which the lists run through once more. */
static enum source_status take_outer(struct source *source)
{
	struct record record;
	enum source_status status =
	    source->was_filled ? SOURCE_END : input_stream_next(&source->stream, &record);

	if (status == SOURCE_END && !source->had_outer && source->options->fills_lists &&
	    !source->lists.filled) {
		record = (struct record){.bytes = empty_value};
		source->was_filled = true;
		status = SOURCE_ITEM;
	}
	if (status == SOURCE_END && !source->had_outer)
		message("what is read has no items: there is no combination with the lists, and "
			"nothing is run");
	source->has_outer = status == SOURCE_ITEM;
	source->had_outer |= source->has_outer;
	if (status != SOURCE_ITEM)
		return status;
	strlist_clear(&source->outer);
	strlist_add(&source->outer, record.bytes, record.kept);
	source->outer_length = record.length;
	return SOURCE_ITEM;
}

static void show_outer(const struct source *source, struct item *item)
{
	item->without_room = strlist_failed(&source->outer);
	if (item->without_room)
		return;
	item->values[0] =
	    (struct value){strlist_at(&source->outer, 0), strlist_length(&source->outer, 0)};
	item->count = 1;
	item->longest = source->outer_length;
}

/* Every combination of the stream, if there is one, with the lists. */
static enum source_status combined_next(struct source *source, struct item *item)
{
	if (!source->streams)
		return lists_next(&source->lists, item) ? SOURCE_ITEM : SOURCE_END;
	if (lists_are_empty(&source->lists))
		return SOURCE_END;
	if (!source->has_outer || !lists_more(&source->lists)) {
		enum source_status status = take_outer(source);
		if (status != SOURCE_ITEM)
			return status;
		lists_begin(&source->lists);
	}
	show_outer(source, item);
	lists_next(&source->lists, item);
	return SOURCE_ITEM;
}

static enum source_status ordered_next(struct source *source, struct item *item)
{
	item->count = item->longest = 0;
	item->without_room = item->line_goes_on = false;
	return source->lists.count > 0 ? combined_next(source, item) : streamed_next(source, item);
}

static enum source_status shuffled_next(struct source *source, struct item *item)
{
	if (source->next * source->width == source->shuffled.count)
		return SOURCE_END;
	size_t first = source->order[source->next++] * source->width;
	*item = (struct item){.values = item->values};
	for (size_t i = first; i < first + source->width; i++) {
		size_t length = strlist_length(&source->shuffled, i);
		item->values[item->count++] =
		    (struct value){strlist_at(&source->shuffled, i), length};
		if (length > item->longest)
			item->longest = length;
	}
	return SOURCE_ITEM;
}

/* Reads the input that all jobs have, as one block. SOURCE_ITEM: it has been read. */
static enum source_status read_input(struct source *source)
{
	struct record record;
	enum source_status status = blocks_next(&source->blocks, &record);

	if (status == SOURCE_ITEM) {
		blocks_take(&source->blocks, &source->input);
		*source->input.name = '\0';
		/* Several jobs read it at a time, each from its beginning. */
		source->input.is_whole = false;
	}
	source->has_input = status == SOURCE_ITEM || status == SOURCE_END;
	return source->has_input ? SOURCE_ITEM : status;
}

enum source_status source_next(struct source *source, const struct item **item)
{
	enum source_status status = SOURCE_ITEM;

	*item = &source->item;
	if (source->ended)
		return source->failed ? SOURCE_FAILED : SOURCE_END;
	if (source->options->tees && !source->has_input)
		status = read_input(source);
	if (status == SOURCE_ITEM)
		status = source->order ? shuffled_next(source, &source->item)
				       : ordered_next(source, &source->item);
	source->failed = status == SOURCE_FAILED;
	source->ended = status == SOURCE_END || source->failed;
	return status;
}

bool source_can_begin_again(const struct source *source)
{
	return !source->fetched.fetch && input_stream_can_begin_again(&source->stream);
}

bool source_begin_again(struct source *source)
{
	if (!source_can_begin_again(source) || !input_stream_begin_again(&source->stream))
		return false;
	if (source->options->pipe)
		blocks_begin_again(&source->blocks);
	lists_begin(&source->lists);
	source->has_outer = source->had_outer = source->was_filled = source->ended = false;
	return true;
}

bool source_more(struct source *source)
{
	if (source->ended)
		return false;
	if (source->fetched.fetch)
		return true;
	if (source->options->pipe)
		return blocks_more(&source->blocks);
	if (source->order)
		return source->next * source->width < source->shuffled.count;
	if (source->lists.count > 0 && (!source->streams || source->has_outer) &&
	    lists_more(&source->lists))
		return true;
	return source->streams && input_stream_more(&source->stream);
}

bool source_total(const struct source *source, uint64_t *total)
{
	if (source->order) {
		*total = source->shuffled.count / source->width;
		return true;
	}
	return !source->streams && !source->fetched.fetch && lists_total(&source->lists, total);
}

int64_t source_combinations(const struct source *source)
{
	uint64_t total = 1;

	if (source->lists.count > 0 && !lists_total(&source->lists, &total))
		return -1;
	return total <= INT64_MAX ? (int64_t)total : -1;
}

bool source_ready(struct source *source)
{
	return input_stream_ready(&source->stream);
}

uint64_t source_begin(struct source *source, const struct journal *journal)
{
	return input_stream_go_on(&source->stream, journal);
}

bool source_mark(struct source *source)
{
	return input_stream_mark(&source->stream);
}

bool source_report_rest(struct source *source, const struct value *first, size_t count)
{
	if (source->fetched.fetch)
		return fetched_items_report_rest(&source->fetched, first, count);
	input_stream_report_rest(&source->stream, first, count);
	return false;
}

/* Adds an item to those that are shuffled. */
static void keep(struct strlist *all, const struct item *item)
{
	for (size_t i = 0; i < item->count; i++)
		strlist_add(all, item->values[i].bytes, item->values[i].length);
	all->failed |= item->without_room;
}

/* Reads everything but what --skip leaves out: the first as they come, not a random choice. */
static size_t read_all(struct source *source)
{
	unsigned long long to_skip = source->options->skip;
	enum source_status status;
	size_t count = 0;

	while ((status = ordered_next(source, &source->item)) == SOURCE_ITEM ||
	       status == SOURCE_INTERRUPTED) {
		if (status == SOURCE_ITEM && to_skip > 0) {
			to_skip--;
		} else if (status == SOURCE_ITEM) {
			keep(&source->shuffled, &source->item);
			count++;
		}
	}
	if (status == SOURCE_FAILED)
		exit(1);
	return count;
}

/* --shuf: draws an order (Fisher and Yates). */
static void shuffle(struct source *source)
{
	source->width = source->lists.count + (source->streams ? 1 : 0);
	size_t count = read_all(source);
	source->order = calloc(count + 1, sizeof *source->order);
	if (strlist_failed(&source->shuffled) || !source->order)
		errx(1, "--shuf: the queue does not fit into memory");
	for (size_t i = 0; i < count; i++) {
		/* The 32 bits that the library draws are enough for any queue that fits. */
		size_t other = random_below((uint32_t)i + 1);
		source->order[i] = source->order[other];
		source->order[other] = i;
	}
}

/* Makes ready to read the input that all jobs have: all of it is one block. */
static void open_input(struct source *source, int interrupt_fd)
{
	source->teeing = *source->options;
	source->teeing.files = source->options->tee_files;
	source->teeing.block_bytes = SIZE_MAX / 4;
	blocks_open(&source->blocks, &source->teeing, source->stream.standard_input, interrupt_fd);
}

struct source *source_open(const struct queue_options *options, size_t limit, int interrupt_fd)
{
	struct source *source = calloc(1, sizeof *source);

	if (!source ||
	    !(source->item.values = calloc(options->input_count + 1, sizeof *source->item.values)))
		err(1, "opening the queue");
	source->options = options;
	source->streams = options->files.count > 0;
	input_stream_open(&source->stream, options, options->shuffle ? SIZE_MAX : limit,
	    interrupt_fd, &source->names);
	lists_open(&source->lists, options, source->stream.standard_input, &source->names);
	if (options->shuffle)
		shuffle(source);
	input_stream_begin(&source->stream, interrupt_fd);
	fetched_items_open(&source->fetched, options, limit, interrupt_fd);
	if (options->tees)
		open_input(source, interrupt_fd);
	if (options->pipe)
		blocks_open(&source->blocks, options, source->stream.standard_input, interrupt_fd);
	return source;
}

void source_take_block(struct source *source, struct block *block)
{
	if (!source->options->tees) {
		blocks_take(&source->blocks, block);
	} else if (source->input.file) {
		*block = source->input;
		block_file_keep(block->file);
	}
}

struct fetch *source_fetch(const struct source *source)
{
	return source->fetched.fetch;
}

void source_run_command(struct source *source, unsigned long long wanted)
{
	fetched_items_run(&source->fetched, wanted);
}

bool source_has_given(const struct source *source)
{
	return fetched_items_are_left(&source->fetched);
}

void source_finish(struct source *source, bool patience)
{
	fetched_items_finish(&source->fetched, patience);
}

const struct strlist *source_names(const struct source *source)
{
	return &source->names;
}

void source_close(struct source *source)
{
	input_stream_close(&source->stream);
	lists_close(&source->lists);
	fetched_items_close(&source->fetched);
	blocks_close(&source->blocks);
	block_drop(&source->input);
	strlist_free(&source->outer);
	strlist_free(&source->shuffled);
	strlist_free(&source->names);
	free(source->item.values);
	free(source->order);
	free(source);
}
