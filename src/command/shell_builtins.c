/*
 * Commands of the shell that evaluate arguments.
 *
 * What bash, zsh or mksh take for the name of a variable may have a subscript, and a subscript is
 * arithmetic; so is what they take for a number, and in arithmetic commands run: `read "$1"` runs
 * touch when $1 is a[$(touch x)]. Every shell may be one of these, as sh may be a link to any.
 *
 * A value is let in where it is known what the command does with it, and that is nothing. Beside a
 * word that is not known, and could be an option or an operator, that is never so.
 *
 * Commands whose purpose is to run what they are given, like eval, trap and alias, are not here.
 */
#include <ctype.h>
#include <string.h>

#include "command/shell_reader.h"

static const char a_name[] =
    "where a command of the shell takes the name of a variable, which some shells evaluate";

/* What a command takes beside its options. */
enum operands {
	OPERANDS_VALUES,   /* as they are */
	OPERANDS_NAMES,    /* names of variables that get a value */
	OPERANDS_UNSET,    /* names of variables that get none */
	OPERANDS_NUMBERS,  /* arithmetic */
	OPERANDS_DECLARED, /* name or name=value */
	OPERANDS_TEST,     /* an expression of test */
	OPERANDS_FORMAT,   /* a format of printf, and what it formats */
	OPERANDS_COMMAND,  /* a command and its arguments */
	OPERANDS_REFUSED   /* nothing that a value can be */
};

struct builtin {
	const char *name;
	/* Options whose argument is a name, a number, code, or anything else; NULL: none. */
	const char *names, *numbers, *code, *values;
	const char *sets; /* options as if they were given: -i, -n */
	enum operands operands;
	unsigned shells;     /* that have it, and evaluate something in it; 0: all large ones */
	unsigned numbers_in; /* of these, which evaluate its numbers; 0: all */
	bool format_is_read; /* an option has the format */
};

static const struct builtin builtins[] = {
    {"let", .operands = OPERANDS_NUMBERS},
    {"exit", .operands = OPERANDS_NUMBERS, .numbers_in = SHELL_KSH | SHELL_ZSH},
    {"bye", .operands = OPERANDS_NUMBERS, .shells = SHELL_ZSH},
    {"logout", .operands = OPERANDS_NUMBERS, .shells = SHELL_ZSH},
    {"return", .operands = OPERANDS_NUMBERS, .numbers_in = SHELL_KSH | SHELL_ZSH},
    {"break", .operands = OPERANDS_NUMBERS, .numbers_in = SHELL_KSH | SHELL_ZSH},
    {"continue", .operands = OPERANDS_NUMBERS, .numbers_in = SHELL_KSH | SHELL_ZSH},
    {"shift", .operands = OPERANDS_NUMBERS, .numbers_in = SHELL_KSH | SHELL_ZSH},
    {"ulimit", .operands = OPERANDS_NUMBERS, .numbers_in = SHELL_KSH},
    {"declare", .operands = OPERANDS_DECLARED},
    {"typeset", .operands = OPERANDS_DECLARED},
    {"local", .operands = OPERANDS_DECLARED},
    {"export", .operands = OPERANDS_DECLARED},
    {"readonly", .operands = OPERANDS_DECLARED},
    {"global", .operands = OPERANDS_DECLARED},
    {"private", .operands = OPERANDS_DECLARED, .shells = SHELL_ZSH},
    {"compound", .operands = OPERANDS_DECLARED, .shells = SHELL_KSH},
    {"integer", .operands = OPERANDS_DECLARED, .sets = "i"},
    {"float", .operands = OPERANDS_DECLARED, .sets = "i"},
    {"nameref", .operands = OPERANDS_DECLARED, .sets = "n"},
    {"unset", .operands = OPERANDS_UNSET},
    {"getopts", .operands = OPERANDS_NAMES},
    {"vared", .operands = OPERANDS_NAMES, .values = "prifM"},
    {"getln", .operands = OPERANDS_NAMES, .shells = SHELL_ZSH},
    {"read", .operands = OPERANDS_NAMES, .numbers_in = SHELL_KSH | SHELL_ZSH, .numbers = "tnNku",
	.values = "dip"},
    {"mapfile", .operands = OPERANDS_NAMES, .shells = SHELL_BASH, .code = "C", .values = "dnOsuc"},
    {"readarray", .operands = OPERANDS_NAMES, .shells = SHELL_BASH, .code = "C",
	.values = "dnOsuc"},
    {"test", .operands = OPERANDS_TEST},
    {"[", .operands = OPERANDS_TEST},
    {"printf", .operands = OPERANDS_FORMAT, .names = "v"},
    {"print", .operands = OPERANDS_FORMAT, .names = "v", .numbers = "uC", .values = "fx",
	.format_is_read = true},
    {"wait", .operands = OPERANDS_VALUES, .shells = SHELL_BASH, .names = "p"},
    {"set", .operands = OPERANDS_VALUES, .shells = SHELL_KSH | SHELL_ZSH, .names = "A",
	.values = "o"},
    {"compgen", .operands = OPERANDS_VALUES, .shells = SHELL_BASH, .names = "V", .code = "CFW",
	.values = "AGPSX"},
    {"zparseopts", .operands = OPERANDS_REFUSED, .shells = SHELL_ZSH},
    {"zformat", .operands = OPERANDS_REFUSED, .shells = SHELL_ZSH},
    {"zregexparse", .operands = OPERANDS_REFUSED, .shells = SHELL_ZSH},
    {"command", .operands = OPERANDS_COMMAND, .shells = SHELL_ANY},
    {"builtin", .operands = OPERANDS_COMMAND, .shells = SHELL_ANY},
    {"exec", .operands = OPERANDS_COMMAND, .shells = SHELL_ANY, .values = "a"},
    {"redirect", .operands = OPERANDS_COMMAND, .shells = SHELL_KSH},
    {"noglob", .operands = OPERANDS_COMMAND, .shells = SHELL_ZSH},
    {"nocorrect", .operands = OPERANDS_COMMAND, .shells = SHELL_ZSH},
    {"-", .operands = OPERANDS_COMMAND, .shells = SHELL_ZSH},
};

