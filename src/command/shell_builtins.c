/*
 * Commands of the shell that evaluate arguments.
 *
 * What bash, zsh or mksh take for the name of a variable may have a subscript, and a subscript is
 * arithmetic; so is what they take for a number, and in arithmetic commands run: `read "$1"` runs
 * touch when $1 is a[$(touch x)]. Every shell may be one of these, as sh may be a link to any.
 *
 * Commands whose purpose is to run what they are given, like eval, trap and alias, are not here.
 */
#include <string.h>

#include "command/shell_reader.h"

static const char a_name[] =
    "where a command of the shell takes the name of a variable, which some shells evaluate";

/* What a command takes beside its options. */
enum operands {
	OPERANDS_VALUES,   /* as they are */
	OPERANDS_NAMES,    /* names of variables */
	OPERANDS_NUMBERS,  /* arithmetic */
	OPERANDS_DECLARED, /* name or name=value */
	OPERANDS_TEST,     /* an expression of test */
	OPERANDS_FORMAT    /* a format of printf, and what it formats */
};

struct builtin {
	const char *name;
	enum operands operands;
	const char *names, *numbers, *values; /* options that have such an argument */
};

static const struct builtin builtins[] = {
    {"let", OPERANDS_NUMBERS, "", "", ""},
    {"exit", OPERANDS_NUMBERS, "", "", ""},
    {"return", OPERANDS_NUMBERS, "", "", ""},
    {"break", OPERANDS_NUMBERS, "", "", ""},
    {"continue", OPERANDS_NUMBERS, "", "", ""},
    {"shift", OPERANDS_NUMBERS, "", "", ""},
    {"ulimit", OPERANDS_NUMBERS, "", "", ""},
    {"declare", OPERANDS_DECLARED, "", "", ""},
    {"typeset", OPERANDS_DECLARED, "", "", ""},
    {"local", OPERANDS_DECLARED, "", "", ""},
    {"export", OPERANDS_DECLARED, "", "", ""},
    {"readonly", OPERANDS_DECLARED, "", "", ""},
    {"global", OPERANDS_DECLARED, "", "", ""},
    {"integer", OPERANDS_DECLARED, "", "", ""},
    {"float", OPERANDS_DECLARED, "", "", ""},
    {"nameref", OPERANDS_DECLARED, "", "", ""},
    {"unset", OPERANDS_NAMES, "", "", ""},
    {"getopts", OPERANDS_NAMES, "", "", ""},
    {"vared", OPERANDS_NAMES, "", "", ""},
    {"read", OPERANDS_NAMES, "", "tnNku", "dip"},
    {"test", OPERANDS_TEST, "", "", ""},
    {"[", OPERANDS_TEST, "", "", ""},
    {"printf", OPERANDS_FORMAT, "v", "", ""},
    {"print", OPERANDS_FORMAT, "v", "u", "f"},
    {"wait", OPERANDS_VALUES, "p", "", ""},
    {"set", OPERANDS_VALUES, "A", "", "o"},
    {"compgen", OPERANDS_VALUES, "W", "", ""},
};

struct builtin_state builtin_begin(const struct word_state *name)
{
	struct builtin_state state = {.builtin = NULL};

	for (size_t i = 0; i < sizeof builtins / sizeof *builtins; i++)
		if (word_is(name, builtins[i].name))
			state.builtin = &builtins[i];
	state.declares_number = word_is(name, "integer") || word_is(name, "float");
	state.declares_compound = word_is(name, "nameref");
	/* Of this one an option has the format. */
	state.format_read = word_is(name, "print");
	return state;
}

/* --- what is done about an argument --- */

static void take_number(struct row *row, const struct word_state *word)
{
	place_in_arithmetic(row, word->first_span, word->end_span);
}

static void take_name(struct row *row, const struct word_state *word)
{
	refuse_evaluated(row, word->first_span, word->end_span, a_name);
}

/* Has the format, which may begin with its option, conversions to numbers? */
static void read_format(struct builtin_state *state, const struct word_state *word)
{
	bool evaluates = word->length >= LITERAL_BYTES;

	for (size_t i = 0; i < word->length && !evaluates; i++) {
		char byte = word->literal[i];
		evaluates = byte == '\0' || byte == LITERAL_SPAN;
		if (byte == '%' && !strchr("sbqc%", word->literal[++i]))
			evaluates = true;
	}
	state->format_read = true;
	state->format_evaluates = evaluates;
}

/* An argument, or a part of one, that belongs to an option. */
static void take_option_value(
    struct row *row, struct builtin_state *state, char option, const struct word_state *word)
{
	if (strchr(state->builtin->names, option))
		take_name(row, word);
	else if (strchr(state->builtin->numbers, option))
		take_number(row, word);
	else if (state->builtin->operands == OPERANDS_FORMAT)
		read_format(state, word);
}

static bool option_has_value(const struct builtin *builtin, char option)
{
	return strchr(builtin->names, option) || strchr(builtin->numbers, option) ||
	       strchr(builtin->values, option);
}

