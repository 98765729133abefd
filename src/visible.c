#include "visible.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <vis.h>

const char *visible(char *text, size_t size, const char *bytes, size_t length)
{
	size_t most = (size - 4) / 4;
	size_t shown = length < most ? length : most;

	if (strnvisx(text, size, bytes, shown, VIS_CSTYLE | VIS_TAB | VIS_NL | VIS_NOLOCALE) < 0)
		text[0] = '\0';
	if (shown < length)
		strlcat(text, "...", size);
	return text;
}

const char *visible_name(char text[VISIBLE_NAME], const char *name)
{
	return visible(text, VISIBLE_NAME, name, strlen(name));
}

const char *visible_word(char text[VISIBLE], const struct words *words, size_t index)
{
	text[0] = '\0';
	if (index >= words->count)
		return text;
	return visible(text, VISIBLE, words_at(words, index), words_length(words, index));
}

/* Does a shell take the word for its own where a command is expected? */
static bool reserved(const char *word, size_t length)
{
	static const char *const words[] = {"case", "coproc", "do", "done", "elif", "else", "esac",
	    "fi", "for", "function", "if", "in", "select", "then", "time", "until", "while"};

	for (size_t i = 0; i < sizeof words / sizeof *words; i++)
		if (strlen(words[i]) == length && memcmp(words[i], word, length) == 0)
			return true;
	return false;
}

/* Can the word stand in a shell command as it is? */
static bool plain(const char *word, size_t length, bool is_command)
{
	const char *others = is_command ? "+,-./:@_" : "+,-./:@_%=";

	for (size_t i = 0; i < length; i++)
		if (!isalnum((unsigned char)word[i]) && (!word[i] || !strchr(others, word[i])))
			return false;
	return length > 0 && !(is_command && reserved(word, length));
}

static void quote_word(const char *word, size_t length, struct words *line)
{
	words_append(line, "'", 1);
	for (const char *end = word + length; word < end;) {
		const char *quote = memchr(word, '\'', (size_t)(end - word));
		words_append(line, word, (size_t)((quote ? quote : end) - word));
		if (quote)
			words_append(line, "'\\''", 4);
		word = quote ? quote + 1 : end;
	}
	words_append(line, "'", 1);
}

/* A word with control characters. */
static void escape_word(const char *word, size_t length, struct words *line)
{
	char escape[8];

	words_append(line, "$'", 2);
	for (size_t i = 0; i < length; i++) {
		if (word[i] == '\'' || word[i] == '\\')
			words_append(line, "\\", 1);
		if (!iscntrl((unsigned char)word[i]))
			words_append(line, word + i, 1);
		else if (word[i] == '\n' || word[i] == '\t')
			words_append(line, word[i] == '\n' ? "\\n" : "\\t", 2);
		else
			words_append(line, escape,
			    (size_t)snprintf(
				escape, sizeof escape, "\\%03o", (unsigned char)word[i]));
	}
	words_append(line, "'", 1);
}

static bool has_control(const char *word, size_t length)
{
	for (size_t i = 0; i < length; i++)
		if (iscntrl((unsigned char)word[i]))
			return true;
	return false;
}

static void quote_words(const struct words *command, struct words *line, bool one_line)
{
	words_clear(line);
	for (size_t i = 0; i < command->count; i++) {
		const char *word = words_at(command, i);
		size_t length = words_length(command, i);
		if (i > 0)
			words_append(line, " ", 1);
		if (plain(word, length, i == 0))
			words_append(line, word, length);
		else if (one_line && has_control(word, length))
			escape_word(word, length, line);
		else
			quote_word(word, length, line);
	}
}

void quote_command(const struct words *command, struct words *line)
{
	quote_words(command, line, false);
	words_append(line, "\n", 1);
	words_end(line);
}

void quote_command_line(const struct words *command, struct words *line)
{
	quote_words(command, line, true);
	words_end(line);
}