/* An expansion may be no word at all, and then the next one is the name. */
static const struct builtin perhaps_none = {
    .name = "", .operands = OPERANDS_COMMAND, .shells = SHELL_ANY};

static unsigned shells_of(const struct builtin *builtin)
{
	return builtin->shells ? builtin->shells : SHELL_LARGE;
}

static bool has_option(const char *options, char option)
{
	return options && strchr(options, option);
}

struct builtin_state builtin_begin(struct row *row, const struct word_state *name)
{
	static const char unknown_name[] =
	    "behind a command whose name has a pattern, braces or escapes in it";
	struct builtin_state state = {.first_span = name->end_span};

	for (size_t i = 0; i < sizeof builtins / sizeof *builtins; i++)
		if (word_is(name, builtins[i].name) && row_may_be(row, shells_of(&builtins[i])))
			state.builtin = &builtins[i];
	if (name->unknown == UNKNOWN_WORDS)
		state.builtin = &perhaps_none;
	/* With a slash it is a program. */
	if (name->unknown == UNKNOWN_WRITTEN && !memchr(name->literal, '/', name->certain) &&
	    row_may_be(row, SHELL_LARGE)) {
		refuse_evaluated(row, name->first_span, name->end_span, unknown_name);
		state.unknown = unknown_name;
	}
	if (state.builtin) {
		state.declares_number = has_option(state.builtin->sets, 'i');
		state.declares_compound = has_option(state.builtin->sets, 'n');
		state.format_read = state.builtin->format_is_read;
	}
	return state;
}

/* --- what is done about an argument --- */

static void take_number(struct row *row, const struct word_state *word, unsigned shells)
{
	if (row_may_be(row, shells))
		place_in_arithmetic(row, word->first_span, word->end_span);
}

static void take_counted(
    struct row *row, const struct builtin *builtin, const struct word_state *word)
{
	take_number(row, word, builtin->numbers_in ? builtin->numbers_in : shells_of(builtin));
}

static void take_name(struct row *row, const struct word_state *word)
{
	refuse_evaluated(row, word->first_span, word->end_span, a_name);
}

/* The name of a variable that gets a value: the text from `from` on. */
static void take_given_name(struct row *row, const struct word_state *word, size_t from)
{
	take_name(row, word);
	give_unseen(row, word->literal + from, word->at);
}

/* What the word does to others is not known: no value can be beside it. Where an operand ends the
 * options, that is so of those behind it. */
static void take_unknown(
    struct row *row, struct builtin_state *state, const struct word_state *word)
{
	static const char beside[] = "beside a word that could be an option, or the name of a "
				     "variable, to a command of the shell that evaluates some";
	const struct builtin *builtin = state->builtin;

	if (!row_may_be(row, shells_of(builtin)))
		return;
	state->unknown = beside;
	if (builtin->operands != OPERANDS_VALUES)
		refuse_evaluated(row, state->first_span, word->end_span, beside);
}

