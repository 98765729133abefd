#include "cli/xargs/xargs_types.h"

#include <ctype.h>
#include <err.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/xargs/xargs_limits.h"
#include "cli/xargs/xargs_table.h"

enum { SHOWN = 1024 };

_Noreturn void xargs_refer_to_help(void)
{
	fprintf(stderr, "Try '%s --help' for more information.\n", getprogname());
	exit(1);
}

/* Shows an argument as it was typed; but nothing that a terminal would obey. */
static const char *show(char shown[SHOWN], const char *text)
{
	size_t length = strlcpy(shown, text, SHOWN);

	for (size_t i = 0; i < length && i < SHOWN - 1; i++)
		if (iscntrl((unsigned char)shown[i]))
			shown[i] = '?';
	return shown;
}

/* --- numbers --- */

/* Reads a number, and says what is wrong with it. Returns whether it is one. */
static bool read_count(
    const struct given_option *given, long long least, long long most, long long *value)
{
	int letter = given->row->name.letter;
	char shown[SHOWN], *end;

	*value = strtoll(given->text, &end, 10);
	show(shown, given->text);
	if (end == given->text || *end) {
		warnx("invalid number \"%s\" for -%c option", shown, letter);
		xargs_refer_to_help();
	}
	if (*value >= least && *value <= most)
		return true;
	bool is_less = *value < least;
	warnx("value %s for -%c option should be %s %lld", shown, letter,
	    is_less ? ">=" : "<=", is_less ? least : most);
	*value = is_less ? least : most;
	return false;
}

/* As read_count; a number that is out of bounds ends pexec. */
static long long need_count(const struct given_option *given, long long least, long long most)
{
	long long value;

	if (!read_count(given, least, most, &value))
		xargs_refer_to_help();
	return value;
}

void parse_max_chars(const struct given_option *given, struct options *options)
{
	(void)options;
	read_count(given, 1, (long long)xargs_most_chars(), &xargs_typed.max_chars);
}

void parse_max_procs(const struct given_option *given, struct options *options)
{
	(void)options;
	xargs_typed.max_procs = need_count(given, 0, INT_MAX);
}

/* --- how many items a command has --- */

/* An option before this one says so as well, and does not hold any more. */
static void warn_excluded(const char *before, const char *option)
{
	warnx("warning: options %s and %s are mutually exclusive, ignoring previous %s value",
	    before, option, before);
}

static void drop_max_args(const char *option)
{
	if (xargs_typed.max_args)
		warn_excluded("--max-args", option);
	xargs_typed.max_args = 0;
}

static void drop_max_lines(const char *option)
{
	if (xargs_typed.max_lines)
		warn_excluded("--max-lines", option);
	xargs_typed.max_lines = 0;
}

static void drop_replace(const char *option)
{
	if (xargs_typed.replace)
		warn_excluded("--replace", option);
	xargs_typed.replace = NULL;
}

void parse_replace(const struct given_option *given, struct options *options)
{
	static const char name[] = "--replace/-I/-i";

	(void)options;
	drop_max_args(name);
	drop_max_lines(name);
	xargs_typed.replace = given->text;
}

void parse_max_lines(const struct given_option *given, struct options *options)
{
	const char *name = given->row->name.letter == 'L' ? "-L" : "--max-lines/-l";
	long long lines = need_count(given, 1, LLONG_MAX);

	(void)options;
	drop_max_args(name);
	drop_replace(name);
	xargs_typed.max_lines = lines;
}

void parse_max_args(const struct given_option *given, struct options *options)
{
	static const char name[] = "--max-args/-n";
	long long items = need_count(given, 1, LLONG_MAX);

	(void)options;
	/* -I has one item a command already. */
	if (items == 1 && xargs_typed.replace)
		return;
	drop_max_lines(name);
	drop_replace(name);
	xargs_typed.max_args = items;
}

/* --- what separates items --- */

static void set_delimiter(const struct given_option *given, struct options *options, int byte)
{
	xargs_typed.is_delimited = true;
	option_store(given->row, options, byte);
}

void parse_null(const struct given_option *given, struct options *options)
{
	set_delimiter(given, options, '\0');
}

/* The byte whose number stands in `digits`, behind \ or \x; `text` is all of it. */
static int numbered_byte(const char *text, const char *digits, int base)
{
	char *end, shown[SHOWN], rest[SHOWN];
	unsigned long value = strtoul(digits, &end, base);

	show(shown, text);
	if (value > UCHAR_MAX)
		errx(1,
		    "Invalid escape sequence %s in input delimiter specification; character values "
		    "must not exceed %s.",
		    shown, base == 16 ? "ff" : "377");
	if (*end)
		errx(1,
		    "Invalid escape sequence %s in input delimiter specification; trailing "
		    "characters %s not recognised.",
		    shown, show(rest, end));
	return (int)value;
}

/* The byte that an escape stands for, of which `text` is at the backslash. */
static int escaped_delimiter(const char *text)
{
	static const char names[] = "abfnrtv\\", values[] = "\a\b\f\n\r\t\v\\";
	const char *at = strchr(names, text[1]);
	char shown[SHOWN];

	/* What follows does not count. */
	if (at && *at)
		return values[at - names];
	if (text[1] == 'x')
		return numbered_byte(text, text + 2, 16);
	if (isdigit((unsigned char)text[1]))
		return numbered_byte(text, text + 1, 8);
	errx(1, "Invalid escape sequence %s in input delimiter specification.", show(shown, text));
}

void parse_delimiter(const struct given_option *given, struct options *options)
{
	const char *text = given->text;
	char shown[SHOWN];

	if (strlen(text) == 1)
		set_delimiter(given, options, *text);
	else if (*text == '\\')
		set_delimiter(given, options, escaped_delimiter(text));
	else
		errx(1,
		    "Invalid input delimiter specification %s: the delimiter must be either a "
		    "single character or an escape sequence starting with \\.",
		    show(shown, text));
}
