#include "cli/help.h"

#include <err.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/escape.h"
#include "cli/foreign_options.h"
#include "cli/help_text.h"
#include "cli/option_table.h"

#ifndef PEXEC_VERSION
#define PEXEC_VERSION "unknown"
#endif

/* Columns of a line, and where names, the lines of the table and the texts of the manual begin. */
enum { WIDTH = 80, NAMES_COLUMN = 2, LINE_COLUMN = 28, TEXT_COLUMN = 6 };

/* All names of an option, with its argument. */
enum { NAMES_SIZE = 512 };

/* What --help shows in parts: the groups of options, in their order, and what stands behind them.
 */
static const struct topic {
	const char *word;  /* as the user types it */
	const char *title; /* as it is printed */
	const char *text;  /* NULL: it is a group */
} topics[] = {
    [GROUP_INPUT] = {"input", "Input", NULL},
    [GROUP_COMMAND] = {"command", "Command", NULL},
    [GROUP_SLOTS] = {"slots", "Slots", NULL},
    [GROUP_OUTPUT] = {"output", "Output", NULL},
    [GROUP_OUTCOME] = {"outcome", "Outcome", NULL},
    [GROUP_PACE] = {"pace", "Pace", NULL},
    [GROUP_FETCHED] = {"fetched", "Queues that are fetched", NULL},
    [GROUP_LIFE] = {"life", "Life", NULL},
    {"placeholders", "Placeholders",
	"  {}    the item, d/photo.raw.jpg   {#}     the number of the job\n"
	"  {.}   d/photo.raw                 {%}     the number of its slot\n"
	"  {/}   photo.raw.jpg               {N}     column or list N; {N.} parts of it\n"
	"  {//}  d                           {-N}    the same, from the end\n"
	"  {/.}  photo.raw                   {name}  the same by name, with --header"},
    {"status", "Exit status",
	"  0        every job succeeded, or there was none\n"
	"  1        pexec itself failed, or was called wrongly\n"
	"  123      at least one job failed\n"
	"  125      --halt, -x or a drain ended the run before the queue was done\n"
	"  126 127  the command cannot be run, was not found\n"
	"  128+N    signal N ended the run"},
    {"examples", "Examples",
	"  find logs -name '*.log' -print0 | pexec -0 gzip\n"
	"  pexec ffmpeg -i {} {.}.mp3 ::: music/*.wav\n"
	"  pexec --joblog index.log --resume -a list ./index"},
};

enum { TOPICS = sizeof topics / sizeof *topics };

/* Ends pexec when all has been written. A write may have failed before the last one. */
static _Noreturn void end_printing(void)
{
	if (ferror(stdout) || fflush(stdout) != 0)
		err(1, "stdout");
	exit(0);
}

/*
 * Prints a paragraph of words with single blanks between them, in lines that begin at a column; the
 * first one has been begun. A newline ends the paragraph. Returns what follows it.
 */
static const char *print_words(const char *text, int begin)
{
	int column = begin;

	for (int length; *text && *text != '\n'; text += length + (text[length] == ' ')) {
		length = (int)strcspn(text, " \n");
		if (column > begin && column + 1 + length > WIDTH) {
			printf("\n%*s", begin, "");
			column = begin;
		} else if (column > begin) {
			printf(" ");
			column++;
		}
		printf("%.*s", length, text);
		column += length;
	}
	puts("");
	return text + (*text == '\n');
}

/* Appends a name to a list of those of an option. */
static void add_name(char names[NAMES_SIZE], const char *dashes, const char *name)
{
	if (*names)
		strlcat(names, ", ", NAMES_SIZE);
	strlcat(names, dashes, NAMES_SIZE);
	strlcat(names, name, NAMES_SIZE);
}

/* Writes all names of an option, letters first, and its argument to `names`. Returns their length.
 */
static int spell_names(char names[NAMES_SIZE], const struct option_row *row)
{
	const struct option_row *of;

	names[0] = '\0';
	for (int is_long = 0; is_long < 2; is_long++)
		for (size_t i = 0; i < option_name_count(&option_table); i++) {
			const struct option_name *name = option_name_at(&option_table, i, &of);
			if (!name || of != row)
				continue;
			if (is_long && name->name)
				add_name(names, "--", name->name);
			else if (!is_long && name->letter)
				add_name(names, "-", (char[]){(char)name->letter, '\0'});
		}
	if (row->argument) {
		/* One that may be missing is part of the option's word, or the word behind it. */
		bool is_joined = row->may_stand_alone && !row->takes_next_word;
		strlcat(names, is_joined ? "[=" : row->may_stand_alone ? " [" : " ", NAMES_SIZE);
		strlcat(names, row->argument, NAMES_SIZE);
		strlcat(names, row->may_stand_alone ? "]" : "", NAMES_SIZE);
	}
	return (int)strlen(names);
}

