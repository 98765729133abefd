/* Types of arguments in which a backslash stands before the name of a byte. */
#include <ctype.h>
#include <err.h>
#include <regex.h>
#include <stdlib.h>
#include <string.h>

#include "cli/option_types.h"

/*
 * Reads one escaped byte behind a backslash (n t r 0 \ xHH) and moves *text behind it. Returns
 * false and leaves *text when it is none of these.
 */
static bool escaped_byte(const char **text, char *byte)
{
	static const char names[] = "ntr0\\", values[] = "\n\t\r\0\\";
	const char *at = *text, *name = *at ? strchr(names, *at) : NULL;

	if (name) {
		*byte = values[name - names];
		*text = at + 1;
		return true;
	}
	if (*at == 'x' && isxdigit((unsigned char)at[1]) && isxdigit((unsigned char)at[2])) {
		char digits[] = {at[1], at[2], '\0'};
		*byte = (char)strtoul(digits, NULL, 16);
		*text = at + 3;
		return true;
	}
	return false;
}

bool read_byte(const char *text, char *byte)
{
	if (*text == '\0')
		return false;
	if (*text == '\\' && text[1] != '\0') {
		text++;
		return escaped_byte(&text, byte) && *text == '\0';
	}
	*byte = *text;
	return text[1] == '\0';
}

void parse_byte(const struct given_option *given, struct options *options)
{
	char byte;

	if (!read_byte(given->text, &byte))
		bad_argument(given, "not a single byte (like , or \\t \\n \\0 \\x1f)");
	option_store(given->row, options, byte);
}

/* The longest text that may end a record, in bytes: it is looked for in windows of 64 KiB. */
enum { MOST_RECORD_TEXT = 4096 };

char *read_bytes_of_text(const char *text, const char **reason)
{
	char *copy = malloc(strlen(text) + 1), *to = copy;

	if (!copy)
		err(1, "reading the command line");
	*reason = *text ? NULL : "a text without a byte ends nothing";
	for (; *text && !*reason; to++) {
		*to = *text++;
		if (*to == '\\' && (!escaped_byte(&text, to) || *to == '\0'))
			*reason = "not a text without NUL (\\n \\t \\r \\\\ \\xHH are bytes)";
	}
	*to = '\0';
	if (!*reason && to - copy > MOST_RECORD_TEXT)
		*reason = "a text of more than 4096 bytes";
	if (!*reason)
		return copy;
	free(copy);
	return NULL;
}

/*
 * Copies an expression, with the bytes themselves in the place of \t, \n, \r and \xHH. `to` has
 * room for twice the length of `text`, and a NUL.
 */
static void unescape_expression(char *to, const char *text)
{
	while (*text) {
		const char *rest = text + 1;
		char byte;
		if (*text == '\\' && strchr("0\\", *rest) == NULL && escaped_byte(&rest, &byte)) {
			/* A byte given by its number is that byte, never an operator. */
			if (ispunct((unsigned char)byte))
				*to++ = '\\';
			*to++ = byte;
			text = rest;
		} else {
			if (*text == '\\' && text[1])
				*to++ = *text++;
			*to++ = *text++;
		}
	}
	*to = '\0';
}

char *read_expression(const char *text)
{
	char *expression = malloc(2 * strlen(text) + 1);

	if (!expression)
		err(1, "reading the command line");
	unescape_expression(expression, text);
	return expression;
}

regex_t *compile_expression(char *expression, int flags, char reason[EXPRESSION_REASON])
{
	regex_t *compiled = malloc(sizeof *compiled);

	if (!compiled)
		err(1, "reading the command line");
	int problem = regcomp(compiled, expression, REG_EXTENDED | flags);
	free(expression);
	if (problem == 0)
		return compiled;
	regerror(problem, compiled, reason, EXPRESSION_REASON);
	free(compiled);
	return NULL;
}

void parse_expression(const struct given_option *given, struct options *options)
{
	char *expression = read_expression(given->text), reason[EXPRESSION_REASON];

	if (*expression == '\0') {
		free(expression);
		empty_argument(given, "an empty expression separates nothing");
	}
	regex_t *compiled = compile_expression(expression, 0, reason);
	if (!compiled)
		bad_argument(given, reason);
	options->queue.separator_text = given->text;
	*(regex_t **)option_field_of(given->row, options) = compiled;
}

void parse_semaphore(const struct given_option *given, struct options *options)
{
	struct semaphore_options *semaphore = option_field_of(given->row, options);
	const char *equals = strrchr(given->text, '='), *reason = NULL;
	size_t length = equals ? (size_t)(equals - given->text) : strlen(given->text);
	long long most = equals ? strtonum(equals + 1, 1, given->row->most, &reason) : 1;

	if (reason || length == 0)
		bad_argument(given, "not NAME or NAME=N, N from 1 to 16383");
	*semaphore = (struct semaphore_options){.name = given->text, .most = (unsigned)most};
	if (equals && !(semaphore->name = strndup(given->text, length)))
		err(1, "reading the command line");
}
