#include "cli/block_rules.h"

#include <err.h>
#include <regex.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/escape.h"
#include "cli/option_types.h"

/* Says what is wrong with the argument of an option, and ends pexec. */
static _Noreturn void refuse_text(
    const char *option, const char *text, const char *reason, int status)
{
	char shown[ESCAPED_NAME];

	if (!*text)
		errx(status, "%s: %s", option, reason);
	errx(status, "%s %s: %s", option, escape_name(shown, text), reason);
}

/* Compiles an expression, whose memory it frees; `option` and `text` are what messages name. */
static regex_t *compile(char *expression, const char *option, const char *text, int status)
{
	char reason[EXPRESSION_REASON];
	bool has_nul = strstr(text, "\\x00") != NULL;

	if (!*text || has_nul) {
		free(expression);
		refuse_text(option, text,
		    has_nul ? "there is no NUL in an expression"
			    : "an empty expression finds nothing",
		    status);
	}
	regex_t *compiled = compile_expression(expression, REG_NEWLINE, reason);
	if (!compiled)
		refuse_text(option, text, reason, status);
	return compiled;
}

/* The option that has ends of records in it, and what it says. */
static const char *named(const struct block_texts *texts, const char **text)
{
	*text = texts->end ? texts->end : texts->start;
	return texts->end ? "--recend" : "--recstart";
}

/* Records end where expressions match: in the end of one, the start of the next, or both. */
static void settle_expressions(const struct block_texts *texts, struct block_ends *ends, int status)
{
	char *end = texts->end ? read_expression(texts->end) : NULL, *both = NULL;
	char *start = texts->start ? read_expression(texts->start) : NULL;
	const char *text, *option = named(texts, &text);

	/* Each may have a | that is of it alone. */
	if (asprintf(&both, "(%s)%s%s%s", end ? end : start, end && start ? "(" : "",
		end && start ? start : "", end && start ? ")" : "") < 0)
		err(1, "reading the command line");
	free(end);
	free(start);
	*ends = (struct block_ends){.place = !texts->start ? ENDS_BEHIND_MATCH
					     : texts->end  ? ENDS_BEHIND_FIRST_GROUP
							   : ENDS_BEFORE_MATCH};
	ends->expression = compile(both, option, text, status);
}

/* Reads a text that is found as it is. Where that is wrong, frees `other`. */
static char *read_text(const char *option, const char *text, char *other, int status)
{
	const char *reason;
	char *bytes = text ? read_bytes_of_text(text, &reason) : strdup("");

	if (!bytes && !text)
		err(1, "reading the command line");
	if (!bytes) {
		free(other);
		refuse_text(option, text, reason, status);
	}
	return bytes;
}

static void settle_texts(const struct block_texts *texts, struct block_ends *ends, int status)
{
	char *start = read_text("--recstart", texts->start, NULL, status);
	char *end = read_text("--recend", texts->end, start, status), *both;

	*ends = (struct block_ends){.length = strlen(end) + strlen(start), .behind = strlen(end)};
	if (asprintf(&both, "%s%s", end, start) < 0)
		err(1, "reading the command line");
	ends->text = both;
	free(end);
	free(start);
}

/* So many lines, or what an expression matches. */
static void settle_header(const char *text, struct block_header_rule *rule, int status)
{
	const char *reason = NULL;

	if (strcmp(text, ":") == 0) {
		rule->lines = 1;
	} else if (*text && text[strspn(text, "0123456789")] == '\0') {
		rule->lines = (unsigned long long)strtonum(text, 0, BLOCK_HEADER_MOST, &reason);
		if (reason)
			refuse_text("--header", text, "more lines than a header may have", status);
	} else {
		rule->expression = compile(read_expression(text), "--header", text, status);
	}
}

void block_rules_settle(struct options *options, int status)
{
	const struct block_texts *texts = &options->blocks;

	if (texts->regexp && (texts->end || texts->start))
		settle_expressions(texts, &options->queue.record_ends, status);
	else if (texts->end || texts->start)
		settle_texts(texts, &options->queue.record_ends, status);
	if (texts->header)
		settle_header(texts->header, &options->queue.block_header, status);
}
