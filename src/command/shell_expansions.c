/* What is inside a word: quotes, $ and backquotes. */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "command/shell_reader.h"

static bool is_name_code(int code)
{
	return code >= 0 && code < CODE_SPAN && (isalnum(code) || code == '_') && code < 0x80;
}

static bool is_name_start(int code)
{
	return is_name_code(code) && !isdigit(code);
}

/* Does the placeholder here begin with a byte that could go on with a name? */
static bool span_goes_on(const struct row *row)
{
	return row_at_span(row) &&
	       is_name_code((unsigned char)row->reading->text->bytes[row_offset(row)]);
}

bool read_expansion(struct row *row, int code, bool quoted)
{
	if (code == '\\')
		row_skip_escaped(row);
	else if (code == '$')
		read_dollar(row, quoted);
	else if (code == '`')
		read_backquote(row, quoted);
	else
		return false;
	return true;
}

struct row row_part(const struct row *row, const struct unit *units, size_t count)
{
	return (struct row){.reading = row->reading, .units = units, .end = count};
}

/* --- quotes --- */

void read_single(struct row *row, size_t opened)
{
	for (int code; (code = row_peek(row, 0)) != '\'';) {
		if (code == CODE_END) {
			row_fail(row, opened, "a ' has no second one");
			return;
		}
		if (row_at_span(row))
			row_place(row, FORM_SINGLE);
		else
			row_next(row);
	}
	row_next(row);
}

/* $'...' of a shell that has it: a backslash escapes. */
static void read_ansi(struct row *row, size_t opened)
{
	for (int code; (code = row_peek(row, 0)) != '\'';) {
		if (code == CODE_END) {
			row_fail(row, opened, "a ' has no second one");
			return;
		}
		if (row_skip(row, '\\'))
			row_skip_escaped(row);
		else if (row_at_span(row))
			row_place(row, FORM_ANSI);
		else
			row_next(row);
	}
	row_next(row);
}

/* The same in sh, which may have it or not: nothing in it may depend on that. */
static void read_perhaps_ansi(struct row *row, size_t opened)
{
	static const char differs[] = "in or behind a $'...', which not every sh knows";

	for (size_t ahead = 0; row_peek(row, ahead) != '\''; ahead++) {
		int code = row_peek(row, ahead);
		if (code == CODE_END)
			break;
		if (code == '\\' || code >= CODE_SPAN)
			row_doubt_in_sh(row, differs);
	}
	read_single(row, opened);
}

void read_double(struct row *row, size_t opened)
{
	for (int code; (code = row_peek(row, 0)) != '"';) {
		if (code == CODE_END) {
			row_fail(row, opened, "a \" has no second one");
			return;
		}
		if (row_at_span(row)) {
			row_place(row, FORM_QUOTED);
			continue;
		}
		row_next(row);
		read_expansion(row, code, true);
	}
	row_next(row);
}

/* --- backquotes --- */

/* Is the backslash here one that only the backquotes need? */
static bool is_for_backquotes(struct row *row, bool quoted)
{
	int next = row_peek(row, 1);

	if (next == '"' && row->in_document)
		row_doubt(row, "behind a \\\" within backquotes in a here-document, which shells "
			       "read in two ways: take $( )");
	return next == '$' || next == '`' || next == '\\' || (quoted && next == '"');
}

/* Takes over what is between the backquotes. Returns how many codes that is. */
static size_t take_backquoted(struct row *row, struct unit *units, bool quoted, size_t opened)
{
	size_t count = 0;

	while (row_peek(row, 0) != '`' && row_peek(row, 0) != CODE_END) {
		bool escapes = row_peek(row, 0) == '\\';
		if (escapes && is_for_backquotes(row, quoted)) {
			units[count] = row->units[row->at];
			row_next(row);
			units[count++].code = row_peek(row, 0);
			row_next(row);
			continue;
		}
		units[count++] = row->units[row->at];
		row_next(row);
	}
	units[count] = (struct unit){.code = CODE_END, .at = row_offset(row)};
	if (!row_skip(row, '`'))
		row_fail(row, opened, "a ` has no second one");
	return count;
}

void read_backquote(struct row *row, bool quoted)
{
	size_t opened = row_before(row);
	struct unit *units = calloc(row->end - row->at + 1, sizeof *units);

	if (!units) {
		row_fail(row, opened, "there is no memory to read it");
		return;
	}
	if (row_enter(row)) {
		size_t count = take_backquoted(row, units, quoted, opened);
		struct row inner = row_part(row, units, count);
		size_t first_span = row->reading->placed;
		read_list(&inner, LIST_ROW);
		note_substitution(row, units[0].at, first_span, true);
	}
	row_leave(row);
	free(units);
}

