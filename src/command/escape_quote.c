#include "command/escape_quote.h"

#include <ctype.h>
#include <locale.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <wchar.h>
#include <wctype.h>

/* What a word needs. */
struct needs {
	bool quotes;       /* it has a byte in it that a shell would not take as it is */
	bool single_quote; /* it has a single quote in it */
	bool double_fails; /* and something that double quotes do not protect */
	bool escapes;      /* it has something in it that cannot be printed */
};

static locale_t users;

static void open_locale(void)
{
	users = newlocale(LC_CTYPE_MASK, "", (locale_t)0);
}

/* The length of the character at `text`, of `left` bytes; 0: it cannot be printed. */
static size_t printable(const char *text, size_t left)
{
	mbstate_t state = {0};
	wchar_t wide;

	if ((unsigned char)*text < 0x80)
		return isprint((unsigned char)*text) != 0;
	size_t length = mbrtowc(&wide, text, left, &state);
	return length > 0 && length <= left && iswprint((wint_t)wide) ? length : 0;
}

/* Does a shell take this byte for more than itself? `alone`: the word is nothing else. */
static bool is_special(char byte, bool first, bool alone)
{
	if (byte == '#' || byte == '~')
		return first;
	if (byte == '{' || byte == '}')
		return alone;
	return strchr(" '!\"$&()*;<=>[^`|?\\", byte) != NULL;
}

static struct needs needs_of(const char *word, size_t length)
{
	struct needs needs = {.quotes = length == 0};

	for (size_t i = 0; i < length;) {
		size_t size = printable(word + i, length - i);
		needs.escapes |= size == 0;
		if (size == 1) {
			bool special = is_special(word[i], i == 0, length == 1);
			needs.quotes |= special;
			needs.single_quote |= word[i] == '\'';
			needs.double_fails |= special && !strchr(" '#~{}", word[i]);
		}
		i += size ? size : 1;
	}
	return needs;
}

/* Adds a byte that cannot be printed, within $'...'. */
static void add_escape(struct strlist *line, char byte)
{
	static const char letters[] = "abtnvfr";
	char escape[8];
	int length = byte >= '\a' && byte <= '\r'
			 ? snprintf(escape, sizeof escape, "\\%c", letters[byte - '\a'])
			 : snprintf(escape, sizeof escape, "\\%03o", (unsigned char)byte);

	strlist_append(line, escape, (size_t)length);
}

/* Adds a word in single quotes, of which each can be left for $'...'. */
static void add_quoted(struct strlist *line, const char *word, size_t length)
{
	bool escaping = false;

	strlist_append(line, "'", 1);
	for (size_t i = 0; i < length;) {
		size_t size = printable(word + i, length - i);
		if (size == 0) {
			strlist_append(line, "'$'", escaping ? 0 : 3);
			add_escape(line, word[i]);
		} else if (word[i] == '\'') {
			strlist_append(line, "'\\''", 4);
		} else {
			strlist_append(line, "''", escaping ? 2 : 0);
			strlist_append(line, word + i, size);
		}
		escaping = size == 0;
		i += size ? size : 1;
	}
	strlist_append(line, "'", 1);
}

static void add_word(struct strlist *line, const char *word, size_t length)
{
	struct needs needs = needs_of(word, length);
	bool doubles = needs.single_quote && !needs.double_fails && !needs.escapes;

	if (!needs.quotes && !needs.escapes) {
		strlist_append(line, word, length);
		return;
	}
	if (!doubles) {
		add_quoted(line, word, length);
		return;
	}
	strlist_append(line, "\"", 1);
	strlist_append(line, word, length);
	strlist_append(line, "\"", 1);
}

void escape_quote(const struct strlist *command, struct strlist *line)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;

	pthread_once(&once, open_locale);
	locale_t before = users ? uselocale(users) : (locale_t)0;
	strlist_clear(line);
	for (size_t i = 0; i < command->count; i++) {
		strlist_append(line, " ", i > 0);
		add_word(line, strlist_at(command, i), strlist_length(command, i));
	}
	strlist_append(line, "\n", 1);
	strlist_end(line);
	if (before)
		uselocale(before);
}
