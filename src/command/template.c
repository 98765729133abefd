#include "command/template.h"

#include <ctype.h>
#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "command/unknown_names.h"

/* The digits of UINT64_MAX, and of MAX_SLOTS. */
enum { NUMBER_BYTES = 20, SLOT_BYTES = 5 };

/* What a piece of a word stands for. JOINED: all columns, with blanks between them. */
enum kind { TEXT, ITEM, COLUMN, JOINED, SEQ, SLOT };

/* Which part of a value a placeholder stands for: {} {.} {/} {//} {/.} */
enum part { WHOLE, NO_EXTENSION, BASE, DIRECTORY, BASE_NO_EXTENSION };

/* A piece of a word: text, or one placeholder. */
struct piece {
	enum kind kind;
	enum part part;
	long column;      /* COLUMN: from 1, or from the end when negative */
	const char *text; /* TEXT: points into the command line */
	size_t length;    /* of `text` */
};

struct word {
	size_t first, end; /* its pieces, from `first` up to before `end` */
	bool repeated;     /* there is an ITEM among them */
};

struct template
{
	struct piece *pieces;
	size_t piece_count;
	struct word *words;
	size_t word_count;
	const char *replace; /* the placeholder of the item: that of -I, or {} */
	size_t replace_length;
	const struct strlist *names; /* of columns; only while the template is compiled */
	bool has_placeholder;
};

/* Runs scripts, and items that are commands. */
static const char shell[] = "sh";

static const struct {
	const char *text;
	enum part part;
} parts[] = {
    {"", WHOLE}, {".", NO_EXTENSION}, {"/", BASE}, {"//", DIRECTORY}, {"/.", BASE_NO_EXTENSION}};

/* Reads the mark of a part, as "." or "//", which has to reach up to `end`. */
static bool read_part(const char *text, const char *end, enum part *part)
{
	for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
		if ((size_t)(end - text) == strlen(parts[i].text) &&
		    memcmp(text, parts[i].text, (size_t)(end - text)) == 0) {
			*part = parts[i].part;
			return true;
		}
	return false;
}

/* Reads {N} or {-N}, with or without a part. `text` is behind the opening brace, `end` is at the
 * closing one. */
static bool read_column(const char *text, const char *end, struct piece *piece)
{
	char *rest;

	if (!isdigit((unsigned char)text[*text == '-']))
		return false;
	piece->kind = COLUMN;
	piece->column = strtol(text, &rest, 10);
	return piece->column != 0 && read_part(rest, end, &piece->part);
}

/* Reads {name}, with or without a part. `text` is behind the opening brace, `end` is at the closing
 * one. */
static bool read_name(
    const struct strlist *names, const char *text, const char *end, struct piece *piece)
{
	for (size_t i = 0; i < names->count; i++) {
		size_t length = strlist_length(names, i);
		if (length > 0 && (size_t)(end - text) >= length &&
		    memcmp(text, strlist_at(names, i), length) == 0 &&
		    read_part(text + length, end, &piece->part)) {
			piece->kind = COLUMN;
			piece->column = (long)i + 1;
			return true;
		}
	}
	return false;
}

/* Reads the placeholder at `text`. Returns its length, or 0 when there is none. */
static size_t read_placeholder(
    const struct template *template, const char *text, struct piece *piece)
{
	*piece = (struct piece){.kind = ITEM};
	if (strncmp(text, template->replace, template->replace_length) == 0)
		return template->replace_length;
	const char *end = *text == '{' ? strchr(text, '}') : NULL;
	if (!end)
		return 0;
	size_t length = (size_t)(end - text) + 1;
	text++;
	/* Under -I STR, {} itself is text. */
	if (end > text && read_part(text, end, &piece->part))
		return length;
	if (end == text + 1 && (*text == '#' || *text == '%')) {
		piece->kind = *text == '#' ? SEQ : SLOT;
		return length;
	}
	if (read_column(text, end, piece) || read_name(template->names, text, end, piece))
		return length;
	return 0;
}

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
		add_piece(template, (struct piece){.kind = TEXT, .text = text, .length = length});
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

