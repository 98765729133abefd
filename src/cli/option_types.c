#include "cli/option_types.h"

#include <err.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/escape.h"
#include "cli/operands.h"
#include "cli/personality.h"
#include "command/shell_words.h"

void bad_argument(const struct given_option *given, const char *reason)
{
	char spelled[OPTION_SPELLING], shown[ESCAPED_NAME];

	errx(given->by->usage_status, "%s %s: %s", option_spelling(spelled, given->name),
	    escape_name(shown, given->text), reason);
}

void empty_argument(const struct given_option *given, const char *reason)
{
	char spelled[OPTION_SPELLING];

	errx(given->by->usage_status, "%s: %s", option_spelling(spelled, given->name), reason);
}

void parse_flag(const struct given_option *given, struct options *options)
{
	option_store(given->row, options, true);
}

void parse_constant(const struct given_option *given, struct options *options)
{
	option_store(given->row, options, given->row->constant);
}

void parse_text(const struct given_option *given, struct options *options)
{
	*(const char **)option_field_of(given->row, options) = given->text;
}

void parse_text_or_none(const struct given_option *given, struct options *options)
{
	*(const char **)option_field_of(given->row, options) = *given->text ? given->text : NULL;
}

void parse_placeholder(const struct given_option *given, struct options *options)
{
	if (*given->text == '\0')
		empty_argument(given, "an empty string cannot be replaced");
	parse_text(given, options);
}

void parse_name(const struct given_option *given, struct options *options)
{
	const char *reason = given->row->empty_reason;

	if (*given->text == '\0')
		bad_argument(given, reason ? reason : "the name of a file is empty");
	parse_text(given, options);
}

void parse_report(const struct given_option *given, struct options *options)
{
	if (report_is_name(given->text))
		options->record.report = given->text;
	else if (event_files_have_report(given->text))
		options->events.report = given->text;
	else
		bad_argument(given, "the name of a report ends in .html or .json");
}

void parse_shell(const struct given_option *given, struct options *options)
{
	if (*given->text == '\0')
		empty_argument(given, "the name of a shell is empty");
	if (shell_words_language(given->text) == LANGUAGE_NONE)
		bad_argument(given, "not a shell that the command can be prepared for (like sh, "
				    "dash, bash, ksh or zsh)");
	parse_text(given, options);
}

void parse_log(const struct given_option *given, struct options *options)
{
	options->log.syslog = strcmp(given->text, "syslog") == 0;
	options->log.path = NULL;
	if (!options->log.syslog)
		parse_name(given, options);
}

void parse_list(const struct given_option *given, struct options *options)
{
	operands_add_word(option_field_of(given->row, options), given->text);
}

long long read_number(const struct given_option *given, long long least, long long most)
{
	const char *problem;
	long long value = strtonum(given->text, least, most, &problem);
	char reason[128];

	if (problem) {
		snprintf(
		    reason, sizeof reason, "%s (a number from %lld to %lld)", problem, least, most);
		bad_argument(given, reason);
	}
	return value;
}

void parse_number(const struct given_option *given, struct options *options)
{
	const struct option_row *row = given->row;

	option_store(row, options, read_number(given, row->least, row->most));
}

void parse_bytes(const struct given_option *given, struct options *options)
{
	uint64_t bytes;

	if (expand_number(given->text, &bytes) != 0 || bytes == 0 || bytes > SIZE_MAX / 2)
		bad_argument(given, "not a size in bytes (like 131072, or 128k)");
	option_store(given->row, options, (long long)bytes);
}

/*
 * No time is longer, in ms, which is 300 years: as many of them as there can be slots, one behind
 * the other and from now on, are still a time.
 */
#define MOST_TIME 1e13

/* Reads a time to `ms`. Returns false when the text is none. */
static bool read_time(const char *text, long long *ms)
{
	static const struct {
		const char *name;
		double ms;
	} units[] = {{"", 1e3}, {"s", 1e3}, {"ms", 1}, {"m", 6e4}, {"h", 36e5}, {"d", 864e5}};
	char *unit;
	double value = strtod(text, &unit);

	/* strtod would also take hexadecimal, exponents, infinity and signs. */
	if (unit == text || unit != text + strspn(text, "0123456789.") || value >= 1e9)
		return false;
	for (size_t i = 0; i < sizeof units / sizeof *units; i++)
		if (strcmp(unit, units[i].name) == 0) {
			value *= units[i].ms;
			*ms = (long long)(value < MOST_TIME ? value : MOST_TIME);
			return true;
		}
	return false;
}

void parse_time(const struct given_option *given, struct options *options)
{
	long long ms;

	if (!read_time(given->text, &ms))
		bad_argument(given, "not a time (like 1.5, 200ms, 30s, 5m, 2h or 1d)");
	if (ms < given->row->least)
		bad_argument(given, given->row->least_reason);
	option_store(given->row, options, ms);
}

void parse_choice(const struct given_option *given, struct options *options)
{
	const struct option_choice *choices = given->row->choices;
	char reason[128] = "not one of ";

	for (const struct option_choice *choice = choices; choice->name; choice++) {
		if (strcmp(given->text, choice->name) == 0 ||
		    (choice->also && strcmp(given->text, choice->also) == 0)) {
			option_store(given->row, options, choice->value);
			return;
		}
		strlcat(reason, choice == choices ? "" : ", ", sizeof reason);
		strlcat(reason, choice->name, sizeof reason);
	}
	bad_argument(given, reason);
}

void parse_order(const struct given_option *given, struct options *options)
{
	static const struct {
		const char *name;
		enum order_kind kind;
	} orders[] = {{"longest=", ORDER_LONGEST}, {"shortest=", ORDER_SHORTEST}};

	for (size_t i = 0; i < sizeof orders / sizeof *orders; i++) {
		size_t length = strlen(orders[i].name);
		if (strncmp(given->text, orders[i].name, length) != 0 || !given->text[length])
			continue;
		options->queue.order = orders[i].kind;
		*(const char **)option_field_of(given->row, options) = given->text + length;
		return;
	}
	bad_argument(given, "not longest=JOURNAL or shortest=JOURNAL");
}