/* Has the format, which may begin with its option, conversions to numbers? */
static void read_format(struct builtin_state *state, const struct word_state *word)
{
	bool evaluates = word->length >= LITERAL_BYTES || word->unknown != KNOWN;

	for (size_t i = 0; i < word->length && !evaluates; i++) {
		char byte = word->literal[i];
		evaluates = byte == '\0' || byte == LITERAL_SPAN;
		if (byte == '%' && !strchr("sbqc%", word->literal[++i]))
			evaluates = true;
	}
	state->format_read = true;
	state->format_evaluates = evaluates;
}

/* --- options --- */

static bool option_has_value(const struct builtin *builtin, char option)
{
	return has_option(builtin->names, option) || has_option(builtin->numbers, option) ||
	       has_option(builtin->code, option) || has_option(builtin->values, option);
}

/* An argument that belongs to an option: the text from `from` on. */
static void take_option_value(struct row *row, struct builtin_state *state, char option,
    const struct word_state *word, size_t from)
{
	static const char code[] = "where a command of the shell takes code";
	const struct builtin *builtin = state->builtin;

	if (has_option(builtin->names, option))
		take_given_name(row, word, from);
	else if (has_option(builtin->numbers, option))
		take_counted(row, builtin, word);
	else if (has_option(builtin->code, option))
		refuse_evaluated(row, word->first_span, word->end_span, code);
	else if (builtin->operands == OPERANDS_FORMAT)
		read_format(state, word);
}

/* A word of options, as -rp. */
static void take_options(
    struct row *row, struct builtin_state *state, const struct word_state *word)
{
	const struct builtin *builtin = state->builtin;
	size_t length = word->length < LITERAL_BYTES ? word->length : LITERAL_BYTES - 1;

	for (size_t i = 1; i < length; i++) {
		char option = word->literal[i];
		if (option == '\0' || option == LITERAL_SPAN) {
			/* Which options these are is not known. */
			take_name(row, word);
			return;
		}
		if (option_has_value(builtin, option)) {
			if (i + 1 < length)
				take_option_value(row, state, option, word, i + 1);
			else
				state->pending = option;
			return;
		}
		if (builtin->operands == OPERANDS_DECLARED) {
			state->declares_number |= strchr("iEF", option) != NULL;
			state->declares_compound |= strchr("aAn", option) != NULL;
		}
	}
}

/* --- operands --- */

/* Is it known which variable the argument of a declaration is about? */
static bool is_declaration_known(const struct word_state *word)
{
	return word->unknown == KNOWN || memchr(word->literal, '=', word->certain);
}

static void take_declaration(
    struct row *row, const struct builtin_state *state, const struct word_state *word)
{
	static const char compound[] =
	    "in what a variable of this kind is declared as, which bash evaluates";

	if (!memchr(word->literal, '=', word->certain))
		take_name(row, word);
	else if (state->declares_compound)
		refuse_evaluated(row, word->first_span, word->end_span, compound);
	else if (state->declares_number)
		take_number(row, word, SHELL_LARGE);
	else
		give_value(row, word->literal, word->first_span, word->end_span);
}

/* Can the first word of printf be nothing but a format? What begins with -v ends with a name. */
static bool is_format(const struct word_state *word)
{
	const char *end = word->literal + word->length;

	if (word->unknown == KNOWN && *word->literal != LITERAL_SPAN)
		return true;
	if (word->certain > 0 && *word->literal != '-')
		return true;
	return word->unknown <= UNKNOWN_VALUE && word->length > 1 && word->length < LITERAL_BYTES &&
	       (end[-2] == '\\' || end[-2] == '%') && isalnum((unsigned char)end[-1]);
}

static void take_formatted(
    struct row *row, struct builtin_state *state, const struct word_state *word)
{
	static const char option[] = "as the format of printf, where it could be an option with "
				     "the name of a variable: take printf -- {}";

	if (state->format_is_value && row_may_be(row, SHELL_LARGE))
		refuse_evaluated(row, state->last.first_span, state->last.end_span, option);
	state->format_is_value = !state->format_read && !state->options_over &&
				 *word->literal == LITERAL_SPAN && !is_format(word);
	if (!state->format_read)
		read_format(state, word);
	else if (state->format_evaluates && row->reading->text->language == LANGUAGE_ZSH)
		refuse_evaluated(row, word->first_span, word->end_span,
		    "behind a format with numbers, which zsh evaluates");
}