/* Adds the word that is the command where there is none on the command line: the item's columns, or
 * its values of several lists (:::), joined by blanks. */
static void add_joined(struct template *template)
{
	struct word *word = add_word(template);

	add_piece(template, (struct piece){.kind = JOINED});
	word->end = template->piece_count;
}

/* Adds a word of the command line. */
static void compile_word(struct template *template, const char *text)
{
	struct word *word = add_word(template);
	const char *begin = text, *literal = text;
	struct piece piece;

	while (*text) {
		size_t length = read_placeholder(template, text, &piece);
		if (length == 0) {
			unknown_names_warn(template->names, begin, text++);
			continue;
		}
		add_text(template, literal, (size_t)(text - literal));
		add_piece(template, piece);
		template->has_placeholder = true;
		word->repeated |= piece.kind == ITEM;
		literal = text += length;
	}
	add_text(template, literal, (size_t)(text - literal));
	word->end = template->piece_count;
}

static struct template *new_template(
    const struct command_options *options, const struct strlist *names)
{
	struct template *template = calloc(1, sizeof *template);

	if (!template)
		err(1, "reading the command");
	template->replace = options->replace;
	template->replace_length = strlen(options->replace);
	template->names = names;
	return template;
}

struct template *template_compile_word(
    const struct command_options *options, const struct strlist *names, const char *text)
{
	if (!text)
		return NULL;
	struct template *template = new_template(options, names);
	compile_word(template, text);
	template->names = NULL;
	return template;
}

struct template *template_compile(
    const struct command_options *options, const struct strlist *names)
{
	struct template *template = new_template(options, names);
	bool item_is_command = !options->script && options->words.count == 0;

	if (options->script || item_is_command) {
		add_literal(template, shell);
		add_literal(template, "-c");
		/* A script that begins with - or + must not be taken for an option of sh. */
		if (!options->script || *options->script == '-' || *options->script == '+')
			add_literal(template, "--");
	}
	if (options->script) {
		add_literal(template, options->script);
		/* $0: what the shell says of an error in it is the shell's, not ours. */
		add_literal(template, shell);
	}
	for (size_t i = 0; i < options->words.count; i++)
		compile_word(template, options->words.at[i]);
	if (item_is_command)
		add_joined(template);
	else if (!template->has_placeholder)
		compile_word(template, options->replace);
	if (options->fills && template_cost(template).repeats == 0)
		errx(1, "-X needs %s in the command: only that stands for all items of a job",
		    options->replace);
	template->names = NULL; /* the caller may free them */
	return template;
}

const char *template_literal_program(const struct command_options *options)
{
	if (options->script || options->words.count == 0)
		return shell;
	const char *name = options->words.at[0];
	return strchr(name, '{') || strstr(name, options->replace) ? NULL : name;
}

const char *template_program(const struct template *template)
{
	const struct word *word = &template->words[0];
	const struct piece *piece = &template->pieces[word->first];

	if (word->first == word->end)
		return ""; /* the command's name is an empty word */
	if (word->end - word->first > 1 || piece->kind != TEXT)
		return NULL;
	return piece->text;
}

bool template_has_slot(const struct template *template)
{
	for (size_t i = 0; i < template->piece_count; i++)
		if (template->pieces[i].kind == SLOT)
			return true;
	return false;
}

struct template_cost template_cost(const struct template *template)
{
	struct template_cost cost = {0};

