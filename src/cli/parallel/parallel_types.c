#include "cli/parallel/parallel_types.h"

#include <ctype.h>
#include <err.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/escape.h"
#include "base/system_limits.h"
#include "cli/option_types.h"
#include "cli/parallel/parallel_table.h"
#include "cli/personality.h"

/* --- bytes --- */

/* Reads the escape behind a backslash and moves `*text` behind it. False: it is none. */
static bool read_escape(const char **text, char *byte)
{
	static const char names[] = "abefnrtv\\", values[] = "\a\b\033\f\n\r\t\v\\";
	const char *at = *text, *name = *at ? strchr(names, *at) : NULL;
	char digits[4] = "";

	if (name) {
		*byte = values[name - names];
		*text = at + 1;
		return true;
	}
	bool is_hex = *at == 'x' && isxdigit((unsigned char)at[1]);
	if (!is_hex && (*at < '0' || *at > '7'))
		return false;
	at += is_hex;
	size_t count = strspn(at, is_hex ? "0123456789abcdefABCDEF" : "01234567");
	size_t most = is_hex ? 2 : 3;
	strlcpy(digits, at, (count < most ? count : most) + 1);
	*byte = (char)strtol(digits, NULL, is_hex ? 16 : 8);
	*text = at + strlen(digits);
	return true;
}

size_t unescape_text(char *to, const char *text)
{
	char *begin = to;

	while (*text) {
		const char *rest = text + 1;
		char byte;
		if (*text == '\\' && read_escape(&rest, &byte)) {
			*to++ = byte;
			text = rest;
		} else {
			*to++ = *text++;
		}
	}
	*to = '\0';
	return (size_t)(to - begin);
}

void parse_nul_delimiter(const struct given_option *given, struct options *options)
{
	(void)given;
	options->queue.delimiter = '\0';
	options->queue.ends.before_length = 0;
	parallel_typed.is_delimited = true;
}

void parse_any_delimiter(const struct given_option *given, struct options *options)
{
	char *bytes = malloc(strlen(given->text) + 1);

	if (!bytes)
		err(255, "reading the command line");
	size_t length = unescape_text(bytes, given->text);
	if (length == 0)
		bad_argument(given, "a delimiter is one byte or several");
	options->queue.delimiter = bytes[length - 1];
	/* The reader keeps what is before the last byte. */
	options->queue.ends.before = bytes;
	options->queue.ends.before_length = length - 1;
	parallel_typed.is_delimited = true;
}

/* --- numbers --- */

void parse_count(const struct given_option *given, struct options *options)
{
	uint64_t count;

	if (!isdigit((unsigned char)*given->text) || expand_number(given->text, &count) != 0 ||
	    count > INT_MAX)
		bad_argument(given, "not a number");
	if ((long long)count < given->row->least)
		bad_argument(given, "too small");
	option_store(given->row, options, (long long)count);
}

long long parallel_typed_args(void)
{
	const struct parallel_typed *typed = &parallel_typed;

	return typed->max_replace_args == NO_COUNT ? typed->max_args : typed->max_replace_args;
}

long long parallel_typed_lines(void)
{
	const struct parallel_typed *typed = &parallel_typed;

	return typed->max_replace_lines > 0 ? typed->max_replace_lines : typed->max_lines;
}

void parse_retries(const struct given_option *given, struct options *options)
{
	long long attempts = read_number(given, 0, INT_MAX);

	option_store(given->row, options, attempts > 0 ? attempts : INT_MAX);
}

/* --- room --- */

void parse_any_load(const struct given_option *given, struct options *options)
{
	struct given_option number = *given;
	char text[24], *line = NULL;
	size_t room = 0;
	FILE *file = strchr("+-0123456789.", *given->text) ? NULL : fopen(given->text, "re");

	/* What the file has is read as if it stood here. */
	if (file && getline(&line, &room, file) > 0) {
		line[strcspn(line, " \t\n")] = '\0';
		number.text = line;
	}
	if (file)
		fclose(file);
	if (strchr("+-", *number.text) && number.text[1]) {
		long long cpus = system_cpus() + strtoll(number.text, NULL, 10);
		snprintf(text, sizeof text, "%lld", cpus > 0 ? cpus : 0);
		number.text = text;
	}
	parse_load(&number, options);
	free(line);
}

void parse_free_memory(const struct given_option *given, struct options *options)
{
	parse_bytes(given, options);
	options->room.memfree_kill = true;
}

