#include "command/template.h"

#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "command/placeholder.h"
#include "command/shell_command.h"
#include "command/shell_quote.h"
#include "command/unknown_names.h"
#include "command/value_change.h"

/* The digits of UINT64_MAX, and of MAX_SLOTS. */
enum { NUMBER_BYTES = 20, SLOT_BYTES = 5 };

/* A piece of a word: text, or one placeholder. */
struct piece {
	struct placeholder value;
	const char *text; /* of PLACEHOLDER_NONE: points into the command line */
	size_t length;    /* of `text` */
};

struct word {
	size_t first, end; /* its pieces, from `first` up to before `end` */
	bool repeated;     /* the item is among them */
	bool script;       /* it is what the shell reads, and has no pieces */
};

struct template
{
	struct piece *pieces;
	size_t piece_count;
	struct word *words;
	size_t word_count;
	struct shell_command *shell;      /* that reads the words; NULL: none does */
	struct template *plain;           /* the words that it reads; NULL: they are not plain */
	struct placeholder_syntax syntax; /* only while the template is compiled */
	char *text;                       /* that pieces point to; or NULL */
	bool has_placeholder;
	bool each_column; /* {} and the words around it are there for each column, not each item */
	enum { SHOWS_ARGV, SHOWS_SCRIPT, SHOWS_TEXT, SHOWS_WORDS } shows; /* how it is shown, */
	size_t shown;                                                     /* from this word on */
	unsigned quotes_more; /* what is shown is quoted so many times more */
	bool is_plain;        /* there is no other placeholder than `replace` */
};

static void add_piece(struct template *template, struct piece piece)
{
	struct piece *pieces =
	    reallocarray(template->pieces, template->piece_count + 1, sizeof *pieces);

	if (!pieces)
		err(1, "reading the command");
	pieces[template->piece_count++] = piece;
	template->pieces = pieces;
}

static void add_text(struct template *template, const char *text, size_t length)
{
	if (length > 0)
		add_piece(template, (struct piece){.text = text, .length = length});
}

static struct word *add_word(struct template *template)
{
	struct word *words = reallocarray(template->words, template->word_count + 1, sizeof *words);

	if (!words)
		err(1, "reading the command");
	template->words = words;
	words += template->word_count++;
	*words = (struct word){.first = template->piece_count, .end = template->piece_count};
	return words;
}

/* Adds a word without placeholders. */
static void add_literal(struct template *template, const char *text)
{
	struct word *word = add_word(template);

	add_text(template, text, strlen(text));
	word->end = template->piece_count;
}

/* Adds a word that is all columns of the item, or its values of several lists (:::): JOINED, as the
 * command where there is none on the command line, or SPREAD. */
static void add_columns(struct template *template, enum placeholder_kind kind)
{
	struct word *word = add_word(template);

	add_piece(template, (struct piece){.value.kind = kind});
	word->end = template->piece_count;
}

/* Adds a word of the command line. */
static void compile_word(struct template *template, const char *text)
{
	struct word *word = add_word(template);
	const char *begin = text, *literal = text;
	struct piece piece = {.text = NULL};

	while (*text) {
		size_t length = placeholder_read(&template->syntax, text, &piece.value);
		if (length == 0) {
			unknown_names_warn(template->syntax.names, begin, text++);
			continue;
		}
		add_text(template, literal, (size_t)(text - literal));
		add_piece(template, piece);
		template->has_placeholder = true;
		word->repeated |= piece.value.kind == PLACEHOLDER_ITEM;
		literal = text += length;
	}
	add_text(template, literal, (size_t)(text - literal));
	word->end = template->piece_count;
}

/* Adds a word that is an item, once for each. */
static void add_items(struct template *template)
{
	struct word *word = add_word(template);

	add_piece(template, (struct piece){.value.kind = PLACEHOLDER_ITEM});
	word->end = template->piece_count;
	word->repeated = true;
}

/* Adds a command line whose only placeholder is that of -I, where there is one. */
static void compile_plain_words(struct template *template, const struct strings *words)
{
	add_literal(template, words->at[0]);
	for (size_t i = 1; i < words->count; i++)
		if (template->syntax.item)
			compile_word(template, words->at[i]);
		else
			add_literal(template, words->at[i]);
	if (!template->syntax.item)
		add_items(template);
}