/* A word of options, as -rp. */
static void take_options(
    struct row *row, struct builtin_state *state, const struct word_state *word)
{
	size_t length = word->length < LITERAL_BYTES ? word->length : LITERAL_BYTES - 1;

	for (size_t i = 1; i < length; i++) {
		char option = word->literal[i];
		if (option == '\0' || option == LITERAL_SPAN) {
			/* Which options these are is not known. */
			take_name(row, word);
			return;
		}
		if (option_has_value(state->builtin, option)) {
			if (i + 1 < length)
				take_option_value(row, state, option, word);
			else
				state->pending = option;
			return;
		}
		if (state->builtin->operands == OPERANDS_DECLARED) {
			state->declares_number |= strchr("iEF", option) != NULL;
			state->declares_compound |= strchr("aAn", option) != NULL;
		}
	}
}

static void take_declaration(
    struct row *row, const struct builtin_state *state, const struct word_state *word)
{
	static const char compound[] =
	    "in what a variable of this kind is declared as, which bash evaluates";
	const char *equals = memchr(word->literal, '=', LITERAL_BYTES);
	const char *span = memchr(word->literal, LITERAL_SPAN, LITERAL_BYTES);

	if (!equals || (span && span < equals))
		take_name(row, word);
	else if (state->declares_compound)
		refuse_evaluated(row, word->first_span, word->end_span, compound);
	else if (state->declares_number)
		take_number(row, word);
}

static void take_formatted(
    struct row *row, struct builtin_state *state, const struct word_state *word)
{
	if (!state->format_read)
		read_format(state, word);
	else if (state->format_evaluates && row->reading->text->language == LANGUAGE_ZSH)
		refuse_evaluated(row, word->first_span, word->end_span,
		    "behind a format with numbers, which zsh evaluates");
}

void take_test_operand(
    struct row *row, const struct word_state *last, const struct word_state *word)
{
	static const char *const compares[] = {"-eq", "-ne", "-lt", "-le", "-gt", "-ge", NULL};
	static const char *const looks_up[] = {"-v", "-R", NULL};

	if (word_is_one_of(last, looks_up))
		take_name(row, word);
	else if (word_is_one_of(last, compares) || word_is(last, "-t"))
		take_number(row, word);
	if (word_is_one_of(word, compares))
		take_number(row, last);
}

/* test and [ find out by the values what is an operator. */
static void take_argument_of_test(
    struct row *row, const struct word_state *last, const struct word_state *word)
{
	static const char operator[] =
	    "behind another value, which could be an operator that evaluates this one";

	take_test_operand(row, last, word);
	if (last->end_span > last->first_span || word->several)
		refuse_evaluated(row, word->first_span, word->end_span, operator);
}

static void take_operand(
    struct row *row, struct builtin_state *state, const struct word_state *word)
{
	switch (state->builtin->operands) {
	case OPERANDS_VALUES:
		break;
	case OPERANDS_NAMES:
		take_name(row, word);
		break;
	case OPERANDS_NUMBERS:
		take_number(row, word);
		break;
	case OPERANDS_DECLARED:
		take_declaration(row, state, word);
		break;
	case OPERANDS_TEST:
		take_argument_of_test(row, &state->last, word);
		break;
	case OPERANDS_FORMAT:
		take_formatted(row, state, word);
		break;
	}
}

void builtin_take(struct row *row, struct builtin_state *state, const struct word_state *word)
{
	const struct builtin *builtin = state->builtin;
	bool is_option = (*word->literal == '-' || *word->literal == '+') && word->length > 1;

	if (!builtin)
		return;
	if (state->pending) {
		take_option_value(row, state, state->pending, word);
		state->pending = '\0';
	} else if (builtin->operands == OPERANDS_TEST || builtin->operands == OPERANDS_NUMBERS ||
		   state->options_over || !is_option) {
		state->options_over |= builtin->operands != OPERANDS_DECLARED;
		take_operand(row, state, word);
	} else if (word_is(word, "--")) {
		state->options_over = true;
	} else {
		take_options(row, state, word);
	}
	state->last = *word;
}

/* --- variables --- */

void take_assignment(struct row *row, const struct word_state *word)
{
	/* Those of bash, mksh and zsh that may be assigned to. */
	static const char *const numbers[] = {"BASHPID", "COLUMNS", "EGID", "EUID", "FUNCNEST",
	    "GID", "HISTCMD", "HISTSIZE", "KEYTIMEOUT", "KSHEGID", "KSHGID", "KSHUID", "LINENO",
	    "LINES", "LISTMAX", "MAILCHECK", "OPTIND", "PGRP", "PPID", "RANDOM", "SAVEHIST",
	    "SECONDS", "SHLVL", "SRANDOM", "TMOUT", "TRY_BLOCK_ERROR", "TRY_BLOCK_INTERRUPT", "UID",
	    "USER_ID", NULL};
	size_t length = strcspn(word->literal, "+=");

	for (size_t i = 0; numbers[i]; i++)
		if (strlen(numbers[i]) == length && memcmp(numbers[i], word->literal, length) == 0)
			take_number(row, word);
}
