/*
 * The template against a slower and plainer reading of the same command line, the cost that it
 * tells against what the command then takes, and commands in print against a reader of shell
 * quoting.
 *
 * Input: flags, the numbers of words, items and columns, seq and slot, then as many strings.
 */
#include "command/template.h"
#include "command/shell_quote.h"

#include <assert.h>
#include <ctype.h>
#include <inttypes.h>
#include <regex.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/escape.h"
#include "feed.h"
#include "pace/slot_count.h"

enum { MOST_INPUT = 600, MOST_WORDS = 8, MOST_TEXT = 1 << 20 };
enum { WITH_SCRIPT = 1, WITH_REPLACE = 2, WITH_NAMES = 4, WITH_COLUMNS = 8 };

static const char *const word_tokens[] = {"{}", "{.}", "{/}", "{//}", "{/.}", "{#}", "{%}", "{1}",
    "{2}", "{3.}", "{-1/}", "{-2//}", "{1/.}", "{01}", "{0}", "{-0}", "{12}",
    "{99999999999999999999}", "{-99999999999999999999}", "{name}", "{name.}", "{a.b}", "{a.b/}",
    "{a//}", "{1st}", "{+1}", "{ 1}", "{1x}", "{", "}", "{{", "}}", "{/", "{.", "{#", "#}", "{-",
    "'", " ", "=", "\n", "\377"};
static const char *const item_tokens[] = {"/", "//", ".", "..", "./", "/.", "{}", "{#}", "{1}", "a",
    "tar.gz", "'", "''", "\\", "\"", " ", "\t", "\n", "=", "%", "-", "~", "$x", "`", "!", "#", "&",
    ";", "<", "(", "*", "[", "if", "done", "\377", "\303\251"};
#define WORD_TOKENS word_tokens, sizeof word_tokens / sizeof *word_tokens
#define ITEM_TOKENS item_tokens, sizeof item_tokens / sizeof *item_tokens

/* The names of columns: one is the beginning of another, and one begins like a number. */
static const char *const names[] = {"name", "", "a", "a.b", "1st"};
static const char *const parts[] = {"", ".", "/", "//", "/."};

/* One case. Texts are in one buffer; every byte of input may become a token. */
static struct {
	char text[MOST_INPUT * 32];
	char *words[MOST_WORDS];
	struct command_options options;
	struct strlist names, items, columns;
	struct template_values values;
} given;

/* What the plain reading has found in a word. */
static struct {
	char bytes[MOST_TEXT];
	size_t length;
	bool any, item;
} expected;

static void expect(const char *bytes, size_t length)
{
	assert(length <= sizeof expected.bytes - expected.length);
	memcpy(expected.bytes + expected.length, bytes, length);
	expected.length += length;
}

/* The part of a value, found from its beginning on. */
static void expect_part(const char *part, const char *value)
{
	static char copy[sizeof given.text];
	size_t length = strlen(value), base = 0, dot;

	strcpy(copy, value);
	if (strcmp(part, "//") == 0) {
		while (length > 1 && copy[length - 1] == '/')
			copy[--length] = '\0';
		while (length > 0 && copy[length - 1] != '/')
			copy[--length] = '\0';
		while (length > 1 && copy[length - 1] == '/')
			copy[--length] = '\0';
		expect(length > 0 ? copy : ".", length > 0 ? length : 1);
		return;
	}
	for (size_t i = 0; i < length; i++)
		if (copy[i] == '/')
			base = i + 1;
	dot = length;
	for (size_t i = base; i < length; i++)
		if (copy[i] == '.')
			dot = i;
	if (strchr(part, '.'))
		copy[dot] = '\0';
	expect(copy + (*part == '/' ? base : 0), strlen(copy + (*part == '/' ? base : 0)));
}

static void expect_item(const char *part, size_t item)
{
	expected.any = expected.item = true;
	if (item < given.items.count)
		expect_part(part, strlist_at(&given.items, item));
}

static void expect_column(const char *part, const char *number)
{
	const struct strlist *columns = given.values.columns;
	double index = atof(number); /* has room for numbers of any length */

	expected.any = true;
	if (index < 0)
		index += (double)columns->count + 1;
	if (index >= 1 && index <= (double)columns->count)
		expect_part(part, strlist_at(columns, (size_t)index - 1));
}

static void expect_number(uint64_t number)
{
	char digits[32];

	expected.any = true;
	expect(digits, (size_t)sprintf(digits, "%" PRIu64, number));
}

/* Does `text` begin with "{", `name`, a part and "}"? Returns the length, and which part. */
static size_t braced(const char *text, const char *name, const char **part)
{
	char whole[64];

	for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
		size_t length = (size_t)sprintf(whole, "{%s%s}", name, parts[i]);
		*part = parts[i];
		if (strncmp(text, whole, length) == 0)
			return length;
	}
	return 0;
}