static const char *const compares[] = {"-eq", "-ne", "-lt", "-le", "-gt", "-ge", NULL};

/* `compare`: the shells that evaluate what is compared as numbers. */
static void take_compared(
    struct row *row, const struct word_state *last, const struct word_state *word, unsigned compare)
{
	static const char *const looks_up[] = {"-v", "-R", NULL};

	if (word_is_one_of(last, looks_up))
		take_name(row, word);
	else if (word_is_one_of(last, compares))
		take_number(row, word, compare);
	else if (word_is(last, "-t"))
		take_number(row, word, SHELL_KSH | SHELL_ZSH);
	if (word_is_one_of(word, compares))
		take_number(row, last, compare);
}

void take_test_operand(
    struct row *row, const struct word_state *last, const struct word_state *word)
{
	take_compared(row, last, word, SHELL_LARGE);
}

/* Could the word be an operator of test? */
static bool may_be_operator(const struct word_state *word)
{
	return word->unknown != KNOWN && (word->certain == 0 || *word->literal == '-');
}

/* test and [ find out by the values what is an operator. */
static void take_argument_of_test(
    struct row *row, const struct word_state *last, const struct word_state *word)
{
	static const char operator[] =
	    "behind another value, which could be an operator that evaluates this one";
	static const char unknown[] =
	    "beside a word that could be an operator, which would evaluate it";

	take_compared(row, last, word, SHELL_KSH);
	if (last->end_span > last->first_span || word->several)
		refuse_evaluated(row, word->first_span, word->end_span, operator);
	if (may_be_operator(last) && row_may_be(row, SHELL_LARGE))
		refuse_evaluated(row, word->first_span, word->end_span, unknown);
	if (may_be_operator(word) && row_may_be(row, SHELL_KSH))
		refuse_evaluated(row, last->first_span, last->end_span, unknown);
}

static void take_operand(
    struct row *row, struct builtin_state *state, const struct word_state *word)
{
	static const char refused[] = "among the arguments of a command that evaluates some";

	switch (state->builtin->operands) {
	case OPERANDS_VALUES:
	case OPERANDS_COMMAND:
		break;
	case OPERANDS_NAMES:
		take_given_name(row, word, 0);
		break;
	case OPERANDS_UNSET:
		take_name(row, word);
		break;
	case OPERANDS_NUMBERS:
		take_counted(row, state->builtin, word);
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
	case OPERANDS_REFUSED:
		refuse_evaluated(row, word->first_span, word->end_span, refused);
		break;
	}
}

/* Is all known that the word could be to its command, and does to the words beside it? */
static bool is_known(const struct builtin_state *state, const struct word_state *word)
{
	switch (state->builtin->operands) {
	case OPERANDS_TEST:    /* which looks at its neighbours */
	case OPERANDS_NUMBERS: /* any of them is one */
		return true;
	case OPERANDS_DECLARED:
		return is_declaration_known(word);
	case OPERANDS_FORMAT:
		return word->unknown == KNOWN ||
		       (!state->pending && (state->options_over || is_format(word)));
	case OPERANDS_COMMAND:
		return word->unknown != UNKNOWN_WORDS || !state->pending;
	case OPERANDS_VALUES:
		return state->options_over ||
		       (word->unknown == KNOWN && *word->literal != LITERAL_SPAN);
	default:
		return word->unknown == KNOWN;
	}
}

bool builtin_take(struct row *row, struct builtin_state *state, const struct word_state *word)
{
	const struct builtin *builtin = state->builtin;
	bool is_option = (*word->literal == '-' || *word->literal == '+') && word->length > 1;

	if (state->unknown)
		refuse_evaluated(row, word->first_span, word->end_span, state->unknown);
	if (!builtin)
		return true;
	if (!is_known(state, word))
		take_unknown(row, state, word);
	if (state->pending) {
		take_option_value(row, state, state->pending, word, 0);
		state->pending = '\0';
	} else if (builtin->operands == OPERANDS_TEST || builtin->operands == OPERANDS_NUMBERS ||
		   state->options_over || !is_option) {
		/* A value could be an option of what runs a command. */
		if (builtin->operands == OPERANDS_COMMAND)
			return *word->literal == LITERAL_SPAN;
		take_operand(row, state, word);
		state->options_over |= builtin->operands != OPERANDS_DECLARED;
	} else if (word_is(word, "--")) {
		state->options_over = true;
	} else {
		take_options(row, state, word);
	}
	state->last = *word;
	return true;
}