/* An option with its line of the table. Names that are too long have a line of their own. */
static void print_row(const struct option_row *row)
{
	char names[NAMES_SIZE];
	int column = NAMES_COLUMN + spell_names(names, row);

	printf("%*s", NAMES_COLUMN, "");
	if (column + 2 > LINE_COLUMN) {
		print_words(names, NAMES_COLUMN);
		column = 0;
	} else {
		printf("%s", names);
	}
	printf("%*s", LINE_COLUMN - column, "");
	print_words(row->help, LINE_COLUMN);
}

/* What the manual says about an option; where it has nothing, the line of the table. */
static const char *text_of(const struct option_row *row)
{
	const struct help_text *known = help_texts;

	while (known->name && strcmp(known->name, row->name.name) != 0)
		known++;
	return known->name ? known->text : row->help;
}

static void print_option(const struct option_row *row)
{
	char names[NAMES_SIZE];
	const char *text = text_of(row);

	spell_names(names, row);
	printf("%*s", NAMES_COLUMN, "");
	print_words(names, NAMES_COLUMN);
	while (*text) {
		printf("%*s", TEXT_COLUMN, "");
		text = print_words(text, TEXT_COLUMN);
		if (*text)
			puts("");
	}
}

/* A topic; its options with `print`. */
static void print_topic(const struct topic *topic, void print(const struct option_row *row))
{
	printf("%s:\n", topic->title);
	if (topic->text)
		puts(topic->text);
	for (size_t i = 0; i < option_table.count; i++)
		if (&topics[option_table.rows[i].group] == topic)
			print(&option_table.rows[i]);
}

static void print_all(void)
{
	puts("pexec runs a command once for every item of a queue, a fixed number at a time.\n\n"
	     "  pexec [options] command [argument...]             items from standard input\n"
	     "  pexec [options] -a FILE command [argument...]     items from a file\n"
	     "  pexec [options] command [argument...] ::: item... items from the command line\n"
	     "  pexec [options] -c 'SCRIPT'                       the item is \"$1\" in SCRIPT\n"
	     "  pexec [options] --shell 'COMMAND {} | ...'        a shell reads the command\n"
	     "  pexec [options] < commands                        each line is a shell command");
	for (size_t i = 0; i < TOPICS; i++) {
		puts("");
		print_topic(&topics[i], print_row);
	}
	puts("\n'pexec --help GROUP' or 'pexec --help OPTION' says more, and 'man pexec' all.");
}

/* The option that is meant by --name, -n, name or n; NULL: there is none. */
static const struct option_row *find_option(const char *typed)
{
	size_t dashes = strspn(typed, "-");
	const char *bare = typed + dashes;
	size_t length = strcspn(bare, "=");
	/* Its argument may stand in the same word. */
	bool is_letter = dashes == 1 || (dashes == 0 && length == 1);
	const struct option_row *row;

	for (size_t i = 0; i < option_name_count(&option_table); i++) {
		const struct option_name *name = option_name_at(&option_table, i, &row);
		if (name && is_letter && *bare && name->letter == *bare)
			return row;
		if (name && !is_letter && name->name && strlen(name->name) == length &&
		    memcmp(name->name, bare, length) == 0)
			return row;
	}
	return NULL;
}

const char *help_topic(size_t index)
{
	return index < TOPICS ? topics[index].word : NULL;
}

/* What is said when --help is asked about what is neither a group nor an option. */
static _Noreturn void refuse(const char *typed)
{
	const char *hint = foreign_option_hint(typed);
	char shown[ESCAPED_NAME], words[256] = "";

	escape_name(shown, typed);
	if (hint)
		errx(1, "--help %s: %s", shown, hint);
	for (size_t i = 0; i < TOPICS; i++) {
		strlcat(words, i > 0 ? " " : "", sizeof words);
		strlcat(words, topics[i].word, sizeof words);
	}
	errx(1, "--help %s: not an option, and not a group: %s", shown, words);
}

void print_help(const struct given_option *given, struct options *options)
{
	const char *typed = given->text;

	(void)options;
	if (!typed) {
		print_all();
		end_printing();
	}
	for (size_t i = 0; i < TOPICS; i++)
		if (strcasecmp(topics[i].word, typed) == 0) {
			print_topic(&topics[i], print_option);
			end_printing();
		}
	const struct option_row *row = find_option(typed);
	if (!row)
		refuse(typed);
	print_option(row);
	end_printing();
}

void print_version(const struct given_option *given, struct options *options)
{
	(void)given, (void)options;
	puts("pexec " PEXEC_VERSION);
	end_printing();
}
