#include "command/shell_command.h"

#include <err.h>
#include <stdlib.h>
#include <string.h>

#include "base/escape.h"
#include "command/unknown_names.h"

const char *shell_command_program(const struct command_options *options)
{
	return options->shell ? options->shell : "sh";
}

const char *shell_command_name(const struct command_options *options)
{
	const char *shell = shell_command_program(options), *slash = strrchr(shell, '/');

	return slash ? slash + 1 : shell;
}

/* The placeholders of a text. */
struct found {
	struct shell_span *spans;
	struct placeholder *placeholders; /* what each is */
	size_t *values;                   /* which of the values each stands for */
	size_t count;
};

char *shell_command_join(const struct command_options *options, const char *appended)
{
	const struct strings *words = &options->words;
	size_t size = strlen(appended) + 2;

	for (size_t i = 0; i < words->count; i++)
		size += strlen(words->at[i]) + 1;
	char *text = calloc(1, size);
	if (!text)
		err(1, "reading the command");
	for (size_t i = 0; i < words->count; i++) {
		strlcat(text, i > 0 ? " " : "", size);
		strlcat(text, words->at[i], size);
	}
	/* What stands behind the last line is on that line. */
	for (size_t end = strlen(text); *appended && end > 0 && strchr(" \t\n", text[end - 1]);)
		text[--end] = '\0';
	strlcat(text, *appended ? " " : "", size);
	strlcat(text, appended, size);
	return text;
}

/* Makes room for all placeholders that a text can have. */
static void make_room(struct shell_command *command, struct found *found)
{
	size_t most = strlen(command->text) + 1;

	found->spans = calloc(most, sizeof *found->spans);
	found->placeholders = calloc(most, sizeof *found->placeholders);
	found->values = calloc(most, sizeof *found->values);
	command->values = calloc(most, sizeof *command->values);
	if (!found->spans || !found->placeholders || !found->values || !command->values)
		err(1, "reading the command");
}

/* Finds the placeholders. `several`: one of the item may stand for several values. */
static void find_placeholders(struct shell_command *command,
    const struct placeholder_syntax *syntax, bool several, struct found *found)
{
	make_room(command, found);
	for (const char *at = command->text; *at;) {
		struct placeholder *placeholder = &found->placeholders[found->count];
		size_t length = placeholder_read(syntax, at, placeholder);
		enum placeholder_kind kind = placeholder->kind;
		if (length > 0)
			found->spans[found->count++] =
			    (struct shell_span){.at = (size_t)(at - command->text),
				.length = length,
				.number = kind == PLACEHOLDER_SEQ || kind == PLACEHOLDER_SLOT ||
					  kind == PLACEHOLDER_TOTAL,
				.several = several && kind == PLACEHOLDER_ITEM};
		at += length > 0 ? length : 1;
	}
}

/* Of what is left as it is, some may have been meant for placeholders. */
static void warn_of_names(const struct shell_command *command,
    const struct placeholder_syntax *syntax, const struct found *found)
{
	size_t span = 0;

	for (size_t at = 0; command->text[at];) {
		bool is_span = span < found->count && found->spans[span].at == at;
		if (!is_span)
			unknown_names_warn(syntax->names, command->text, command->text + at);
		at += is_span ? found->spans[span++].length : 1;
	}
}

static void free_found(struct found *found)
{
	free(found->spans);
	free(found->placeholders);
	free(found->values);
	*found = (struct found){.count = 0};
}

/* Numbers the values that there are, those for several or the others, from `first` on. */
static size_t number_values(
    struct shell_command *command, struct found *found, bool several, size_t first)
{
	size_t end = first;

	for (size_t i = 0; i < found->count; i++) {
		size_t value = first;
		if (found->spans[i].several != several)
			continue;
		while (value < end &&
		       !placeholder_is_same(&command->values[value], &found->placeholders[i]))
			value++;
		if (value == end)
			command->values[end++] = found->placeholders[i];
		found->values[i] = value;
	}
	return end - first;
}