void parse_limit_command(const struct given_option *given, struct options *options)
{
	static const struct option_row rows[] = {
	    {.name = {0, "io "}, .parse = parse_pressure, .field = FIELD(room.pressure)},
	    {.name = {0, "load "}, .parse = parse_any_load, .field = FIELD(room.load)},
	    {.name = {0, "mem "}, .parse = parse_free_memory, .field = FIELD(room.memfree)},
	};
	char pressure[32];

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		size_t length = strlen(rows[i].name.name);
		struct given_option known = *given;
		if (strncmp(given->text, rows[i].name.name, length) != 0)
			continue;
		known.row = &rows[i];
		known.text += length + strspn(given->text + length, " ");
		if (rows[i].parse == parse_pressure) {
			snprintf(pressure, sizeof pressure, "io:%s", known.text);
			known.text = pressure;
		}
		rows[i].parse(&known, options);
		return;
	}
	parse_text_or_none(given, options);
}

/* --- expressions, and blocks --- */

char *parallel_translate_expression(const char *text)
{
	char *to = malloc(6 * strlen(text) + 1), *at = to;

	if (!to)
		err(255, "reading the command line");
	while (*text) {
		if (strncmp(text, "\\d", 2) == 0 || strncmp(text, "\\h", 2) == 0) {
			at = stpcpy(at, text[1] == 'd' ? "[0-9]" : "[ \t]");
			text += 2;
		} else if (strncmp(text, "(?:", 3) == 0) {
			*at++ = '(';
			text += 3;
		} else {
			if (*text == '\\' && text[1])
				*at++ = *text++;
			*at++ = *text++;
		}
	}
	*at = '\0';
	return to;
}

void parse_block_size(const struct given_option *given, struct options *options)
{
	static const char units[] = "KMGTP", decimal_units[] = "kmgtp";
	char *unit;
	double size = strtod(given->text, &unit);

	if (size < 0 && *unit == '\0' && size >= -1000000) {
		options->queue.blocks_each = (unsigned)-size;
		return;
	}
	const char *binary = *unit ? strchr(units, *unit) : NULL;
	const char *decimal = *unit ? strchr(decimal_units, *unit) : NULL;
	for (const char *at = units; binary && at <= binary; at++)
		size *= 1024;
	for (const char *at = decimal_units; decimal && at <= decimal; at++)
		size *= 1000;
	if (!(size >= 1 && size < 1e18) || (*unit && !binary && !decimal) || (*unit && unit[1]))
		bad_argument(given, "not a size in bytes");
	option_store(given->row, options, (long long)size);
}

/* --- the others --- */

void parse_coloured_tag(const struct given_option *given, struct options *options)
{
	options->attempt.colours = true;
	if (given->text)
		parallel_typed.tag_string = given->text;
	else
		parallel_typed.tag = true;
}

void parse_shellquote(const struct given_option *given, struct options *options)
{
	(void)given, (void)options;
	parallel_typed.quotes_only++;
}

void parse_login(const struct given_option *given, struct options *options)
{
	char *list = strdup(given->text), *rest = list, *login;

	(void)options;
	if (!list)
		err(255, "reading the command line");
	while ((login = strsep(&rest, ","))) {
		/* N/: is this machine with so many slots. */
		char *slash = strrchr(login, '/');
		if (strcmp(slash ? slash + 1 : login, ":") != 0)
			bad_argument(given, "jobs run on this machine alone (-S :); a job may be "
					    "an ssh command");
		if (!slash || slash == login)
			continue;
		free(parallel_typed.login_jobs);
		parallel_typed.login_jobs = strndup(login, (size_t)(slash - login));
	}
	free(list);
}

void ignore_remote(const struct given_option *given, struct options *options)
{
	char spelled[OPTION_SPELLING];

	(void)options;
	warnx("%s means nothing here: jobs run on this machine",
	    option_spelling(spelled, given->name));
}

void ignore_option(const struct given_option *given, struct options *options)
{
	(void)given, (void)options;
}

void refuse_option(const struct given_option *given, struct options *options)
{
	char spelled[OPTION_SPELLING];

	(void)options;
	errx(255, "pexec has no %s: %s", option_spelling(spelled, given->name),
	    given->row->empty_reason);
}

long long read_duration(const char *option, const char *text)
{
	static const char units[] = "smhd";
	static const double seconds[] = {1, 60, 3600, 86400};
	char shown[ESCAPED_NAME];
	double sum = 0;
	const char *at = text;

	while (*at) {
		char *end;
		double value = strtod(at, &end);
		const char *unit = *end ? strchr(units, tolower((unsigned char)*end)) : NULL;
		if (end == at || !strchr("-.0123456789", *at) || (*end && !unit))
			errx(255, "%s %s: not a time (like 1.5, 30s, 5m or 1d3.5h)", option,
			    escape_name(shown, text));
		sum += value * (unit ? seconds[unit - units] : 1);
		at = end + (*end != '\0');
	}
	return (long long)((sum < 1e10 ? sum : 1e10) * 1000);
}

void parse_limit(const struct given_option *given, struct options *options)
{
	size_t length = strlen(given->text);

	if (length > 0 && given->text[length - 1] == '%') {
		parse_timeout(given, options);
		return;
	}
	options->pool.timeout_percent = 0;
	options->pool.timeout_ms = read_duration("--timeout", given->text);
}
