/*
 * completions: fills the completion of a shell with what the table of options says.
 *
 * Copies a template from standard input to standard output. A marker as @names@ in it is replaced
 * by what the table has of that: see `markers`. Runs when pexec is built, and is not installed.
 * usage: completions <TEMPLATE >COMPLETION
 */
#include <err.h>
#include <stdio.h>
#include <string.h>

#include "cli/help.h"
#include "cli/option_table.h"
#include "cli/option_types.h"
#include "control/ctl_commands.h"

/* What can stand in the place of an option's argument. */
enum kind {
	KIND_NONE,
	KIND_TEXT,
	KIND_FILE,
	KIND_DIRECTORY,
	KIND_COMMAND,
	KIND_SIGNALS,
	KIND_WORDS
};

enum { WORDS_SIZE = 1024 };

static void add_word(char words[WORDS_SIZE], const char *word)
{
	if (*words)
		strlcat(words, " ", WORDS_SIZE);
	if (strlcat(words, word, WORDS_SIZE) >= WORDS_SIZE)
		errx(1, "WORDS_SIZE is too small");
}

/* The words that an option takes, with blanks between them; "" for one that takes others. */
static void find_words(const struct option_row *row, char words[WORDS_SIZE])
{
	const struct option_choice *choice = row->choices;

	words[0] = '\0';
	for (; choice && choice->name; choice++)
		add_word(words, choice->name);
	for (size_t i = 0; row->parse == print_help && help_topic(i); i++)
		add_word(words, help_topic(i));
	if (row->parse == parse_halt)
		add_word(words, "now,fail=1 soon,fail=1 now,success=1 soon,success=1 now,done=1 "
				"soon,done=1 never");
	if (row->parse == parse_order)
		add_word(words, "longest= shortest=");
	if (row->parse == parse_log)
		add_word(words, "syslog");
}

/* KIND_FILE may have words, too. */
static enum kind kind_of(const struct option_row *row, char words[WORDS_SIZE])
{
	const char *argument = row->argument ? row->argument : "";

	words[0] = '\0';
	if (!*argument)
		return KIND_NONE;
	find_words(row, words);
	if (row->parse == parse_termination)
		return KIND_SIGNALS;
	if (strcmp(row->name.name, "chdir") == 0)
		return KIND_DIRECTORY;
	/* -j may name the file that has the number. */
	if (row->is_path || strcmp(argument, "SOCKET") == 0 || strcmp(row->name.name, "jobs") == 0)
		return KIND_FILE;
	if (strcmp(argument, "COMMAND") == 0)
		return KIND_COMMAND;
	return *words ? KIND_WORDS : KIND_TEXT;
}

/* The names of an option, with their dashes. */
enum { NAMES = 32, SPELLED = 64 };
struct names {
	char spelled[NAMES][SPELLED];
	size_t count;
};

static void find_names(const struct option_row *row, struct names *names)
{
	const struct option_row *of;

	names->count = 0;
	for (size_t i = 0; i < option_name_count(&option_table); i++) {
		const struct option_name *name = option_name_at(&option_table, i, &of);
		if (!name || of != row)
			continue;
		if (names->count + 2 > NAMES)
			errx(1, "NAMES is too small");
		if (name->letter)
			snprintf(names->spelled[names->count++], SPELLED, "-%c", name->letter);
		if (name->name)
			snprintf(names->spelled[names->count++], SPELLED, "--%s", name->name);
	}
}

static void print_names(const struct names *names, const char *between)
{
	for (size_t i = 0; i < names->count; i++)
		printf("%s%s", i > 0 ? between : "", names->spelled[i]);
}

/* Prints text for a string in single quotes, with a backslash before each of `special`. */
static void print_quoted(const char *text, const char *special, const char *quote)
{
	for (; *text; text++)
		if (*text == '\'')
			printf("%s", quote);
		else
			printf("%s%c", strchr(special, *text) ? "\\" : "", *text);
}

/* Can an argument be the word behind the option? */
static bool takes_next(const struct option_row *row, bool is_long)
{
	return row->argument && (!row->may_stand_alone || (row->takes_next_word && is_long));
}

/* bash: a pattern of case for each option that has an argument, and what that can be. */
static void print_bash(void)
{
	static const char *const kinds[] = {[KIND_TEXT] = "text",
	    [KIND_FILE] = "file",
	    [KIND_DIRECTORY] = "directory",
	    [KIND_COMMAND] = "command",
	    [KIND_SIGNALS] = "signals",
	    [KIND_WORDS] = "words"};
	struct names names;
	char words[WORDS_SIZE];

	for (size_t i = 0; i < option_table.count; i++) {
		enum kind kind = kind_of(&option_table.rows[i], words);
		if (kind == KIND_NONE)
			continue;
		find_names(&option_table.rows[i], &names);
		for (size_t k = 0; k < names.count; k++)
			printf("\t%s) kind=%s choices='%s' %s;;\n", names.spelled[k], kinds[kind],
			    words,
			    takes_next(&option_table.rows[i], names.spelled[k][1] == '-')
				? ""
				: "&& return 1 ");
	}
}

