#include "command/command.h"

#include <err.h>
#include <errno.h>
#include <stdlib.h>

#include "base/escape.h"
#include "command/command_path.h"
#include "command/shell_quote.h"

/* Finds a program; NULL when there is none to be found now. */
static char *find(const struct command *command, const char *program)
{
	if (!program || !command->finds)
		return NULL;
	char *path = command_path(program, command->options->started_in);
	if (!path) {
		char name[ESCAPED_NAME];
		int error = errno;
		escape_name(name, program);
		errno = error;
		err(error == ENOENT ? 127 : 126, "cannot run %s", name);
	}
	return path;
}

void command_open(struct command *command, const struct command_options *options, bool dry_run)
{
	*command = (struct command){.options = options, .finds = !dry_run};
	command->path = find(command, template_literal_program(options));
}

void command_compile(struct command *command, const struct strlist *names)
{
	const struct command_options *options = command->options;

	command->template = template_compile(options, names);
	command->tag = template_compile_word(options, names, options->tag_string);
	if (!command->path)
		command->path = find(command, template_program(command->template));
}

void command_fill(
    const struct command *command, const struct template_values *values, struct strlist *words)
{
	template_fill(command->template, values, words);
}

void command_describe(const struct command *command, const struct template_values *values,
    const struct strlist *words, struct strlist *scratch, struct strlist *line)
{
	struct template_values without_slot = *values;

	without_slot.slot = 0;
	if (template_has_slot(command->template)) {
		template_fill(command->template, &without_slot, scratch);
		words = scratch;
	}
	shell_quote_line(words, line);
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

void command_close(struct command *command)
{
	template_free(command->template);
	template_free(command->tag);
	free(command->path);
}
