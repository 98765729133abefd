/* Where the shell evaluates what it has replaced: values there are numbers, or refused. */
#include <stdlib.h>

#include "command/shell_reader.h"

void note_substitution(struct row *row, size_t begin, size_t first_span, bool backquoted)
{
	struct reading *reading = row->reading;

	if (reading->failed || reading->placed == first_span)
		return;
	if (reading->substitution_count == reading->substitutions_room) {
		size_t room = 2 * reading->substitutions_room + 8;
		struct substitution *substitutions =
		    reallocarray(reading->substitutions, room, sizeof *substitutions);
		if (!substitutions) {
			row_fail(row, begin, "there is no memory to read it");
			return;
		}
		reading->substitutions = substitutions;
		reading->substitutions_room = room;
	}
	reading->substitutions[reading->substitution_count++] =
	    (struct substitution){.begin = begin,
		.end = row_before(row),
		.first_span = first_span,
		.end_span = reading->placed,
		.backquoted = backquoted};
}

/* The outermost substitution of those read that has the placeholder in it. NULL: none has. */
static struct substitution *find_substitution(const struct reading *reading, size_t span)
{
	for (size_t i = reading->substitution_count; i > 0; i--) {
		struct substitution *substitution = &reading->substitutions[i - 1];
		if (span >= substitution->first_span && span < substitution->end_span)
			return substitution;
	}
	return NULL;
}

void place_in_arithmetic(struct row *row, size_t first, size_t end)
{
	const struct reading *reading = row->reading;

	for (size_t i = first; i < end && !reading->failed; i++) {
		/* Those that the word is in have not ended: they are not there yet. */
		struct substitution *substitution = find_substitution(reading, i);
		if (reading->text->spans[i].number)
			continue;
		if (!substitution)
			reading->words->places[i].arithmetic = true;
		else if (substitution->backquoted)
			row_refuse_placed(
			    row, i, "in backquotes whose output is evaluated: take $( )");
		else
			substitution->guarded = true;
	}
}

void refuse_evaluated(struct row *row, size_t first, size_t end, const char *reason)
{
	for (size_t i = first; i < end; i++)
		if (!row->reading->text->spans[i].number)
			row_refuse_placed(row, i, reason);
}

static int compare_guards(const void *left, const void *right)
{
	const struct shell_guard *a = left, *b = right;

	return (a->at > b->at) - (a->at < b->at);
}

void make_guards(struct row *row)
{
	const struct reading *reading = row->reading;
	struct shell_words *words = reading->words;
	size_t count = 0;

	for (size_t i = 0; i < reading->substitution_count; i++)
		count += reading->substitutions[i].guarded;
	if (count == 0 || reading->failed)
		return;
	words->guards = calloc(2 * count, sizeof *words->guards);
	if (!words->guards) {
		row_fail(row, 0, "there is no memory to read it");
		return;
	}
	for (size_t i = 0; i < reading->substitution_count; i++) {
		const struct substitution *substitution = &reading->substitutions[i];
		if (!substitution->guarded)
			continue;
		words->guards[words->guard_count++] =
		    (struct shell_guard){substitution->begin, false};
		words->guards[words->guard_count++] = (struct shell_guard){substitution->end, true};
	}
	qsort(words->guards, words->guard_count, sizeof *words->guards, compare_guards);
}
