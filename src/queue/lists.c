#include "queue/lists.h"

#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/escape.h"
#include "base/reader.h"
#include "queue/input_file.h"
#include "queue/split.h"
#include "queue/value.h"

/* Reads a :::: file whole. */
static void load_file(
    const struct lists *lists, const char *name, int standard_input, struct strlist *list)
{
	struct reader reader = {.fd = -1};
	enum source_status status;
	struct record record;
	bool last = false;

	input_file_check(name, false);
	int fd = input_file_open(name, standard_input);
	if (fd < 0)
		input_file_fail("", name);
	value_open(lists->options, &reader, fd, -1, SIZE_MAX);
	do {
		status = value_read(lists->options, &reader, &record, &last);
		if (status == SOURCE_ITEM)
			strlist_add(list, record.bytes, record.kept);
	} while (status == SOURCE_ITEM || status == SOURCE_INTERRUPTED);
	if (status == SOURCE_FAILED)
		input_file_fail("reading ", name);
	reader_free(&reader);
}

/* Takes the values behind a :::. */
static void load_words(const struct lists *lists, const struct strings *words, struct strlist *list)
{
	enum value_kind kind = VALUE_ITEM;

	for (size_t i = 0; i < words->count && kind != VALUE_LAST; i++) {
		size_t length = strlen(words->at[i]);
		struct record record = {.bytes = words->at[i], .kept = length, .length = length};
		kind = value_judge(lists->options, &record);
		if (kind == VALUE_ITEM)
			strlist_add(list, record.bytes, record.kept);
	}
}

static void load(const struct lists *lists, const struct input *input, int standard_input,
    struct strlist *list, struct strlist *names)
{
	if (input->file)
		load_file(lists, input->file, standard_input, list);
	load_words(lists, &input->values, list);
	if (lists->options->header && list->count > 0)
		split_header(lists->options, strlist_at(list, 0), strlist_length(list, 0), names);
	if (strlist_failed(list) || strlist_failed(names))
		errx(1, "the lists of items do not fit into memory");
}

/* The first value of a list that is an item: behind the name that --header takes. */
static size_t first_value(const struct lists *lists)
{
	return lists->options->header ? 1 : 0;
}

static size_t size_of(const struct lists *lists, size_t list)
{
	size_t count = lists->values[list].count, first = first_value(lists);

	return count > first ? count - first : 0;
}

/* Is a list side by side with the one before it? Under --link all are, in another way. */
static bool is_linked(const struct lists *lists, size_t list)
{
	return list > 0 && !lists->options->link && lists->options->inputs[list].linked;
}

/* How many combinations a list makes with those that are side by side with it. */
static size_t group_size(const struct lists *lists, size_t first)
{
	size_t least = size_of(lists, first);

	for (size_t i = first + 1; i < lists->count && is_linked(lists, i); i++)
		if (size_of(lists, i) < least)
			least = size_of(lists, i);
	return least;
}

/* Of several lists one is empty, so that there is no combination: says so. */
static void say_empty(const struct lists *lists)
{
	size_t before = lists->options->files.count > 0 ? 1 : 0, i = 0;
	char name[ESCAPED_NAME], shown[ESCAPED_NAME + 8] = "";

	while (i < lists->count && size_of(lists, i) > 0)
		i++;
	if (i == lists->count || lists->count + before == 1)
		return;
	const char *file = lists->options->inputs[i].file;
	if (file)
		snprintf(shown, sizeof shown, " (:::: %s)", escape_name(name, file));
	warnx("list %zu%s has no items: there is no combination, and nothing is run",
	    i + 1 + before, shown);
}

/* Gives each list that is empty an empty value. With a stream it need not be known whether there
 * are others. */
static void fill(struct lists *lists)
{
	bool all_empty = true;

	for (size_t i = 0; i < lists->count; i++)
		all_empty &= size_of(lists, i) == 0;
	if (all_empty && lists->options->files.count == 0)
		return;
	for (size_t i = 0; i < lists->count; i++) {
		while (size_of(lists, i) == 0 && !strlist_failed(&lists->values[i]))
			strlist_add(&lists->values[i], "", 0);
		if (strlist_failed(&lists->values[i]))
			errx(1, "the lists of items do not fit into memory");
	}
	lists->filled = all_empty;
}

