#include "command/shell_words.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "command/shell_reader.h"

enum { MOST_DEPTH = 100 };

enum shell_language shell_words_language(const char *shell)
{
	static const struct {
		const char *name;
		enum shell_language language;
	} known[] = {{"sh", LANGUAGE_SH}, {"dash", LANGUAGE_SMALL}, {"ash", LANGUAGE_SMALL},
	    {"posh", LANGUAGE_SH}, {"yash", LANGUAGE_SMALL}, {"bash", LANGUAGE_BASH},
	    {"rbash", LANGUAGE_BASH}, {"ksh", LANGUAGE_KSH}, {"ksh93", LANGUAGE_KSH},
	    {"mksh", LANGUAGE_KSH}, {"zsh", LANGUAGE_ZSH}};
	const char *slash = strrchr(shell, '/'), *name = slash ? slash + 1 : shell;

	for (size_t i = 0; i < sizeof known / sizeof *known; i++)
		if (strcmp(known[i].name, name) == 0)
			return known[i].language;
	return LANGUAGE_NONE;
}

/* --- rows --- */

int row_peek(const struct row *row, size_t ahead)
{
	if (row->reading->failed || row->at + ahead >= row->end)
		return CODE_END;
	return row->units[row->at + ahead].code;
}

bool row_at_span(const struct row *row)
{
	return row_peek(row, 0) >= CODE_SPAN;
}

size_t row_offset(const struct row *row)
{
	return row->units[row->at].at;
}

size_t row_before(const struct row *row)
{
	assert(row->at > 0);
	return row->units[row->at - 1].at;
}

void row_next(struct row *row)
{
	if (row->at < row->end)
		row->at++;
}

bool row_skip(struct row *row, int code)
{
	if (row_peek(row, 0) != code)
		return false;
	row_next(row);
	return true;
}

bool row_is_bash(const struct row *row)
{
	enum shell_language language = row->reading->text->language;

	return language != LANGUAGE_SH && language != LANGUAGE_SMALL;
}

bool row_may_be(const struct row *row, unsigned shells)
{
	static const unsigned of_language[] = {[LANGUAGE_SH] = SHELL_ANY,
	    [LANGUAGE_BASH] = SHELL_BASH,
	    [LANGUAGE_ZSH] = SHELL_ZSH,
	    [LANGUAGE_KSH] = SHELL_KSH,
	    [LANGUAGE_SMALL] = SHELL_SMALL};

	return (of_language[row->reading->text->language] & shells) != 0;
}

static void fail(struct row *row, struct shell_error error)
{
	/* What follows from the first mistake is not said. */
	if (!row->reading->failed)
		*row->reading->error = error;
	row->reading->failed = true;
}

void row_fail(struct row *row, size_t at, const char *reason)
{
	fail(row, (struct shell_error){.reason = reason, .at = at});
}

void row_refuse_at(struct row *row, size_t ahead, const char *reason)
{
	const char *uncertain = row->reading->uncertain;

	fail(row, (struct shell_error){.reason = uncertain ? uncertain : reason,
		      .at = row->units[row->at + ahead].at,
		      .has_span = true,
		      .bash_takes_it = row->reading->large_is_certain,
		      .span = (size_t)(row->units[row->at + ahead].code - CODE_SPAN)});
}

void row_refuse_placed(struct row *row, size_t span, const char *reason)
{
	fail(row, (struct shell_error){.reason = reason,
		      .at = row->reading->text->spans[span].at,
		      .has_span = true,
		      .span = span});
}

void row_refuse(struct row *row, const char *reason)
{
	row_refuse_at(row, 0, reason);
}

void row_doubt(struct row *row, const char *reason)
{
	if (!row->reading->uncertain)
		row->reading->uncertain = reason;
}

void row_doubt_in_sh(struct row *row, const char *reason)
{
	if (!row->reading->uncertain)
		row->reading->large_is_certain = true;
	row_doubt(row, reason);
}

bool row_enter(struct row *row)
{
	if (row->reading->depth++ < MOST_DEPTH)
		return true;
	row_fail(row, row_offset(row), "it is nested too deep");
	return false;
}

void row_leave(struct row *row)
{
	row->reading->depth--;
}