/* What zsh does to complete an argument. */
static void print_zsh_action(enum kind kind, const char *words)
{
	if (kind == KIND_FILE && *words)
		printf("_alternative \"files\\:file\\:_files\" \"words\\:word\\:(%s)\"", words);
	else if (kind == KIND_WORDS)
		printf("(%s)", words);
	else
		printf("%s", kind == KIND_FILE        ? "_files"
			     : kind == KIND_DIRECTORY ? "_files -/"
			     : kind == KIND_COMMAND   ? "_cmdstring"
			     : kind == KIND_SIGNALS   ? "_pexec_signals"
						      : " ");
}

/* zsh: an argument of _arguments for one name of an option. */
static void print_zsh_name(
    const struct option_row *row, const struct names *names, const char *name)
{
	char words[WORDS_SIZE];
	enum kind kind = kind_of(row, words);
	bool is_long = name[1] == '-';

	/* An option is offered once, by one of its names; one of a list, again and again. */
	printf("\t\t'%s", row->parse == parse_list ? "*" : "(");
	if (row->parse != parse_list) {
		print_names(names, " ");
		printf(")");
	}
	printf("%s", name);
	/* A letter that takes the next word under its long name takes nothing. */
	bool takes = kind != KIND_NONE && (is_long || !row->takes_next_word);
	if (takes)
		printf("%s%s",
		    is_long                  ? "="
		    : takes_next(row, false) ? "+"
					     : "",
		    takes_next(row, is_long) ? "" : "-");
	printf("[");
	print_quoted(row->help, "[]:\\", "'\\''");
	printf("]");
	if (takes) {
		printf("%s", row->may_stand_alone ? "::" : ":");
		print_quoted(row->argument, "[]:\\", "'\\''");
		printf(":");
		print_zsh_action(kind, words);
	}
	printf("'\n");
}

static void print_zsh(void)
{
	struct names names;

	for (size_t i = 0; i < option_table.count; i++) {
		find_names(&option_table.rows[i], &names);
		for (size_t k = 0; k < names.count; k++)
			print_zsh_name(&option_table.rows[i], &names, names.spelled[k]);
	}
}

/* fish: a call of complete for each option. */
static void print_fish(void)
{
	static const char *const actions[] = {[KIND_NONE] = " -f",
	    [KIND_TEXT] = " -x",
	    [KIND_FILE] = " -r -F",
	    [KIND_DIRECTORY] = " -x -a '(__fish_complete_directories (commandline -ct))'",
	    [KIND_COMMAND] = " -x -a '(__fish_complete_command)'",
	    [KIND_SIGNALS] = " -x -a '(__pexec_signals)'",
	    [KIND_WORDS] = " -x"};
	struct names names;
	char words[WORDS_SIZE];

	for (size_t i = 0; i < option_table.count; i++) {
		const struct option_row *row = &option_table.rows[i];
		enum kind kind = kind_of(row, words);
		find_names(row, &names);
		printf("complete -c pexec -n __pexec_before_command");
		for (size_t k = 0; k < names.count; k++) {
			bool is_long = names.spelled[k][1] == '-';
			printf(
			    " -%c %s", is_long ? 'l' : 's', names.spelled[k] + (is_long ? 2 : 1));
		}
		printf("%s", row->may_stand_alone ? " -f" : actions[kind]);
		if (*words)
			printf(" -a '%s'", words);
		printf(" -d '");
		print_quoted(row->help, "\\", "\\'");
		printf("'\n");
	}
}

/* The names of all options, with blanks between them: all, or those that need an argument. */
static void print_all_names(bool with_argument)
{
	struct names names;
	const char *between = "";

	for (size_t i = 0; i < option_table.count; i++) {
		if (with_argument &&
		    (!option_table.rows[i].argument || option_table.rows[i].may_stand_alone))
			continue;
		find_names(&option_table.rows[i], &names);
		printf("%s", between);
		print_names(&names, " ");
		between = " ";
	}
}

static void print_every_name(void)
{
	print_all_names(false);
}

static void print_names_with_argument(void)
{
	print_all_names(true);
}

static void print_commands(void)
{
	char names[WORDS_SIZE];

	printf("%s", ctl_command_names(names, sizeof names));
}

static void print_topics(void)
{
	for (size_t i = 0; help_topic(i); i++)
		printf("%s%s", i > 0 ? " " : "", help_topic(i));
}

static const struct {
	const char *name;
	void (*print)(void);
} markers[] = {
    {"@bash@", print_bash},
    {"@zsh@", print_zsh},
    {"@fish@", print_fish},
    {"@names@", print_every_name},
    {"@with-argument@", print_names_with_argument},
    {"@ctl-commands@", print_commands},
    {"@topics@", print_topics},
};

/* Prints what stands at `text`: a marker's replacement, or one byte. Returns what follows it. */
static const char *print_next(const char *text)
{
	for (size_t i = 0; i < sizeof markers / sizeof *markers; i++) {
		size_t length = strlen(markers[i].name);
		if (strncmp(text, markers[i].name, length) != 0)
			continue;
		markers[i].print();
		return text + length;
	}
	fputc(*text, stdout);
	return text + 1;
}

int main(void)
{
	char line[1024];

	while (fgets(line, sizeof line, stdin))
		for (const char *text = line; *text;)
			text = print_next(text);
	if (ferror(stdin) || ferror(stdout) || fflush(stdout) != 0)
		err(1, "copying the template");
	return 0;
}