/* --- arithmetic --- */

/* What is in arithmetic beside parentheses. */
static void read_arithmetic_code(struct row *row)
{
	int code = row_peek(row, 0);

	if (row_at_span(row)) {
		row_place(row, FORM_QUOTED);
		return;
	}
	row_next(row);
	if (!read_expansion(row, code, true) && code == '\'')
		row_doubt(row, "behind a ' within arithmetic");
}

bool read_arithmetic(struct row *row, int close)
{
	static const char names[] = "in a name within arithmetic";
	size_t first_span = row->reading->placed;
	unsigned depth = 0;
	bool in_name = false;

	for (int code; (code = row_peek(row, 0)) != CODE_END;) {
		if (code == close && depth == 0) {
			row_next(row);
			place_in_arithmetic(row, first_span, row->reading->placed);
			return close != ')' || row_skip(row, ')');
		}
		/* What a value would become a part of, or what would be a part of it. */
		if (in_name && row_at_span(row))
			row_refuse(row, names);
		depth += code == '(' || (code == '[' && close == ']');
		depth -= (code == ')' || (code == ']' && close == ']')) && depth > 0;
		in_name = is_name_code(code);
		bool was_span = row_at_span(row);
		read_arithmetic_code(row);
		if (was_span && is_name_code(row_peek(row, 0)))
			row_fail(row, row_offset(row),
			    "a number in arithmetic goes on behind the placeholder");
	}
	return false;
}

/* --- $ --- */

static void read_dollar_parenthesis(struct row *row, size_t opened)
{
	if (!row_skip(row, '(')) {
		size_t begin = row_offset(row), first_span = row->reading->placed;
		read_nested(row, opened);
		note_substitution(row, begin, first_span, false);
		return;
	}
	if (!row_enter(row))
		return;
	bool is_arithmetic = read_arithmetic(row, ')');
	row_leave(row);
	if (!is_arithmetic)
		row_fail(row, opened, "$(( has no )) of its own: write $( ( for a command");
}

/* What follows the name in ${name}. */
enum operation {
	OPERATION_NONE,
	OPERATION_DEFAULT, /* :- - := = :? ? :+ + */
	OPERATION_PATTERN, /* # ## % %%, and others of bash */
	OPERATION_NUMBERS  /* :offset:length */
};

static enum operation operation_at(const struct row *row)
{
	int code = row_peek(row, 0), next = row_peek(row, 1);

	if (code == '}' || code == CODE_END)
		return OPERATION_NONE;
	if (code == ':')
		return next > 0 && next < CODE_SPAN && strchr("-=?+", next) ? OPERATION_DEFAULT
									    : OPERATION_NUMBERS;
	return code < CODE_SPAN && strchr("-=?+", code) ? OPERATION_DEFAULT : OPERATION_PATTERN;
}

/*
 * Takes what is behind the operator in ${ } up to the }, where only `$` and quotes count. `within`:
 * the whole ${ } is within double quotes, which a pattern has none of.
 */
static void read_brace_word(struct row *row, bool quoted, bool within, size_t opened)
{
	for (int code; (code = row_peek(row, 0)) != '}';) {
		size_t at = row_offset(row);
		if (code == CODE_END) {
			row_fail(row, opened, "${ has no }");
			return;
		}
		if (row_at_span(row)) {
			row_place(row, quoted ? FORM_QUOTED : FORM_BARE);
			continue;
		}
		row_next(row);
		/* What is not within double quotes is not quoted either. */
		if (code == '(' && !within && row_may_be(row, SHELL_ZSH))
			row_doubt(
			    row, "behind a ( in ${ }, which zsh takes for a pattern for files");
		if (code == '`' && within)
			row_doubt(row, "in or behind backquotes in ${ } within double quotes");
		else if (read_expansion(row, code, quoted))
			continue;
		else if (code == '"')
			read_double(row, at);
		else if (code == '\'' && quoted)
			row_doubt(row, "behind a ' in ${ } within double quotes, which shells read "
				       "in two ways");
		else if (code == '\'')
			read_single(row, at);
	}
	row_next(row);
}

/* Offset and length: bash evaluates them. */
static void read_brace_numbers(struct row *row, size_t opened)
{
	if (!read_arithmetic(row, '}'))
		row_fail(row, opened, "${ has no }");
}