/* --- placeholders --- */

/* Why a placeholder for several values cannot be in the word; NULL: it can. */
static const char *repeat_problem(const struct word_state *word)
{
	static const char outside[] = "where only one value can be, and a job may have several";

	if (!word)
		return outside;
	return word->role == ROLE_NAME || word->role == ROLE_ARGUMENT ? NULL : outside;
}

/* Is the bare placeholder here all that its word has? */
static bool stands_alone(const struct row *row)
{
	int before = row->at > 0 ? row->units[row->at - 1].code : ' ', after = row_peek(row, 1);

	return row->word && row->word->length == 1 && (before == ' ' || before == '\t') &&
	       (after == ' ' || after == '\t' || after == CODE_END);
}

void row_place(struct row *row, enum shell_form form)
{
	if (!row_at_span(row))
		return; /* it has been refused */
	struct reading *reading = row->reading;
	size_t index = (size_t)(row_peek(row, 0) - CODE_SPAN);
	const struct shell_span *span = &reading->text->spans[index];
	bool repeats = span->several && !reading->text->joined;
	const char *problem = repeats ? repeat_problem(row->word) : NULL;

	assert(index == reading->placed);
	if (reading->uncertain || problem) {
		row_refuse(row, problem);
		return;
	}
	reading->words->places[index] = (struct shell_place){.form = form};
	reading->placed++;
	if (row->word)
		row->word->several |= repeats;
	if (span->several && !repeats) {
		row_add_group(row, span->at, span->at + span->length);
		/* The first and the last of the values are parts of other words. */
		if (form != FORM_BARE || !stands_alone(row))
			row_note_syntax(row);
	}
	row_next(row);
}

void row_skip_escaped(struct row *row)
{
	if (row_at_span(row))
		row_refuse(row, "behind a backslash, which would be for its first byte alone");
	row_next(row);
}

/* --- plain words --- */

void row_note_syntax(struct row *row)
{
	row->reading->has_syntax = true;
	row->reading->words->plain_count = 0;
}

void row_add_plain(struct row *row, int code)
{
	struct shell_words *words = row->reading->words;

	if (!row->reading->has_syntax)
		words->plain[words->plain_count++] = code;
}

/* --- the text --- */

/* Makes the row of the text. NULL without memory. */
static struct unit *make_units(const struct shell_text *text, size_t *count)
{
	struct unit *units = calloc(text->length + 1, sizeof *units);
	size_t span = 0;

	*count = 0;
	for (size_t at = 0; units && at < text->length;) {
		bool is_span = span < text->span_count && text->spans[span].at == at;
		units[(*count)++] = (struct unit){
		    .code = is_span ? CODE_SPAN + (int)span : (int)(unsigned char)text->bytes[at],
		    .at = at};
		at += is_span ? text->spans[span++].length : 1;
	}
	if (units)
		units[*count] = (struct unit){.code = CODE_END, .at = text->length};
	return units;
}

bool shell_words_read(
    const struct shell_text *text, struct shell_words *words, struct shell_error *error)
{
	static const char no_memory[] = "there is no memory to read it";
	struct reading reading = {.text = text, .words = words, .error = error};
	size_t count;

	*words = (struct shell_words){.places = calloc(text->span_count + 1, sizeof *words->places),
	    /* Each code is at most one, and so is what is between two words. */
	    .plain = calloc(text->length + 1, sizeof *words->plain)};
	struct unit *units = make_units(text, &count);
	if (!units || !words->places || !words->plain) {
		free(units);
		*error = (struct shell_error){.reason = no_memory};
		return false;
	}
	struct row row = {.reading = &reading, .units = units, .end = count};
	read_list(&row, LIST_ROW);
	make_guards(&row);
	free(units);
	free(reading.substitutions);
	/* What has been overlooked shall not run as it is. */
	if (!reading.failed && reading.placed != text->span_count) {
		reading.failed = true;
		*error = (struct shell_error){.reason = "a placeholder stands where none can be"};
	}
	return !reading.failed;
}

void shell_words_free(struct shell_words *words)
{
	free(words->places);
	free(words->groups);
	free(words->guards);
	free(words->plain);
}