static struct template *new_template(
    const struct command_options *options, const struct strlist *names)
{
	struct template *template = calloc(1, sizeof *template);

	if (!template)
		err(1, "reading the command");
	template->syntax = (struct placeholder_syntax){.item = options->replace,
	    .item_length = options->replace ? strlen(options->replace) : 0,
	    .item_alone = options->plain_words,
	    .plus = options->plus,
	    .others = &options->names,
	    .names = names};
	template->each_column = options->items_are_columns && options->splits;
	template->is_plain = options->plain_words;
	template->quotes_more = options->quotes_more;
	return template;
}

struct template *template_compile_word(
    const struct command_options *options, const struct strlist *names, const char *text)
{
	if (!text)
		return NULL;
	struct template *template = new_template(options, names);
	compile_word(template, text);
	template->syntax.names = NULL;
	return template;
}

/* Adds the words of the command as they are. */
static void compile_words(struct template *template, const struct command_options *options)
{
	bool item_is_command = !options->script && options->words.count == 0;

	if (options->shows_text && item_is_command)
		template->shows = SHOWS_TEXT;
	if (options->script || item_is_command) {
		add_literal(template, shell_command_program(options));
		add_literal(template, "-c");
		/* A script that begins with - or + must not be taken for an option of sh. */
		if (!options->script || *options->script == '-' || *options->script == '+')
			add_literal(template, "--");
	}
	if (options->script) {
		add_literal(template, options->script);
		/* $0: what the shell says of an error in it is the shell's, not ours. */
		add_literal(template, shell_command_name(options));
	}
	for (size_t i = 0; i < options->words.count; i++)
		compile_word(template, options->words.at[i]);
	if (item_is_command && options->shows_text)
		template->shown = template->word_count;
	if (item_is_command)
		add_columns(template, PLACEHOLDER_COLUMNS);
	else if (!template->has_placeholder && options->splits)
		add_columns(template, PLACEHOLDER_SPREAD);
	else if (!template->has_placeholder && !options->takes_no_item)
		compile_word(template, options->replace);
}

/* Adds the words as arguments of a shell, which runs them as a command: it may have functions. */
static void compile_argv(struct template *template, const struct command_options *options)
{
	add_literal(template, shell_command_program(options));
	add_literal(template, "-c");
	add_literal(template, "\"$@\"");
	add_literal(template, shell_command_name(options));
	template->shown = template->word_count;
	compile_words(template, options);
	template->shows = SHOWS_WORDS;
}

/* Has the command's name a placeholder in it? The name ends at a blank, or where it is a variable.
 */
static bool has_placeholder_in_name(const struct template *template, const char *text)
{
	struct placeholder placeholder;

	for (; *text && !strchr(" \t\n=", *text); text++)
		if (placeholder_read(&template->syntax, text, &placeholder) > 0)
			return true;
	return false;
}

/* Adds the words as a text for a shell in which the values are, as they are. */
static void compile_text(struct template *template, const char *text)
{
	size_t first = template->piece_count;

	compile_word(template, text);
	template->words[template->word_count - 1].repeated = false;
	for (size_t i = first; i < template->piece_count; i++)
		if (template->pieces[i].value.kind == PLACEHOLDER_ITEM)
			template->pieces[i].value.kind = PLACEHOLDER_COLUMNS;
}

/* As compile_script, where what the name has a placeholder for is a command, and so are the words.
 * False: it is not so. */
static bool compile_named(struct template *template, const struct command_options *options)
{
	char *text = shell_command_join(options, "");

	if (!has_placeholder_in_name(template, text)) {
		free(text);
		return false;
	}
	add_literal(template, shell_command_program(options));
	add_literal(template, "-c");
	add_literal(template, "--");
	template->shown = template->word_count;
	template->shows = SHOWS_TEXT;
	template->text = text;
	compile_text(template, text);
	return true;
}

/* Makes the template of the words that the shell reads. NULL: they are not plain. */
static struct template *compile_plain(const struct shell_command *shell)
{
	size_t count;
	const int *codes = shell_script_plain(shell->script, &count);
	struct template *plain = count > 0 ? calloc(1, sizeof *plain) : NULL;