/* What messages begin with. */
static const char *prefix(const struct command_options *options)
{
	return options->shell_is_named_by ? "" : "--shell: ";
}

static _Noreturn void refuse_text(const struct command_options *options,
    const struct shell_text *text, const struct shell_error *error, bool appended)
{
	const char *setting = options->shell_is_named_by ? options->shell_is_named_by : "--shell";
	char shown[ESCAPED_NAME];
	const struct shell_span *span = &text->spans[error->span];

	if (appended && error->at >= text->spans[text->span_count - 1].at)
		errx(1,
		    "%sthe command has no placeholder, and none can be added at its "
		    "end: say where the item belongs",
		    prefix(options));
	if (!error->has_span)
		errx(1, "%sbyte %zu of the command: %s", prefix(options), error->at + 1,
		    error->reason);
	errx(1, "%sbyte %zu of the command: %s stands %s%s%s%s", prefix(options), error->at + 1,
	    escape(shown, sizeof shown, text->bytes + span->at, span->length), error->reason,
	    error->bash_takes_it ? ": say " : "", error->bash_takes_it ? setting : "",
	    error->bash_takes_it ? "=bash" : "");
}

/* The column that each value is; 0: it is none. */
static long *columns_of(const struct shell_command *command)
{
	size_t count = command->fixed + command->several;
	long *columns = calloc(count + 1, sizeof *columns);

	if (!columns)
		err(1, "reading the command");
	for (size_t i = 0; i < count; i++)
		if (command->values[i].kind == PLACEHOLDER_COLUMN)
			columns[i] = command->values[i].column;
	return columns;
}

/* Joins the words, and finds the placeholders; one is added where there is none. */
static bool read_words(struct shell_command *command, const struct command_options *options,
    const struct placeholder_syntax *syntax, struct found *found)
{
	command->text = shell_command_join(options, "");
	command->each_column = options->items_are_columns && options->splits;
	find_placeholders(command, syntax, options->several || command->each_column, found);
	if (found->count > 0 || options->takes_no_item)
		return false;
	if (command->text[strspn(command->text, " \t\n")] == '\0')
		errx(1, "%sthe command is empty", prefix(options));
	free(command->text);
	free(command->values);
	free_found(found);
	command->text = shell_command_join(options, options->replace);
	command->each_column = options->splits;
	find_placeholders(command, syntax, options->several || options->splits, found);
	return true;
}

struct shell_command *shell_command_make(
    const struct command_options *options, const struct placeholder_syntax *syntax)
{
	struct shell_command *command = calloc(1, sizeof *command);
	struct found found = {.count = 0};
	struct shell_error error;

	if (!command)
		err(1, "reading the command");
	bool appended = read_words(command, options, syntax, &found);
	warn_of_names(command, syntax, &found);
	command->fixed = number_values(command, &found, false, 0);
	command->several = number_values(command, &found, true, command->fixed);
	const struct shell_text text = {.bytes = command->text,
	    .length = strlen(command->text),
	    .spans = found.spans,
	    .span_count = found.count,
	    .language = shell_words_language(shell_command_program(options)),
	    .joined = options->joins_items,
	    /* Where values are shown in a command, it may name one. */
	    .appended = appended && !options->shows_text};
	long *columns = options->lacking_are_none ? columns_of(command) : NULL;
	const struct shell_values values = {
	    found.values, command->fixed, command->several, columns};
	command->script = shell_script_make(&text, &values, &error);
	free(columns);
	if (command->script) {
		free_found(&found);
		return command;
	}
	/* What is refused is shown of `text`, which keeps its bytes. */
	free(command->values);
	free(command);
	refuse_text(options, &text, &error, appended);
}

void shell_command_free(struct shell_command *command)
{
	if (!command)
		return;
	shell_script_free(command->script);
	free(command->values);
	free(command->text);
	free(command);
}