/* {N} and {N.} and so on. */
static size_t numbered(const char *text)
{
	static regex_t expression;
	static bool ready;
	regmatch_t match[4];
	char number[MOST_INPUT], part[4];

	if (!ready)
		assert(regcomp(&expression, "^\\{(-?0*[1-9][0-9]*)([.]|/|//|/[.])?\\}",
			   REG_EXTENDED) == 0);
	ready = true;
	if (regexec(&expression, text, 4, match, 0) != 0)
		return 0;
	sprintf(number, "%.*s", (int)(match[1].rm_eo - match[1].rm_so), text + match[1].rm_so);
	sprintf(part, "%.*s", (int)(match[2].rm_eo - match[2].rm_so), text + match[2].rm_so);
	expect_column(part, number);
	return (size_t)match[0].rm_eo;
}

static size_t named(const char *text)
{
	const char *part;

	for (size_t i = 0; i < given.names.count; i++) {
		size_t length = *names[i] ? braced(text, names[i], &part) : 0;
		if (length > 0) {
			char number[32];
			sprintf(number, "%zu", i + 1);
			expect_column(part, number);
			return length;
		}
	}
	return 0;
}

/* Takes one step in a word: over a placeholder, or over a byte. */
static size_t expect_step(const char *text, size_t item)
{
	size_t length = strlen(given.options.replace);
	const char *part;

	if (strncmp(text, given.options.replace, length) == 0) {
		expect_item("", item);
		return length;
	}
	if (*text != '{') {
		expect(text, 1);
		return 1;
	}
	if ((length = braced(text, "", &part)) > 2) {
		expect_item(part, item);
		return length;
	}
	if (strncmp(text, "{#}", 3) == 0 || strncmp(text, "{%}", 3) == 0) {
		expect_number(text[1] == '#' ? given.values.seq : given.values.slot);
		return 3;
	}
	if ((length = numbered(text)) > 0 || (length = named(text)) > 0)
		return length;
	expect(text, 1);
	return 1;
}

static void expect_word(const char *word, size_t item)
{
	expected.length = 0;
	expected.any = expected.item = false;
	while (*word)
		word += expect_step(word, item);
}

static void check_argument(const struct strlist *arguments, size_t index)
{
	assert(index < arguments->count);
	const char *argument = strlist_at(arguments, index);
	assert(strlist_length(arguments, index) == expected.length);
	assert(memcmp(argument, expected.bytes, expected.length) == 0);
	assert(argument[expected.length] == '\0');
}

static void check_literal(const struct strlist *arguments, size_t index, const char *text)
{
	expected.length = 0;
	expect(text, strlen(text));
	check_argument(arguments, index);
}

/* What stands before the words of the command, when a shell runs it. */
static size_t check_shell(const struct strlist *arguments)
{
	const char *script = given.options.script;
	size_t index = 0;

	if (!script && given.options.words.count > 0)
		return 0;
	check_literal(arguments, index++, "sh");
	check_literal(arguments, index++, "-c");
	if (!script || *script == '-' || *script == '+')
		check_literal(arguments, index++, "--");
	if (script) {
		check_literal(arguments, index++, script);
		check_literal(arguments, index++, "sh");
	}
	return index;
}

/* Without a command the columns are the words of one. */
static void check_joined(const struct strlist *arguments, size_t index)
{
	const struct strlist *columns = given.values.columns;

	expected.length = 0;
	for (size_t i = 0; i < columns->count; i++) {
		expect(" ", i > 0);
		expect(strlist_at(columns, i), strlist_length(columns, i));
	}
	check_argument(arguments, index);
	assert(arguments->count == index + 1);
}

static void check_arguments(const struct strlist *arguments)
{
	const struct strings *command = &given.options.words;
	size_t index = check_shell(arguments);
	bool any = false;

	if (!given.options.script && command->count == 0) {
		check_joined(arguments, index);
		return;
	}

	for (size_t i = 0; i < command->count; i++) {
		expect_word(command->at[i], 0);
		any |= expected.any;
		size_t times = expected.item ? given.items.count : 1;
		for (size_t item = 0; item < times; item++) {
			expect_word(command->at[i], item);
			check_argument(arguments, index++);
		}
	}
	for (size_t item = 0; !any && item < given.items.count; item++)
		check_literal(arguments, index++, strlist_at(&given.items, item));
	assert(index == arguments->count);
}

static size_t bytes_of(const struct strlist *words)
{
	size_t sum = 0;

	for (size_t i = 0; i < words->count; i++)
		sum += strlist_length(words, i);
	return sum;
}

static size_t longest_of(const struct strlist *words)
{
	size_t longest = 0;

	for (size_t i = 0; i < words->count; i++)
		if (strlist_length(words, i) > longest)
			longest = strlist_length(words, i);
	return longest;
}

/* The command takes no more than the cost that was told before. */
static void check_cost(const struct template *template, const struct strlist *arguments)
{
	struct line_cost cost = template_cost(template).passed;
	size_t items = given.items.count,
	       digits = (size_t)snprintf(NULL, 0, "%" PRIu64, given.values.seq);
	size_t numbers = (cost.fixed_numbers + cost.each_numbers * items) * digits;
	size_t columns = cost.fixed_columns + cost.each_columns * items;

	assert(arguments->count == cost.fixed_words + cost.each_words * items);
	/* Real columns are no longer than the items that they come from. */
	if (!given.options.script && given.options.words.count == 0 &&
	    (items == 0 || given.values.columns != &given.items))
		return;
	assert(bytes_of(arguments) + arguments->count <=
	       cost.fixed + cost.each * items + numbers + cost.repeats * bytes_of(&given.items) +
		   columns * longest_of(given.values.columns));
}