	if (count == 0)
		return NULL;
	if (!plain || !(plain->text = malloc(count)))
		err(1, "reading the command");
	plain->each_column = shell->each_column;
	struct word *word = add_word(plain);
	char *literal = plain->text, *end = literal;
	for (size_t i = 0; i < count; i++) {
		if (codes[i] >= 0 && codes[i] < CODE_SPAN) {
			*end++ = (char)codes[i];
			continue;
		}
		add_text(plain, literal, (size_t)(end - literal));
		if (codes[i] == CODE_END) {
			*end++ = '\0';
			word->end = plain->piece_count;
			word = i + 1 < count ? add_word(plain) : NULL;
		} else {
			size_t value = (size_t)(codes[i] - CODE_SPAN);
			add_piece(plain, (struct piece){.value = shell->values[value]});
			word->repeated |= value >= shell->fixed;
		}
		literal = end;
	}
	return plain;
}

/* Adds the words as a script for a shell, and the values of its placeholders. */
static void compile_script(struct template *template, const struct command_options *options)
{
	struct shell_command *shell = shell_command_make(options, &template->syntax);

	template->shell = shell;
	template->plain = compile_plain(shell);
	template->each_column = shell->each_column;
	template->shows = options->shows_text ? SHOWS_SCRIPT : SHOWS_ARGV;
	add_literal(template, shell_command_program(options));
	add_literal(template, "-c");
	if (*shell->text == '-' || *shell->text == '+')
		add_literal(template, "--");
	add_word(template)->script = true;
	add_literal(template, shell_command_name(options));
	template->shown = template->word_count;
	for (size_t i = 0; i < shell->fixed + shell->several; i++) {
		struct word *word = add_word(template);
		add_piece(template, (struct piece){.value = shell->values[i]});
		word->end = template->piece_count;
		word->repeated = i >= shell->fixed;
	}
}

struct template *template_compile(
    const struct command_options *options, const struct strlist *names)
{
	struct template *template = new_template(options, names);

	if (options->plain_words)
		compile_plain_words(template, &options->words);
	else if (options->argv_is_command && options->words.count > 0)
		compile_argv(template, options);
	else if (options->name_is_text && options->words.count > 0 &&
		 compile_named(template, options))
		template->has_placeholder = true;
	else if (options->shell && !options->script && options->words.count > 0)
		compile_script(template, options);
	else
		compile_words(template, options);
	if (options->fills && !options->shows_text && template_cost(template).passed.repeats == 0)
		errx(1, "-X needs %s in the command: only that stands for all items of a job",
		    options->replace);
	template->syntax.names = NULL; /* the caller may free them */
	return template;
}

const char *template_literal_program(const struct command_options *options)
{
	if (options->script || options->shell || options->words.count == 0)
		return shell_command_program(options);
	const char *name = options->words.at[0];
	if (options->plain_words)
		return name;
	return strchr(name, '{') || strstr(name, options->replace) ? NULL : name;
}

const char *template_program(const struct template *template)
{
	const struct word *word = &template->words[0];
	const struct piece *piece = &template->pieces[word->first];

	if (word->first == word->end)
		return ""; /* the command's name is an empty word */
	if (word->end - word->first > 1 || piece->value.kind != PLACEHOLDER_NONE)
		return NULL;
	return piece->text;
}

const char *template_plain_program(const struct template *template)
{
	return template->plain ? template_program(template->plain) : NULL;
}

bool template_has_placeholder(const struct template *template)
{
	return template->has_placeholder;
}

bool template_has_slot(const struct template *template)
{
	for (size_t i = 0; i < template->piece_count; i++)
		if (template->pieces[i].value.kind == PLACEHOLDER_SLOT)
			return true;
	return false;
}

/* Adds what a word costs that is there so many times; `repeated`: for each item. */
static void add_word_cost(const struct template *template, const struct word *word, size_t times,
    bool repeated, struct line_cost *cost)
{
	size_t length = 0, columns = 0, numbers = 0;

	for (const struct piece *piece = &template->pieces[word->first];
	     piece < &template->pieces[word->end]; piece++) {
		enum placeholder_kind kind = piece->value.kind;
		bool is_all = kind == PLACEHOLDER_COLUMNS || kind == PLACEHOLDER_SPREAD;
		length += piece->length;
		length += kind == PLACEHOLDER_SLOT ? SLOT_BYTES : 0;
		length += piece->value.part == PART_DIRECTORY; /* an empty value becomes "." */
		numbers += kind == PLACEHOLDER_SEQ || kind == PLACEHOLDER_TOTAL;
		columns += kind == PLACEHOLDER_COLUMN;
		cost->repeats += times * (kind == PLACEHOLDER_ITEM || is_all);
		/* All columns together are no longer than the item. Each value gets a blank,
		 * except the last, or each column a NUL. */
		cost->each += times * is_all;
		length -= is_all;
	}
	*(repeated ? &cost->each : &cost->fixed) += times * length;
	*(repeated ? &cost->each_columns : &cost->fixed_columns) += times * columns;
	*(repeated ? &cost->each_numbers : &cost->fixed_numbers) += times * numbers;
}