/* The name in ${ }, with what may stand before it. */
static void read_brace_name(struct row *row)
{
	int code = row_peek(row, 0), next = row_peek(row, 1);

	/* The length of a parameter, or in bash a name that another one has. */
	if ((code == '#' || code == '!') && next != '}' && next != CODE_END &&
	    (is_name_code(next) || next == '@' || next == '*' || next >= CODE_SPAN)) {
		row_next(row);
		code = next;
	}
	if (code == '@' || code == '*' || code == '#' || (isdigit(code) && code != '0'))
		row->reading->words->takes_parameters = true;
	if (is_name_code(code)) {
		while (is_name_code(row_peek(row, 0)))
			row_next(row);
	} else if (code > 0 && code < CODE_SPAN && strchr("@*#?-$!", code)) {
		row_next(row);
	}
}

/* A placeholder that is all of a subscript, which is a number then. */
static void read_index(struct row *row)
{
	size_t span = row->reading->placed;

	if (!row_at_span(row) || row_peek(row, 1) != ']' || !row_is_bash(row))
		return;
	row_place(row, FORM_QUOTED);
	place_in_arithmetic(row, span, row->reading->placed);
}

static void read_braces(struct row *row, bool quoted, size_t opened)
{
	static const char in_name[] = "in a ${ }, as the name of a parameter";

	size_t begin = row->at, first_span = row->reading->placed;
	char name[LITERAL_BYTES] = "";

	read_brace_name(row);
	for (size_t i = 0; i + 1 < sizeof name && begin + i < row->at; i++)
		name[i] = (char)row->units[begin + i].code;
	if (row_skip(row, '[')) {
		read_index(row);
		for (unsigned depth = 1; depth > 0 && row_peek(row, 0) != CODE_END;) {
			if (row_at_span(row))
				row_refuse(row,
				    "beside others in a subscript, which some shells evaluate");
			depth += row_peek(row, 0) == '[';
			depth -= row_peek(row, 0) == ']';
			row_next(row);
		}
	}
	if (row_at_span(row)) {
		row_refuse(row, in_name);
		return;
	}
	/* zsh has flags, and others have commands here. */
	if (row_peek(row, 0) == '(' || row_peek(row, 0) == ' ' || row_peek(row, 0) == '|')
		row_doubt(row, "in or behind a ${ that not every shell knows");
	enum operation operation = operation_at(row);
	bool assigns =
	    row_peek(row, 0) == '=' || row_peek(row, 1) == '=' || row_peek(row, 2) == '=';
	if (operation == OPERATION_NUMBERS) {
		row_next(row);
		read_brace_numbers(row, opened);
	} else {
		/* Of a pattern, quotes within double quotes are its own. */
		read_brace_word(row, quoted && operation == OPERATION_DEFAULT, quoted, opened);
		if (assigns)
			give_value(row, name, first_span, row->reading->placed);
	}
}

/* $name, $1, $?, or a $ that is nothing but itself. */
static void read_dollar_name(struct row *row)
{
	int code = row_peek(row, 0);

	if (is_name_start(code)) {
		while (is_name_code(row_peek(row, 0)))
			row_next(row);
		if (span_goes_on(row))
			row_refuse(row, "in the name of a parameter");
		/* Of a parameter zsh takes an element so, without braces. */
		if (row->reading->text->language == LANGUAGE_ZSH && row_peek(row, 0) == '[')
			row_doubt(row, "in or behind a subscript, which zsh evaluates");
		return;
	}
	if (code <= 0 || code >= CODE_SPAN)
		return;
	if (strchr("@*#", code) || (isdigit(code) && code != '0'))
		row->reading->words->takes_parameters = true;
	if (isdigit(code) || strchr("@*#?-$!", code))
		row_next(row);
}

void read_dollar(struct row *row, bool quoted)
{
	size_t opened = row_before(row);

	if (row_at_span(row)) {
		row_refuse(row, "behind a $, as the name of a parameter");
		return;
	}
	if (row_peek(row, 0) == '\\' && row_peek(row, 1) == '\n')
		row_doubt(row, "behind a $ at the end of a line");
	if (row_skip(row, '(')) {
		read_dollar_parenthesis(row, opened);
	} else if (row_skip(row, '{')) {
		if (row_enter(row))
			read_braces(row, quoted, opened);
		row_leave(row);
	} else if (row_skip(row, '[')) {
		if (!read_arithmetic(row, ']'))
			row_fail(row, opened, "$[ has no ]");
	} else if (!quoted && row_skip(row, '\'')) {
		if (row_is_bash(row))
			read_ansi(row, opened);
		else
			read_perhaps_ansi(row, opened);
	} else if (!quoted && row_skip(row, '"')) {
		read_double(row, opened);
	} else {
		read_dollar_name(row);
	}
}
