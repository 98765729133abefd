#include "command/command.h"

#include <err.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/escape.h"
#include "command/command_path.h"
#include "command/plain_words.h"
#include "command/shell_command.h"
#include "command/shell_quote.h"

/* A job does not take more slots than this: there are never as many. */
enum { MOST_WEIGHT = 1000000 };

/*
 * Is the command a line for a shell, typed as one word? It has something in it that only shells
 * take for more than a part of a name.
 */
static bool is_shell_line(const struct command_options *options)
{
	return options->words.count == 1 && !options->script && !options->shell &&
	       strpbrk(options->words.at[0], " \t\n|&;<>()$`\"'");
}

static _Noreturn void refuse_shell_line(const struct command_options *options)
{
	char name[ESCAPED_NAME];

	errx(127, "cannot run %s: %s (with --shell a shell reads the command)",
	    escape_name(name, options->words.at[0]), strerror(ENOENT));
}

/* Finds a program; NULL when there is none to be found now. */
static char *find(const struct command *command, const char *program)
{
	if (!program || !command->finds)
		return NULL;
	char *path = command_path(program, command->options->started_in);
	if (!path && errno == ENOENT && is_shell_line(command->options))
		refuse_shell_line(command->options);
	if (!path) {
		char name[ESCAPED_NAME];
		int error = errno;
		escape_name(name, program);
		errno = error;
		err(error == ENOENT ? 127 : 126, "cannot run %s", name);
	}
	return path;
}

/*
 * Where the name of the program has a placeholder in it, whether there is such a file is known for
 * each item only. But what is before the first blank is the name of a command, if this is a line.
 */
static void check_first_word(const struct command *command)
{
	const struct command_options *options = command->options;

	if (!command->finds || command->path || !is_shell_line(options))
		return;
	char *name = strndup(options->words.at[0], strcspn(options->words.at[0], " \t\n|&;<>()"));
	char *path = name && !strpbrk(name, "{/") ? command_path(name, options->started_in) : NULL;
	free(name);
	if (path)
		refuse_shell_line(options);
	free(path);
}

void command_open(struct command *command, const struct command_options *options, bool dry_run)
{
	*command = (struct command){.options = options, .finds = !dry_run && !options->found_late};
	command->path = find(command, template_literal_program(options));
	check_first_word(command);
}

/* Finds the program of a command that needs no shell; NULL: it does, or jobs run elsewhere. */
static char *find_plain(const struct command *command)
{
	const struct command_options *options = command->options;
	const char *program = template_plain_program(command->template);

	if (!command->path || !program || options->started_in || options->directory)
		return NULL;
	return plain_words_find(shell_command_name(options), command->path, program);
}

void command_compile(struct command *command, const struct strlist *names)
{
	const struct command_options *options = command->options;

	command->template = template_compile(options, names);
	if (options->plus)
		command->choice = choice_read(&options->words);
	command->tag = template_compile_word(options, names, options->tag_string);
	command->results = template_compile_word(options, names, options->results);
	if (command->results && !template_has_placeholder(command->results)) {
		template_free(command->results);
		command->results = NULL;
	}
	command->directory = template_compile_word(options, names, options->directory);
	command->key = template_compile_word(options, names, options->key);
	command->weight = template_compile_word(options, names, options->weight);
	if (!command->path)
		command->path = find(command, template_program(command->template));
	command->plain_path = find_plain(command);
}

void command_fill(
    const struct command *command, const struct template_values *values, struct strlist *words)
{
	template_fill(command->template, values, words);
}

bool command_fill_plain(
    const struct command *command, const struct template_values *values, struct strlist *words)
{
	return command->plain_path && template_fill_plain(command->template, values, words) &&
	       !strlist_failed(words) && plain_words_suit(words);
}

bool command_is_chosen(const struct command *command, const struct template_values *values)
{
	return choice_allows(
	    &command->choice, values->columns->count > 0 ? values->columns : values->items);
}

bool command_show(const struct command *command, const struct template_values *values,
    const struct strlist *words, struct strlist *line)
{
	if (!template_show(command->template, values, words, line))
		return false;
	strlist_append(line, "\n", 1);
	strlist_end(line);
	return true;
}

/* In the one line of a record there are neither tabs nor newlines. */
static void make_blanks(struct strlist *line)
{
	for (size_t i = 0; i < line->used; i++)
		if (line->bytes[i] == '\n' || line->bytes[i] == '\t')
			line->bytes[i] = ' ';
}

void command_describe(const struct command *command, const struct template_values *values,
    const struct strlist *words, struct strlist *scratch, struct strlist *line)
{
	struct template_values without_slot = *values;

	if (template_show(command->template, values, words, line)) {
		make_blanks(line);
		strlist_end(line);
		return;
	}
	without_slot.slot = 0;
	if (template_has_slot(command->template)) {
		template_fill(command->template, &without_slot, scratch);
		words = scratch;
	}
	shell_quote_fed(words, values->input, line);
}

unsigned command_weigh(
    const struct command *command, const struct template_values *values, struct strlist *words)
{
	long long sum = 0;
	const char *problem = NULL;

	if (!command->weight)
		return 1;
	template_fill(command->weight, values, words);
	if (strlist_failed(words))
		return 0;
	for (size_t i = 0; i < words->count && !problem; i++)
		sum += strtonum(strlist_at(words, i), 1, MOST_WEIGHT, &problem);
	return problem ? 0 : sum < MOST_WEIGHT ? (unsigned)sum : MOST_WEIGHT;
}

bool command_fill_tag(
    const struct command *command, const struct template_values *values, struct strlist *tag)
{
	if (!command->tag)
		return true;
	template_fill(command->tag, values, tag);
	if (strlist_failed(tag))
		return false;
	for (size_t i = 1; i < tag->count; i++)
		strlist_at(tag, i)[-1] = ' ';
	tag->bytes[tag->used - 1] = '\t';
	return true;
}

static bool fill_name(
    const struct template *template, const struct template_values *values, struct strlist *name)
{
	strlist_clear(name);
	if (!template)
		return true;
	template_fill(template, values, name);
	return !strlist_failed(name);
}

bool command_names_results(const struct command *command)
{
	return command->results != NULL;
}

bool command_fill_results(
    const struct command *command, const struct template_values *values, struct strlist *name)
{
	return fill_name(command->results, values, name);
}

bool command_fill_directory(
    const struct command *command, const struct template_values *values, struct strlist *name)
{
	return fill_name(command->directory, values, name);
}

void command_close(struct command *command)
{
	template_free(command->template);
	template_free(command->tag);
	template_free(command->directory);
	template_free(command->results);
	template_free(command->key);
	template_free(command->weight);
	free(command->path);
	free(command->plain_path);
}
