#include "cli/parallel/parallel_arguments.h"

#include <err.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/escape.h"
#include "base/strlist.h"
#include "cli/operands.h"

/* Reads one word as a shell does, without expanding anything, and returns what follows it. */
static const char *read_word(const char *text, char *to)
{
	for (char quote = '\0'; *text && (quote || !strchr(" \t\n", *text)); text++) {
		if (quote ? *text == quote : *text == '\'' || *text == '"')
			quote = (char)(quote ? '\0' : *text);
		else if (*text == '\\' && quote != '\'' && text[1])
			*to++ = *++text;
		else
			*to++ = *text;
	}
	*to = '\0';
	return text;
}

/* Adds the words of a text. */
static void add_words(struct strings *words, const char *text)
{
	while (*(text += strspn(text, " \t\n"))) {
		char *word = malloc(strlen(text) + 1);
		if (!word)
			err(255, "reading the command line");
		text = read_word(text, word);
		operands_add_word(words, word);
	}
}

/* Adds the words of a profile. False: it cannot be read. */
static bool add_profile(struct strings *words, const char *name)
{
	FILE *stream = fopen(name, "re");
	char *line = NULL;
	size_t room = 0;

	if (!stream)
		return false;
	while (getline(&line, &room, stream) > 0)
		if (line[strspn(line, " \t")] != '#')
			add_words(words, line);
	free(line);
	fclose(stream);
	return true;
}

/* Adds the profile of -J: a path, or a name in ~/.parallel. */
static void add_named_profile(struct strings *words, const char *name)
{
	const char *home = getenv("HOME");
	char *path = NULL, shown[ESCAPED_NAME];

	if (*name == '/' || strncmp(name, "./", 2) == 0)
		path = strdup(name);
	else if (asprintf(&path, "%s/.parallel/%s", home ? home : "", name) < 0)
		path = NULL;
	if (!path)
		err(255, "reading the command line");
	if (!add_profile(words, path))
		errx(255, "%s not readable.", escape_name(shown, path));
	free(path);
}

/* Adds the profiles that are read where -J names none. */
static void add_default_profiles(struct strings *words)
{
	static const char *const names[] = {".parallel/config", ".parallelrc"};
	const char *home = getenv("HOME");
	char *path;

	add_profile(words, "/etc/parallel/config");
	for (size_t i = 0; home && i < sizeof names / sizeof *names; i++) {
		if (asprintf(&path, "%s/%s", home, names[i]) < 0)
			err(255, "reading the command line");
		add_profile(words, path);
		free(path);
	}
}

/* The argument of -J or --profile that `argv` is at; NULL: it is neither. */
static const char *profile_of(char *const argv[])
{
	static const char name[] = "--profile";
	size_t length = sizeof name - 1;

	if (strcmp(argv[0], "-J") == 0 || strcmp(argv[0], name) == 0)
		return argv[1];
	if (strncmp(argv[0], "-J", 2) == 0)
		return argv[0] + 2;
	return strncmp(argv[0], name, length) == 0 && argv[0][length] == '=' ? argv[0] + length + 1
									     : NULL;
}

/* Adds what does not stand on the command line. `argv` is at its first option. */
static void add_settings(struct strings *words, char *argv[])
{
	const char *variable = getenv("PARALLEL");
	bool has_profile = false;

	/* Options end at the second word in a row that begins with no dash. */
	for (char **at = argv; *at && (**at == '-' || (at > argv && *at[-1] == '-')); at++) {
		if (strcmp(*at, "--plain") == 0)
			return;
		if (strcmp(*at, "--") == 0)
			break;
	}
	for (char **at = argv; *at && (**at == '-' || (at > argv && *at[-1] == '-')); at++) {
		const char *name = profile_of(at);
		if (strcmp(*at, "--") == 0)
			break;
		if (name)
			add_named_profile(words, name);
		has_profile |= name != NULL;
	}
	if (!has_profile)
		add_default_profiles(words);
	if (variable)
		add_words(words, variable);
}

/* Adds what a #! line has become: its options in one word or in several, and the file's name. */
static void add_script(struct strings *words, int argc, char *argv[], size_t length)
{
	add_words(words, argv[0] + length);
	operands_add_word(words, "--skip-first-line");
	operands_add_word(words, "-a");
	operands_add_word(words, argv[argc - 1]);
	for (int i = 1; i < argc - 1; i++)
		operands_add_word(words, argv[i]);
}

void parallel_arguments_prepare(int *argc, char **argv[])
{
	static const char *const names[] = {"--shebang", "--hashbang"};
	/* The options point into it until the end. */
	static struct strings words;
	char **first = *argv + 1;
	bool is_script = false;

	operands_add_word(&words, **argv);
	add_settings(&words, first);
	for (size_t i = 0; i < 2 && *argc > 2 && *first && !is_script; i++) {
		size_t length = strlen(names[i]);
		is_script =
		    strncmp(*first, names[i], length) == 0 && strchr(" ", first[0][length]) != NULL;
		if (is_script)
			add_script(&words, *argc - 1, first, length);
	}
	for (; *first && !is_script; first++)
		operands_add_word(&words, *first);
	*argc = (int)words.count;
	operands_add_word(&words, NULL);
	*argv = words.at;
}