	for (size_t i = 0; i < template->word_count; i++) {
		const struct word *word = &template->words[i];
		size_t length = 1; /* the NUL */
		size_t columns = 0, numbers = 0;
		for (const struct piece *piece = &template->pieces[word->first];
		     piece < &template->pieces[word->end]; piece++) {
			length += piece->length;
			length += piece->kind == SLOT ? SLOT_BYTES : 0;
			numbers += piece->kind == SEQ;
			length += piece->part == DIRECTORY; /* an empty value becomes "." */
			columns += piece->kind == COLUMN;
			cost.repeats += piece->kind == ITEM || piece->kind == JOINED;
			/* All columns together are no longer than the item. Each value gets a
			 * blank, except the last. */
			cost.each += piece->kind == JOINED;
			length -= piece->kind == JOINED;
		}
		*(word->repeated ? &cost.each : &cost.fixed) += length;
		*(word->repeated ? &cost.each_words : &cost.fixed_words) += 1;
		*(word->repeated ? &cost.each_columns : &cost.fixed_columns) += columns;
		*(word->repeated ? &cost.each_numbers : &cost.fixed_numbers) += numbers;
	}
	return cost;
}

/* Narrows a value down to a part of it. */
static void take_part(enum part part, const char **bytes, size_t *length)
{
	/* As in dirname(1), slashes at the end are ignored for the directory, and for it alone. */
	while (part == DIRECTORY && *length > 1 && (*bytes)[*length - 1] == '/')
		--*length;
	const char *slash = memrchr(*bytes, '/', *length);
	const char *base = slash ? slash + 1 : *bytes;
	const char *end = *bytes + *length;

	if (part == DIRECTORY) {
		while (slash > *bytes && slash[-1] == '/')
			slash--;
		/* "/x" is in "/", "x" is in "." */
		*length = slash ? (size_t)(slash - *bytes) + (slash == *bytes) : 1;
		if (!slash)
			*bytes = ".";
		return;
	}
	if (part == NO_EXTENSION || part == BASE_NO_EXTENSION) {
		const char *dot = memrchr(base, '.', (size_t)(end - base));
		if (dot)
			end = dot;
	}
	if (part == BASE || part == BASE_NO_EXTENSION)
		*bytes = base;
	*length = (size_t)(end - *bytes);
}

static void append_value(
    const struct strlist *from, size_t index, enum part part, struct strlist *arguments)
{
	const char *bytes = strlist_at(from, index);
	size_t length = strlist_length(from, index);

	if (part != WHOLE)
		take_part(part, &bytes, &length);
	strlist_append(arguments, bytes, length);
}

static void append_joined(const struct strlist *columns, struct strlist *arguments)
{
	for (size_t i = 0; i < columns->count; i++) {
		if (i > 0)
			strlist_append(arguments, " ", 1);
		append_value(columns, i, WHOLE, arguments);
	}
}

static void append_number(unsigned long long number, struct strlist *arguments)
{
	char digits[NUMBER_BYTES + 1];

	strlist_append(arguments, digits, (size_t)snprintf(digits, sizeof digits, "%llu", number));
}

static void append_column(
    const struct piece *piece, const struct strlist *columns, struct strlist *arguments)
{
	long count = (long)columns->count;
	long index = piece->column > 0 ? piece->column - 1 : count + piece->column;

	/* A column that an item does not have is empty. */
	if (index >= 0 && index < count)
		append_value(columns, (size_t)index, piece->part, arguments);
}

/* Makes one argument of a word, with item number `item` in the place of ITEM. */
static void fill_word(const struct template *template, const struct word *word,
    const struct template_values *values, size_t item, struct strlist *arguments)
{
	for (const struct piece *piece = &template->pieces[word->first];
	     piece < &template->pieces[word->end]; piece++) {
		switch (piece->kind) {
		case TEXT:
			strlist_append(arguments, piece->text, piece->length);
			break;
		case ITEM:
			append_value(values->items, item, piece->part, arguments);
			break;
		case COLUMN:
			append_column(piece, values->columns, arguments);
			break;
		case JOINED:
			append_joined(values->columns, arguments);
			break;
		case SEQ:
			append_number(values->seq, arguments);
			break;
		case SLOT:
			if (values->slot > 0)
				append_number(values->slot, arguments);
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
		size_t times = word->repeated ? values->items->count : 1;
		for (size_t item = 0; item < times; item++)
			fill_word(template, word, values, item, arguments);
	}
}

void template_free(struct template *template)
{
	if (!template)
		return;
	free(template->pieces);
	free(template->words);
	free(template);
}
