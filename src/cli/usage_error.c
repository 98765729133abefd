#include "cli/usage_error.h"

#include <ctype.h>
#include <err.h>
#include <getopt.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/escape.h"
#include "cli/foreign_options.h"

/* Names of this many bytes or more are not compared. */
enum { LONGEST_NAME = 64 };

/* The number of single-letter edits between two names (Levenshtein). */
static size_t distance(const char *a, const char *b)
{
	size_t row[LONGEST_NAME], length = strlen(b);

	if (strlen(a) >= LONGEST_NAME || length >= LONGEST_NAME)
		return LONGEST_NAME;
	for (size_t j = 0; j <= length; j++)
		row[j] = j;
	for (size_t i = 0; a[i]; i++) {
		size_t diagonal = row[0];
		row[0] = i + 1;
		for (size_t j = 0; j < length; j++) {
			size_t change = diagonal + (a[i] != b[j]);
			size_t drop = (row[j] < row[j + 1] ? row[j] : row[j + 1]) + 1;
			diagonal = row[j + 1];
			row[j + 1] = change < drop ? change : drop;
		}
	}
	return row[length];
}

static _Noreturn void refer_to_help(void)
{
	fputs("pexec: try 'pexec --help', or 'man pexec'\n", stderr);
	exit(1);
}

/* The long name nearest to an option as typed, with its dashes; NULL: none is near. */
static const char *nearest_name(const struct option_table *table, const char *typed)
{
	const struct option_row *row;
	const char *nearest = NULL;
	size_t length = strcspn(typed, "=");
	bool is_letter = length == 2 && typed[1] != '-';
	char name[LONGEST_NAME] = "";

	if (length < sizeof name)
		memcpy(name, typed, length);
	const char *bare = name + strspn(name, "-");
	/* What differs in half of it is another word. */
	size_t least = (strlen(bare) + 1) / 2;
	for (size_t i = 0; i < option_name_count(table); i++) {
		const struct option_name *known = option_name_at(table, i, &row);
		if (!known || !known->name)
			continue;
		size_t edits = distance(bare, known->name);
		/* Of single letters the nearest is the same one, large or small. */
		if (is_letter && tolower(known->letter) == tolower((unsigned char)typed[1]))
			edits = 0;
		if (edits < least) {
			least = edits;
			nearest = known->name;
		}
	}
	return nearest;
}

/* `typed` is the option with its dashes. */
static _Noreturn void unknown_option(const struct option_table *table, const char *typed)
{
	const char *hint = foreign_option_hint(typed), *nearest = nearest_name(table, typed);
	char shown[ESCAPED_NAME];

	escape_name(shown, typed);
	if (hint)
		warnx("unknown option %s: %s", shown, hint);
	else if (nearest)
		warnx("unknown option %s (the nearest known one is --%s)", shown, nearest);
	else
		warnx("unknown option %s", shown);
	refer_to_help();
}

/* Does a long name begin with what was typed, up to its argument? */
static bool begins_several(const struct option_table *table, const char *typed)
{
	const struct option_row *row;
	size_t length = strcspn(typed, "=");

	for (size_t i = 0; i < option_name_count(table); i++) {
		const struct option_name *known = option_name_at(table, i, &row);
		if (known && known->name && strncmp(typed, known->name, length) == 0)
			return true;
	}
	return false;
}

void usage_error(const struct option_table *table, int found, char *argv[])
{
	char letter[] = {'-', (char)optopt, '\0'};
	const char *typed = argv[optind - 1];
	char shown[ESCAPED_NAME];
	bool is_long = strncmp(typed, "--", 2) == 0;
	const struct option_name *known = optopt ? option_by_getopt(table, optopt, NULL) : NULL;

	if (found == ':')
		warnx("%s needs an argument", is_long ? typed : letter);
	else if (known && known->name)
		warnx("--%s takes no argument", known->name);
	else if (!optopt && is_long && begins_several(table, typed + 2) &&
		 !foreign_option_hint(typed))
		warnx("%s is the beginning of several options", escape_name(shown, typed));
	else
		unknown_option(table, optopt ? letter : typed);
	refer_to_help();
}