/* A word that ends with a NUL, or a blank. */
static void add_ended_word_cost(
    const struct template *template, const struct word *word, struct line_cost *cost)
{
	add_word_cost(template, word, 1, word->repeated, cost);
	*(word->repeated ? &cost->each : &cost->fixed) += 1;
	*(word->repeated ? &cost->each_words : &cost->fixed_words) += 1;
}

/* The command as it was typed, with its values. */
static struct line_cost text_cost(
    const struct template *template, const struct shell_script_cost *script)
{
	const struct shell_command *shell = template->shell;
	struct line_cost cost = {.fixed = script->fixed_text, .each = script->each_text};

	for (size_t i = 0; i < shell->fixed + shell->several; i++) {
		const struct word *word = &template->words[template->shown + i];
		for (int repeated = 0; repeated < 2; repeated++)
			add_word_cost(template, word,
			    shell_script_mentions(shell->script, i, repeated), repeated, &cost);
	}
	return cost;
}

struct template_cost template_cost(const struct template *template)
{
	struct template_cost cost = {.adds_items = template->is_plain && !template->syntax.item,
	    .spreads = template->each_column,
	    .is_shown = template->shell || template->shows != SHOWS_ARGV};

	for (size_t i = 0; i < template->word_count; i++) {
		const struct word *word = &template->words[i];
		if (word->script)
			cost.passed.fixed_words++;
		else
			add_ended_word_cost(template, word, &cost.passed);
		if (!template->shell && i >= template->shown)
			add_ended_word_cost(template, word, &cost.shown);
		for (size_t piece = word->first; piece < word->end; piece++)
			cost.spreads |= template->pieces[piece].value.kind == PLACEHOLDER_SPREAD;
	}
	if (template->shell) {
		cost.script = shell_script_cost(template->shell->script);
		cost.shown = text_cost(template, &cost.script);
	}
	return cost;
}

static void append_value(const struct strlist *from, size_t index, const struct placeholder *of,
    struct strlist *arguments)
{
	const char *bytes = strlist_at(from, index);
	size_t length = strlist_length(from, index);

	if (of->change) {
		value_change_append(of->change, bytes, length, arguments);
		return;
	}
	if (of->part != PART_WHOLE)
		placeholder_take_part(of->part, &bytes, &length);
	strlist_append(arguments, bytes, length);
}

/* Appends all columns, with blanks between them, or each as a word, the last of which is not ended.
 */
static void append_columns(
    const struct placeholder *of, const struct strlist *columns, struct strlist *arguments)
{
	enum placeholder_kind kind = of->kind;

	for (size_t i = 0; i < columns->count; i++) {
		if (i > 0 && kind == PLACEHOLDER_COLUMNS)
			strlist_append(arguments, " ", 1);
		if (i > 0 && kind == PLACEHOLDER_SPREAD)
			strlist_end(arguments);
		append_value(columns, i, of, arguments);
	}
}

static int count_digits(unsigned long long number)
{
	return snprintf(NULL, 0, "%llu", number);
}

/* Appends a number, with zeros where it has them before it, up to the length of the `largest`. */
static void append_number(const struct placeholder *of, unsigned long long number,
    unsigned long long largest, struct strlist *arguments)
{
	char digits[2 * NUMBER_BYTES];
	int width = of->padded ? count_digits(largest) : 1;

	strlist_append(
	    arguments, digits, (size_t)snprintf(digits, sizeof digits, "%0*llu", width, number));
}

static void append_column(
    const struct placeholder *of, const struct strlist *columns, struct strlist *arguments)
{
	long count = (long)columns->count;
	long index = of->column > 0 ? of->column - 1 : count + of->column;

	/* A column that an item does not have is empty. */
	if (index >= 0 && index < count)
		append_value(columns, (size_t)index, of, arguments);
}