/* The next word of a command in print, as a shell would read it; ends at a space or newline. */
static const char *read_word(const char *line, struct strlist *word, bool first)
{
	const char *begin = line;

	while (*line != ' ' && *line != '\n') {
		if (*line == '\'') {
			const char *end = strchr(line + 1, '\'');
			assert(end);
			strlist_append(word, line + 1, (size_t)(end - line - 1));
			line = end + 1;
		} else if (*line == '\\') {
			assert(line[1] != '\n');
			strlist_append(word, line + 1, 1);
			line += 2;
		} else {
			/* What no shell takes for anything but itself. */
			assert(isalnum((unsigned char)*line) || strchr("+,-./:@_%=", *line));
			assert(!first || *line != '=');
			strlist_append(word, line++, 1);
		}
	}
	assert(line > begin);
	strlist_end(word);
	return line;
}

/* A word at the beginning of a command that is not quoted is no word of the shell's own. */
static void check_first_word(const char *line)
{
	static const char *const reserved[] = {"case", "coproc", "do", "done", "elif", "else",
	    "esac", "fi", "for", "function", "if", "in", "select", "then", "time", "until",
	    "while"};
	size_t length = strcspn(line, " \n");

	for (size_t i = 0; i < sizeof reserved / sizeof *reserved; i++)
		assert(strlen(reserved[i]) != length || memcmp(line, reserved[i], length) != 0);
}

/* What is printed of a command reads back as the same words. */
static void check_quoted(const struct strlist *arguments)
{
	static struct strlist line, word;

	shell_quote(arguments, NULL, &line);
	assert(line.count == 1 && strlist_length(&line, 0) == strlen(strlist_at(&line, 0)));
	const char *at = strlist_at(&line, 0);
	check_first_word(at);
	for (size_t i = 0; i < arguments->count; i++) {
		strlist_clear(&word);
		at = read_word(at, &word, i == 0);
		assert(strlist_length(&word, 0) == strlist_length(arguments, i));
		assert(memcmp(strlist_at(&word, 0), strlist_at(arguments, i),
			   strlist_length(&word, 0)) == 0);
		assert(*at == (i + 1 < arguments->count ? ' ' : '\n'));
		at++;
	}
	assert(*at == '\0');
	strlist_free(&line);
	strlist_free(&word);
}

static void read_list(struct feed *feed, size_t count, char **text, struct strlist *list)
{
	strlist_clear(list);
	for (size_t i = 0; i < count; i++) {
		const char *item = *text;
		*text = feed_string(feed, ITEM_TOKENS, *text);
		strlist_add(list, item, strlen(item));
	}
}

static void read_case(struct feed *feed)
{
	uint8_t flags = feed_byte(feed);
	size_t words = feed_byte(feed) % MOST_WORDS, items = feed_byte(feed) % 5;
	size_t columns = feed_byte(feed) % 5;
	char *text = given.text;

	given.options = (struct command_options){.replace = "{}", .words.at = given.words};
	given.values.seq = feed_byte(feed) * (UINT64_MAX / 255);
	given.values.slot = 1 + feed_byte(feed) * (MAX_SLOTS / 256);
	if (flags & WITH_SCRIPT) {
		given.options.script = text;
		text = feed_string(feed, WORD_TOKENS, text);
	}
	if (flags & WITH_REPLACE) {
		given.options.replace = text;
		text = feed_string(feed, WORD_TOKENS, text);
		if (*given.options.replace == '\0')
			given.options.replace = "{}";
	}
	for (size_t i = 0; i < words; i++) {
		given.words[given.options.words.count++] = text;
		text = feed_string(feed, WORD_TOKENS, text);
	}
	strlist_clear(&given.names);
	for (size_t i = 0; flags & WITH_NAMES && i < sizeof names / sizeof *names; i++)
		strlist_add(&given.names, names[i], strlen(names[i]));
	read_list(feed, items, &text, &given.items);
	read_list(feed, columns, &text, &given.columns);
	given.values.items = &given.items;
	given.values.columns = flags & WITH_COLUMNS ? &given.columns : &given.items;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct strlist arguments;

	read_case(&(struct feed){data, data + (size < MOST_INPUT ? size : MOST_INPUT)});
	struct template *template = template_compile(&given.options, &given.names);
	const char *program = template_program(template);
	template_fill(template, &given.values, &arguments);
	assert(!strlist_failed(&arguments));
	check_arguments(&arguments);
	check_cost(template, &arguments);
	if (program && arguments.count > 0)
		assert(strcmp(program, strlist_at(&arguments, 0)) == 0);
	if (arguments.count > 0)
		check_quoted(&arguments);
	template_free(template);
	return 0;
}
