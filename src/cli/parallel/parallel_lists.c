#include "cli/parallel/parallel_lists.h"

#include <ctype.h>
#include <err.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/escape.h"
#include "base/path.h"
#include "cli/operands.h"
#include "cli/parallel/parallel_table.h"

/* What a word of the command line begins. */
struct separator {
	bool is_one;
	bool from_files;
	bool linked; /* with a + behind it */
};

static bool is_word(const char *word, const char *separator, bool *linked)
{
	size_t length = strlen(separator);

	if (length == 0 || strncmp(word, separator, length) != 0)
		return false;
	*linked = strcmp(word + length, "+") == 0;
	return *linked || word[length] == '\0';
}

static struct separator read_separator(const char *word)
{
	struct separator found = {.is_one = true};

	if (is_word(word, parallel_typed.separator, &found.linked))
		return found;
	found.from_files = true;
	found.is_one = is_word(word, parallel_typed.file_separator, &found.linked);
	return found;
}

/* Counts the words up to the next list. */
static size_t words_before_list(char *const argv[])
{
	size_t count = 0;

	while (argv[count] && !read_separator(argv[count]).is_one)
		count++;
	return count;
}

struct strings parallel_lists_command(char *operands[])
{
	return (struct strings){.at = operands, .count = words_before_list(operands)};
}

void parallel_lists_add(struct queue_options *queue, struct input input)
{
	struct input *inputs = reallocarray(queue->inputs, queue->input_count + 1, sizeof *inputs);

	if (!inputs)
		err(255, "reading the command line");
	inputs[queue->input_count++] = input;
	queue->inputs = inputs;
}

/* The delimiter as a text, which the caller frees; empty where no argument can have it in it. */
static char *delimiter_text(const struct queue_options *queue)
{
	size_t length = queue->ends.before_length;
	char *text = calloc(1, length + 2);

	if (!text)
		err(255, "reading the command line");
	if (length > 0)
		memcpy(text, queue->ends.before, length);
	text[length] = queue->delimiter;
	if (strlen(text) <= length)
		*text = '\0';
	return text;
}

/* Adds a value, or those that it is where the delimiter stands in it. The list keeps them. */
static void add_values(struct strings *values, const char *word, const char *delimiter)
{
	const char *end = *delimiter ? strstr(word, delimiter) : NULL;

	/* NOLINTBEGIN(clang-analyzer-unix.Malloc): the list keeps them */
	for (; end; word = end + strlen(delimiter), end = strstr(word, delimiter)) {
		char *value = strndup(word, (size_t)(end - word));
		if (!value)
			err(255, "reading the command line");
		operands_add_word(values, value);
	}
	/* NOLINTEND(clang-analyzer-unix.Malloc) */
	operands_add_word(values, word);
}

static bool ends_in_blank(const char *text)
{
	size_t length = strlen(text);

	return length > 0 && isspace((unsigned char)text[length - 1]);
}

/* -L: a value that ends in a blank goes on with the next one, as a line does. */
static void join_values(struct strings *values)
{
	size_t count = 0;
	char *joined = NULL; /* the last of those so far, if it was made here */

	for (size_t i = 0; i < values->count; i++) {
		char *before = joined;
		if (count == 0 || !ends_in_blank(values->at[count - 1])) {
			values->at[count++] = values->at[i];
			joined = NULL;
			continue;
		}
		if (asprintf(&joined, "%s%s", values->at[count - 1], values->at[i]) < 0)
			err(255, "reading the command line");
		values->at[count - 1] = joined;
		free(before);
	}
	values->count = count;
}

static void add_file(struct queue_options *queue, const char *name, bool linked)
{
	char shown[ESCAPED_NAME];

	if (!path_is_stdin(name) && access(name, R_OK) != 0)
		err(255, "Cannot open input file `%s'", escape_name(shown, name));
	parallel_lists_add(queue, (struct input){.linked = linked, .file = name});
}

/* Reads the list that `argv` begins with, and returns what follows it. */
static char **read_list(struct queue_options *queue, char *argv[])
{
	struct separator separator = read_separator(*argv++);
	struct strings words = {.at = argv, .count = words_before_list(argv)}, values = {NULL, 0};
	bool linked = separator.linked && queue->input_count > 0;
	char *delimiter = delimiter_text(queue);

	for (size_t i = 0; i < words.count; i++)
		if (separator.from_files)
			add_file(queue, words.at[i], linked);
		else
			add_values(&values, words.at[i], delimiter);
	free(delimiter);
	if (parallel_typed.max_lines > 0 || parallel_typed.max_replace_lines > 0)
		join_values(&values);
	if (!separator.from_files)
		parallel_lists_add(queue, (struct input){.linked = linked, .values = values});
	return argv + words.count;
}

/* A first list that is a file need not be held in memory, where none is side by side with it. */
static void stream_first(struct queue_options *queue)
{
	struct input *inputs = queue->inputs;
	bool has_second = queue->input_count > 1;

	if (!inputs[0].file || (has_second && (queue->link || inputs[1].linked)))
		return;
	for (size_t i = 1; i < queue->input_count; i++)
		if (inputs[i].file && strcmp(inputs[i].file, inputs[0].file) == 0)
			return;
	operands_add_word(&queue->files, inputs[0].file);
	queue->input_count--;
	memmove(inputs, inputs + 1, queue->input_count * sizeof *inputs);
}

/* --nonall: the command runs once. */
static void add_no_item(struct options *options)
{
	struct strings value = {NULL, 0};

	operands_add_word(&value, "");
	parallel_lists_add(&options->queue, (struct input){.values = value});
	parallel_typed.max_args = 0;
}

void parallel_lists_settle(struct options *options, char *operands[])
{
	struct queue_options *queue = &options->queue;

	options->command.words = parallel_lists_command(operands);
	operands += options->command.words.count;
	for (size_t i = 0; i < parallel_typed.files.count; i++)
		add_file(queue, parallel_typed.files.at[i], false);
	while (*operands)
		operands = read_list(queue, operands);
	if (queue->input_count == 0 && parallel_typed.on_all_without)
		add_no_item(options);
	else if (queue->input_count == 0)
		parallel_lists_add(queue, (struct input){.file = "-"});
	/* How many jobs there are has to be known before the first one. */
	if (!options->pool.halt.percent && !options->command.plus)
		stream_first(queue);
}