void lists_open(struct lists *lists, const struct queue_options *options, int standard_input,
    struct strlist *names)
{
	*lists = (struct lists){.options = options, .count = options->input_count};
	lists->values = calloc(lists->count + 1, sizeof *lists->values);
	lists->position = calloc(lists->count + 1, sizeof *lists->position);
	if (!lists->values || !lists->position)
		err(1, "opening the queue");
	for (size_t i = 0; i < lists->count; i++)
		load(lists, &options->inputs[i], standard_input, &lists->values[i], names);
	if (options->fills_lists && !options->link)
		fill(lists);
	say_empty(lists);
}

/* Adds the value of a list that is next to the item. */
static void add_value(const struct lists *lists, size_t list, struct item *item)
{
	const struct strlist *from = &lists->values[list];
	size_t first = list;

	while (is_linked(lists, first))
		first--;
	size_t index = first_value(lists) + lists->position[first];
	struct value *value = &item->values[item->count++];

	*value = (struct value){strlist_at(from, index), strlist_length(from, index)};
	if (value->length > item->longest)
		item->longest = value->length;
}

bool lists_are_empty(const struct lists *lists)
{
	for (size_t i = 0; i < lists->count; i++)
		if (size_of(lists, i) == 0)
			return true;
	return false;
}

/* The size of the longest list; 0 where one of them is empty. */
static size_t longest(const struct lists *lists)
{
	size_t most = 0;

	for (size_t i = 0; i < lists->count && !lists_are_empty(lists); i++)
		if (size_of(lists, i) > most)
			most = size_of(lists, i);
	return most;
}

/* --link: as long as the longest list; the shorter ones begin again. */
static bool linked_next(struct lists *lists, struct item *item)
{
	if (lists->linked == longest(lists))
		return false;
	lists->linked++;
	for (size_t i = 0; i < lists->count; i++) {
		add_value(lists, i, item);
		if (++lists->position[i] == size_of(lists, i))
			lists->position[i] = 0;
	}
	return true;
}

/* Moves on to the next combination: the last list is the fastest. */
static void advance(struct lists *lists)
{
	for (size_t i = lists->count; i-- > 0;) {
		if (is_linked(lists, i))
			continue;
		if (++lists->position[i] < group_size(lists, i))
			return;
		lists->position[i] = 0;
	}
}

void lists_begin(struct lists *lists)
{
	lists->started = false;
	lists->linked = 0;
	for (size_t i = 0; i < lists->count; i++)
		lists->position[i] = 0;
}

bool lists_next(struct lists *lists, struct item *item)
{
	if (lists->options->link)
		return linked_next(lists, item);
	if (!lists_more(lists))
		return false;
	if (lists->started)
		advance(lists);
	lists->started = true;
	for (size_t i = 0; i < lists->count; i++)
		add_value(lists, i, item);
	return true;
}

bool lists_more(const struct lists *lists)
{
	if (lists->options->link)
		return lists->linked < longest(lists);
	if (lists_are_empty(lists) || !lists->started)
		return !lists_are_empty(lists);
	for (size_t i = 0; i < lists->count; i++)
		if (!is_linked(lists, i) && lists->position[i] + 1 < group_size(lists, i))
			return true;
	return false;
}

bool lists_total(const struct lists *lists, uint64_t *total)
{
	*total = lists->options->link ? longest(lists) : 1;
	for (size_t i = 0; i < lists->count && !lists->options->link; i++) {
		uint64_t size = is_linked(lists, i) ? 1 : group_size(lists, i);
		if (size > 0 && *total > UINT64_MAX / size)
			return false;
		*total *= size;
	}
	return true;
}

void lists_close(struct lists *lists)
{
	for (size_t i = 0; i < lists->count; i++)
		strlist_free(&lists->values[i]);
	free(lists->values);
	free(lists->position);
}