/* What {} stands for, and the words around it are there for. */
static const struct strlist *items_of(
    const struct template *template, const struct template_values *values)
{
	return template->each_column ? values->columns : values->items;
}

/* Makes one argument of a word, with item number `item` in the place of {}. */
static void fill_word(const struct template *template, const struct word *word,
    const struct template_values *values, size_t item, struct strlist *arguments)
{
	if (word->script)
		shell_script_fill(template->shell->script,
		    &(struct shell_counts){
			items_of(template, values)->count, values->columns->count},
		    arguments);
	for (const struct piece *piece = &template->pieces[word->first];
	     piece < &template->pieces[word->end]; piece++) {
		switch (piece->value.kind) {
		case PLACEHOLDER_NONE:
			strlist_append(arguments, piece->text, piece->length);
			break;
		case PLACEHOLDER_ITEM:
			append_value(items_of(template, values), item, &piece->value, arguments);
			break;
		case PLACEHOLDER_COLUMN:
			append_column(&piece->value, values->columns, arguments);
			break;
		case PLACEHOLDER_COLUMNS:
		case PLACEHOLDER_SPREAD:
			append_columns(&piece->value, values->columns, arguments);
			break;
		case PLACEHOLDER_SEQ:
			append_number(&piece->value, values->seq, values->total, arguments);
			break;
		case PLACEHOLDER_TOTAL:
			append_number(&piece->value, values->total, 0, arguments);
			break;
		case PLACEHOLDER_SLOT:
			if (values->slot > 0)
				append_number(
				    &piece->value, values->slot, values->slots, arguments);
			else
				strlist_append(arguments, "{%}", 3);
			break;
		}
	}
	strlist_end(arguments);
}

void template_fill(const struct template *template, const struct template_values *values,
    struct strlist *arguments)
{
	strlist_clear(arguments);
	for (size_t i = 0; i < template->word_count; i++) {
		const struct word *word = &template->words[i];
		size_t times = word->repeated ? items_of(template, values)->count : 1;
		for (size_t item = 0; item < times; item++)
			fill_word(template, word, values, item, arguments);
	}
}

bool template_fill_plain(const struct template *template, const struct template_values *values,
    struct strlist *arguments)
{
	const struct template *plain = template->plain;

	/* Of these the shell may make no word. */
	for (size_t i = 0; i < plain->piece_count; i++) {
		const struct placeholder *of = &plain->pieces[i].value;
		if (of->kind == PLACEHOLDER_COLUMN &&
		    (size_t)labs(of->column) > values->columns->count)
			return false;
	}
	template_fill(plain, values, arguments);
	return true;
}

/* Adds the words from `first` on, with blanks between them. */
static void show_words(const struct strlist *arguments, size_t first, struct strlist *line)
{
	for (size_t i = first; i < arguments->count; i++) {
		if (i > first)
			strlist_append(line, " ", 1);
		shell_quote_value(strlist_at(arguments, i), strlist_length(arguments, i), line);
	}
}

/* Quotes the string that is being made. */
static void quote_again(struct strlist *line)
{
	struct strlist quoted = {0};

	shell_quote_value(line->bytes, line->used, &quoted);
	strlist_free(line);
	*line = quoted;
}

bool template_show(const struct template *template, const struct template_values *values,
    const struct strlist *arguments, struct strlist *line)
{
	strlist_clear(line);
	switch (template->shows) {
	case SHOWS_ARGV:
		return false;
	case SHOWS_SCRIPT:
		shell_script_show(template->shell->script, arguments, template->shown,
		    &(struct shell_counts){
			items_of(template, values)->count, values->columns->count},
		    line);
		break;
	case SHOWS_TEXT:
		strlist_append(line, strlist_at(arguments, template->shown),
		    strlist_length(arguments, template->shown));
		break;
	case SHOWS_WORDS:
		show_words(arguments, template->shown, line);
		break;
	}
	for (unsigned i = 0; i < template->quotes_more; i++)
		quote_again(line);
	return true;
}

void template_free(struct template *template)
{
	if (!template)
		return;
	free(template->pieces);
	free(template->words);
	free(template->text);
	shell_command_free(template->shell);
	template_free(template->plain);
	free(template);
}
