#include "command/shell_quote.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

/* Is the word a reserved word of a shell, in the place of a command's name? */
static bool is_reserved(const char *word, size_t length)
{
	static const char *const words[] = {"case", "coproc", "do", "done", "elif", "else", "esac",
	    "fi", "for", "function", "if", "in", "select", "then", "time", "until", "while"};

	for (size_t i = 0; i < sizeof words / sizeof *words; i++)
		if (strlen(words[i]) == length && memcmp(words[i], word, length) == 0)
			return true;
	return false;
}

/* Can the word stand in a shell command without quotes? `is_command`: it is the command's name. */
static bool is_plain(const char *word, size_t length, bool is_command)
{
	const char *others = is_command ? "+,-./:@_" : "+,-./:@_%=";

	for (size_t i = 0; i < length; i++)
		if (!isalnum((unsigned char)word[i]) && (!word[i] || !strchr(others, word[i])))
			return false;
	return length > 0 && !(is_command && is_reserved(word, length));
}

/* Quotes a word as '...'. */
static void quote_word(const char *word, size_t length, struct strlist *line)
{
	strlist_append(line, "'", 1);
	for (const char *end = word + length; word < end;) {
		const char *quote = memchr(word, '\'', (size_t)(end - word));
		strlist_append(line, word, (size_t)((quote ? quote : end) - word));
		if (quote)
			strlist_append(line, "'\\''", 4);
		word = quote ? quote + 1 : end;
	}
	strlist_append(line, "'", 1);
}

/* Quotes a word with control characters as $'...'. */
static void escape_word(const char *word, size_t length, struct strlist *line)
{
	char escape[8];

	strlist_append(line, "$'", 2);
	for (size_t i = 0; i < length; i++) {
		if (word[i] == '\'' || word[i] == '\\')
			strlist_append(line, "\\", 1);
		if (!iscntrl((unsigned char)word[i]))
			strlist_append(line, word + i, 1);
		else if (word[i] == '\n' || word[i] == '\t')
			strlist_append(line, word[i] == '\n' ? "\\n" : "\\t", 2);
		else
			strlist_append(line, escape,
			    (size_t)snprintf(
				escape, sizeof escape, "\\%03o", (unsigned char)word[i]));
	}
	strlist_append(line, "'", 1);
}

static bool has_control(const char *word, size_t length)
{
	for (size_t i = 0; i < length; i++)
		if (iscntrl((unsigned char)word[i]))
			return true;
	return false;
}

static void quote_words(const struct strlist *command, struct strlist *line, bool one_line)
{
	strlist_clear(line);
	for (size_t i = 0; i < command->count; i++) {
		const char *word = strlist_at(command, i);
		size_t length = strlist_length(command, i);
		if (i > 0)
			strlist_append(line, " ", 1);
		if (is_plain(word, length, i == 0))
			strlist_append(line, word, length);
		else if (one_line && has_control(word, length))
			escape_word(word, length, line);
		else
			quote_word(word, length, line);
	}
}

/* Adds the comment that tells the standard input. */
static void add_input(const char *input, struct strlist *line)
{
	if (!input)
		return;
	strlist_append(line, " # ", 3);
	strlist_append(line, input, strlen(input));
}

void shell_quote(const struct strlist *command, const char *input, struct strlist *line)
{
	quote_words(command, line, false);
	add_input(input, line);
	strlist_append(line, "\n", 1);
	strlist_end(line);
}

void shell_quote_line(const struct strlist *command, struct strlist *line)
{
	quote_words(command, line, true);
	strlist_end(line);
}

void shell_quote_fed(const struct strlist *command, const char *input, struct strlist *line)
{
	quote_words(command, line, true);
	add_input(input, line);
	strlist_end(line);
}

/* Is it shown without quotes? */
static bool is_plain_value(const char *bytes, size_t length)
{
	for (size_t i = 0; i < length; i++)
		if (!isalnum((unsigned char)bytes[i]) && (!bytes[i] || !strchr("-_.+/", bytes[i])))
			return false;
	return length > 0;
}

/* A quote in a value, without quotes around nothing where it is the first or the last byte. */
static const char shown_quote[] = "'\"'\"'";

static size_t shown_quote_bytes(bool is_first, bool is_last)
{
	return strlen(shown_quote) - is_first - is_last;
}

void shell_quote_value(const char *bytes, size_t length, struct strlist *to)
{
	if (is_plain_value(bytes, length)) {
		strlist_append(to, bytes, length);
		return;
	}
	if (length == 0 || *bytes != '\'')
		strlist_append(to, "'", 1);
	for (size_t i = 0; i < length; i++)
		if (bytes[i] != '\'')
			strlist_append(to, bytes + i, 1);
		else
			strlist_append(
			    to, &shown_quote[i == 0], shown_quote_bytes(i == 0, i + 1 == length));
	if (length == 0 || bytes[length - 1] != '\'')
		strlist_append(to, "'", 1);
}

size_t shell_quote_value_bytes(const char *bytes, size_t length)
{
	if (is_plain_value(bytes, length))
		return length;
	size_t sum = length == 0 || *bytes != '\'';

	sum += length == 0 || bytes[length - 1] != '\'';
	for (size_t i = 0; i < length; i++)
		sum += bytes[i] == '\'' ? shown_quote_bytes(i == 0, i + 1 == length) : 1;
	return sum;
}
