#include "cli/operands.h"
#include "base/path.h"

#include <err.h>
#include <stdlib.h>
#include <string.h>

bool operands_is_separator(const char *word)
{
	size_t colons = strspn(word, ":");

	return (colons == 3 || colons == 4) &&
	       (word[colons] == '\0' || strcmp(word + colons, "+") == 0);
}

void operands_add_word(struct strings *list, const char *word)
{
	char **at = reallocarray(list->at, list->count + 1, sizeof *at);

	if (!at)
		err(1, "reading the command line");
	at[list->count++] = (char *)word;
	list->at = at;
}

/* Counts the words of `argv` up to the next list. */
static size_t words_before_list(char *const argv[])
{
	size_t count = 0;

	while (argv[count] && !operands_is_separator(argv[count]))
		count++;
	return count;
}

static void add_input(struct queue_options *queue, struct input input)
{
	struct input *inputs = reallocarray(queue->inputs, queue->input_count + 1, sizeof *inputs);

	if (!inputs)
		err(1, "reading the command line");
	inputs[queue->input_count++] = input;
	queue->inputs = inputs;
}

/* Reads the list that `argv` begins with, and returns what follows it. */
static char **parse_operand_list(struct queue_options *queue, char *argv[])
{
	const char *separator = *argv++;
	bool from_files = strspn(separator, ":") == 4, linked = strchr(separator, '+') != NULL;
	struct strings words = {.at = argv, .count = words_before_list(argv)};

	if (from_files && words.count == 0)
		errx(1, "%s needs the name of a file", separator);
	if (linked && queue->files.count > 0 && queue->input_count == 0)
		errx(1, "%s is about the list of ::: or :::: before it, and there is none",
		    separator);
	if (!from_files)
		add_input(queue, (struct input){.linked = linked, .values = words});
	for (size_t i = 0; from_files && i < words.count; i++)
		add_input(queue, (struct input){.linked = linked, .file = words.at[i]});
	return argv + words.count;
}

/* Settles where the items come from. */
static void settle_items(struct queue_options *queue)
{
	if (queue->source || queue->next || queue->files.count > 0)
		return;
	if (queue->input_count == 0)
		operands_add_word(&queue->files, "-");
	/* A single :::: is the same as -a: it need not be held in memory. */
	if (queue->input_count == 1 && queue->inputs[0].file && !queue->link) {
		operands_add_word(&queue->files, queue->inputs[0].file);
		queue->input_count = 0;
	}
}

void operands_parse(struct options *options, char *argv[])
{
	options->command.words = (struct strings){.at = argv, .count = words_before_list(argv)};
	argv += options->command.words.count;
	while (*argv)
		argv = parse_operand_list(&options->queue, argv);
	settle_items(&options->queue);
}

size_t operands_count_stdin(const struct options *options)
{
	const struct queue_options *queue = &options->queue;
	size_t count = 0;

	for (size_t i = 0; i < queue->files.count; i++)
		count += path_is_stdin(queue->files.at[i]);
	for (size_t i = 0; i < queue->input_count; i++)
		count += queue->inputs[i].file && path_is_stdin(queue->inputs[i].file);
	for (size_t i = 0; i < queue->tee_files.count; i++)
		count += path_is_stdin(queue->tee_files.at[i]);
	return count;
}
