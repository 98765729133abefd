#include "command/shell_script.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "command/shell_quote.h"

/* What comes before the text where the values are not left in the positional parameters. */
static const char name_prefix[] = "pexec_";
static const char clear_parameters[] = "; set --; ";

/*
 * What comes before it where values are in arithmetic: the values stand between the two. Of more
 * than 18 digits some numbers are beyond 64 bits, and shells make others of them.
 */
static const char check_begins[] = "for pexec in";
static const char check_ends[] =
    "; do case ${pexec#-} in ''|*[!0-9]*|???????????????????*) printf "
    "'%s: not an integer of at most 18 digits, and in arithmetic: %s\\n' "
    "\"$0\" \"$pexec\" >&2; exit 2;; esac; done; ";

/*
 * What comes before it where commands are in arithmetic that have values, and around each of them:
 * what they print is evaluated when it has nothing in it but numbers and operators. Else comes
 * what no shell takes for an expression.
 */
static const char guard[] =
    "pexec_number() { case $1 in *[!-+'*/%(). '0-9]*) printf "
    "'%s: not a number, and in arithmetic: %s\\n' \"$0\" \"$1\" >&2; echo . .;; "
    "*) printf %s \"$1\";; esac; }; ";
static const char guard_begins[] = "pexec_number \"$(", guard_ends[] = ")\"";

/* One parameter takes no more, with its quotes and a blank. */
enum { PARAMETER_TEXT = 64 };

/* What stands around a parameter in each form of a value (enum shell_form). */
static const char *const value_begins[] = {"", "\"", "", "'\"", "'\""};
static const char *const value_ends[] = {"", "\"", "", "\"'", "\"$'"};

/* Where each word that is repeated is nothing but its value. */
static const char all_parameters[] = "\"$@\"";

enum kind { KIND_TEXT, KIND_GUARD, KIND_VALUE, KIND_GROUP };

struct piece {
	enum kind kind;
	const char *text; /* KIND_TEXT, KIND_GUARD */
	size_t length;
	enum shell_form form; /* KIND_VALUE */
	size_t value;
	size_t end; /* KIND_GROUP: of its pieces, which follow; behind the last one */
};

struct shell_script {
	struct piece *pieces;
	size_t count, room;
	size_t fixed, several;
	bool *evaluated; /* for each value: it stands in arithmetic */
	long *columns;   /* for each value: as in struct shell_values */
	bool evaluates;  /* one of them does */
	bool guarded;    /* a command does that has one of them */
	bool named;      /* values are in variables, not in the positional parameters */
	bool spread;     /* each group is nothing but all values: "$@" */
	bool failed;     /* memory ran out */
	int *plain;      /* words that are plain: see shell_script_plain */
	size_t plain_count;
};

/* --- making --- */

static struct piece *add_piece(struct shell_script *script, struct piece piece)
{
	if (script->count == script->room) {
		size_t room = 2 * script->room + 16;
		struct piece *pieces = reallocarray(script->pieces, room, sizeof *pieces);
		if (!pieces) {
			script->failed = true;
			return NULL;
		}
		script->pieces = pieces;
		script->room = room;
	}
	script->pieces[script->count] = piece;
	return &script->pieces[script->count++];
}

/* Where the text, the placeholders and the groups have been taken over up to. */
struct progress {
	size_t at, span, group, guard;
	size_t open; /* the piece of the group that is open; SIZE_MAX: none is */
};

/* The next place in the text where something begins or ends. */
static size_t next_stop(
    const struct shell_text *text, const struct shell_words *words, const struct progress *done)
{
	size_t stop = text->length;

	if (done->span < text->span_count && text->spans[done->span].at < stop)
		stop = text->spans[done->span].at;
	if (done->guard < words->guard_count && words->guards[done->guard].at < stop)
		stop = words->guards[done->guard].at;
	if (done->group < words->group_count) {
		const struct shell_group *group = &words->groups[done->group];
		size_t border = done->open == SIZE_MAX ? group->begin : group->end;
		stop = border < stop ? border : stop;
	}
	return stop;
}

/* Begins or ends the group whose border is here. False: none is. */
static bool take_border(
    struct shell_script *script, const struct shell_words *words, struct progress *done)
{
	if (done->group == words->group_count)
		return false;
	const struct shell_group *group = &words->groups[done->group];
	if (done->open == SIZE_MAX && group->begin == done->at) {
		done->open = script->count;
		add_piece(script, (struct piece){.kind = KIND_GROUP});
		return true;
	}
	if (done->open == SIZE_MAX || group->end != done->at)
		return false;
	if (!script->failed)
		script->pieces[done->open].end = script->count;
	done->open = SIZE_MAX;
	done->group++;
	return true;
}

/* Adds the guard that begins, or ends, here. False: none does. */
static bool take_guard(
    struct shell_script *script, const struct shell_words *words, bool ends, struct progress *done)
{
	if (done->guard == words->guard_count)
		return false;
	const struct shell_guard *here = &words->guards[done->guard];
	if (here->at != done->at || here->ends != ends)
		return false;
	const char *text = ends ? guard_ends : guard_begins;
	add_piece(script, (struct piece){.kind = KIND_GUARD, .text = text, .length = strlen(text)});
	done->guard++;
	script->guarded = true;
	return true;
}

static void take_span(struct shell_script *script, const struct shell_text *text,
    const struct shell_words *words, const struct shell_values *values, struct progress *done)
{
	const struct shell_span *span = &text->spans[done->span];
	const struct shell_place *place = &words->places[done->span];
	size_t value = values->of_span[done->span++];

	done->at += span->length;
	if (place->form == FORM_NONE) {
		add_piece(
		    script, (struct piece){.text = text->bytes + span->at, .length = span->length});
		return;
	}
	add_piece(script, (struct piece){.kind = KIND_VALUE, .form = place->form, .value = value});
	script->evaluated[value] |= place->arithmetic;
	script->evaluates |= place->arithmetic;
}

static void take_pieces(struct shell_script *script, const struct shell_text *text,
    const struct shell_words *words, const struct shell_values *values)
{
	struct progress done = {.open = SIZE_MAX};

	while (done.at < text->length || done.open != SIZE_MAX) {
		size_t stop = next_stop(text, words, &done);
		if (stop > done.at)
			add_piece(script, (struct piece){.text = text->bytes + done.at,
					      .length = stop - done.at});
		done.at = stop;
		/* A guard has around it the words that are repeated. */
		if (take_guard(script, words, false, &done) || take_border(script, words, &done))
			continue;
		if (done.span < text->span_count && text->spans[done.span].at == done.at)
			take_span(script, text, words, values, &done);
		else
			take_guard(script, words, true, &done);
	}
}

/* Can all values be given by "$@", wherever they stand? */
static bool can_spread(const struct shell_script *script)
{
	if (script->named || script->evaluates || script->fixed > 0 || script->several != 1)
		return false;
	for (size_t i = 0; i < script->count; i++)
		if (script->pieces[i].kind == KIND_GROUP &&
		    (script->pieces[i].end != i + 2 || script->pieces[i + 1].form != FORM_BARE))
			return false;
	return true;
}

/* Keeps words that are plain: the values take the place of the placeholders. */
static void take_plain(
    struct shell_script *script, struct shell_words *words, const struct shell_values *values)
{
	for (size_t i = 0; i < words->plain_count; i++)
		if (words->plain[i] >= CODE_SPAN)
			words->plain[i] =
			    CODE_SPAN + (int)values->of_span[words->plain[i] - CODE_SPAN];
	script->plain = words->plain;
	script->plain_count = words->plain_count;
	words->plain = NULL;
}

struct shell_script *shell_script_make(
    const struct shell_text *text, const struct shell_values *values, struct shell_error *error)
{
	static const char no_memory[] = "there is no memory to read it";
	struct shell_script *script = calloc(1, sizeof *script);
	size_t count = values->fixed + values->several;
	struct shell_words words;
	bool read = shell_words_read(text, &words, error);

	if (script) {
		script->evaluated = calloc(count + 1, sizeof *script->evaluated);
		script->columns = calloc(count + 1, sizeof *script->columns);
	}
	bool has_room = script && script->evaluated && script->columns;
	if (read && has_room) {
		for (size_t i = 0; values->columns && i < count; i++)
			script->columns[i] = values->columns[i];
		script->fixed = values->fixed;
		script->several = values->several;
		take_pieces(script, text, &words, values);
		take_plain(script, &words, values);
		script->named = words.takes_parameters && count > 0;
		script->spread = can_spread(script);
	}
	shell_words_free(&words);
	if (read && (!has_room || script->failed))
		*error = (struct shell_error){.reason = no_memory};
	else if (read)
		return script;
	shell_script_free(script);
	return NULL;
}

void shell_script_free(struct shell_script *script)
{
	if (!script)
		return;
	free(script->pieces);
	free(script->evaluated);
	free(script->columns);
	free(script->plain);
	free(script);
}

const int *shell_script_plain(const struct shell_script *script, size_t *count)
{
	*count = script->plain_count;
	return script->plain;
}

/* --- what it costs --- */

static void add_cost(struct shell_script_cost *cost, bool repeated, size_t bytes, size_t numbers)
{
	*(repeated ? &cost->each : &cost->fixed) += bytes;
	*(repeated ? &cost->each_numbers : &cost->fixed_numbers) += numbers;
}

/* A parameter where it stands for a value: "${pexec_N}". */
static size_t parameter_bytes(const struct shell_script *script, enum shell_form form)
{
	return strlen(value_begins[form]) + strlen(value_ends[form]) + strlen("${}") +
	       (script->named ? strlen(name_prefix) : 0);
}

/* What comes before the text. */
static void add_cost_before(const struct shell_script *script, struct shell_script_cost *cost)
{
	for (size_t value = 0; value < script->fixed + script->several; value++) {
		bool repeated = value >= script->fixed;
		if (script->named)
			add_cost(cost, repeated, strlen(name_prefix) + strlen(" =${}"), 2);
		if (script->evaluated[value])
			add_cost(cost, repeated, 1 + parameter_bytes(script, FORM_BARE), 1);
	}
	if (script->named)
		add_cost(cost, false, strlen(clear_parameters), 0);
	if (script->evaluates)
		add_cost(cost, false, strlen(check_begins) + strlen(check_ends), 0);
	if (script->guarded)
		add_cost(cost, false, strlen(guard), 0);
}

/* The blank between the words that are repeated: there is none behind the last one. */
static void add_cost_of_group(const struct shell_script *script, struct shell_script_cost *cost)
{
	cost->each_text++;
	cost->fixed_text--;
	if (script->spread)
		add_cost(cost, false, strlen(all_parameters), 0);
	else
		add_cost(cost, true, 1, 0);
}

struct shell_script_cost shell_script_cost(const struct shell_script *script)
{
	struct shell_script_cost cost = {.fixed = 1,
	    .fixed_text = 1,
	    .fixed_parameters = script->fixed,
	    .each_parameters = script->several};
	size_t group_end = 0;

	add_cost_before(script, &cost);
	for (size_t i = 0; i < script->count; i++) {
		const struct piece *piece = &script->pieces[i];
		bool repeated = i < group_end;
		if (piece->kind == KIND_TEXT)
			*(repeated ? &cost.each_text : &cost.fixed_text) += piece->length;
		if (piece->kind == KIND_GROUP) {
			group_end = piece->end;
			add_cost_of_group(script, &cost);
		} else if (piece->kind != KIND_VALUE) {
			add_cost(&cost, repeated, piece->length, 0);
		} else if (!repeated || !script->spread) {
			add_cost(&cost, repeated, parameter_bytes(script, piece->form), 1);
		}
	}
	return cost;
}

size_t shell_script_mentions(const struct shell_script *script, size_t value, bool repeated)
{
	size_t group_end = 0, count = 0;

	for (size_t i = 0; i < script->count; i++) {
		const struct piece *piece = &script->pieces[i];
		if (piece->kind == KIND_GROUP)
			group_end = piece->end;
		count += piece->kind == KIND_VALUE && piece->value == value &&
			 repeated == (i < group_end);
	}
	return count;
}

/* --- filling --- */

static void add(struct strlist *to, const char *text)
{
	strlist_append(to, text, strlen(text));
}

/* The number of the parameter that has a value, for one of the items. */
static size_t number_of(
    const struct shell_script *script, size_t value, size_t item, const struct shell_counts *counts)
{
	if (value < script->fixed)
		return value + 1;
	return script->fixed + (value - script->fixed) * counts->items + item + 1;
}

/* Is the value a column that the job does not have? */
static bool is_lacking(
    const struct shell_script *script, size_t value, const struct shell_counts *counts)
{
	long column = script->columns[value];

	return (size_t)(column < 0 ? -column : column) > counts->columns;
}

/* The parameter itself, with braces where what follows could be taken for a part of it. */
static void add_parameter(struct strlist *to, const char *prefix, size_t number, bool braces)
{
	char text[PARAMETER_TEXT];

	braces = braces || *prefix || number > 9;
	int length = snprintf(text, sizeof text, braces ? "${%s%zu}" : "$%s%zu", prefix, number);
	assert(length < (int)sizeof text);
	strlist_append(to, text, (size_t)length);
}

static void add_value(
    const struct shell_script *script, enum shell_form form, size_t number, struct strlist *to)
{
	add(to, value_begins[form]);
	add_parameter(to, script->named ? name_prefix : "", number, form == FORM_QUOTED);
	add(to, value_ends[form]);
}

/* Adds what is no word, and yet an expansion: the text that the shell reads stays of one shape. */
static void add_nothing(const struct shell_script *script, size_t number, struct strlist *to)
{
	char text[PARAMETER_TEXT];
	const char *prefix = script->named ? name_prefix : "";
	int length = snprintf(text, sizeof text, "${%s%zu+}", prefix, number);

	assert(length < (int)sizeof text);
	strlist_append(to, text, (size_t)length);
}

/* Hands the values on to variables, and leaves none in the positional parameters. */
static void add_names(
    const struct shell_script *script, const struct shell_counts *counts, struct strlist *to)
{
	size_t count = script->fixed + script->several * counts->items;
	char text[PARAMETER_TEXT];

	for (size_t number = 1; number <= count; number++) {
		int length = snprintf(
		    text, sizeof text, "%s%s%zu=", number > 1 ? " " : "", name_prefix, number);
		strlist_append(to, text, (size_t)length);
		add_parameter(to, "", number, false);
	}
	add(to, clear_parameters);
}

/* Lets nothing but integers into arithmetic. */
static void add_check(
    const struct shell_script *script, const struct shell_counts *counts, struct strlist *to)
{
	add(to, check_begins);
	for (size_t value = 0; value < script->fixed + script->several; value++) {
		size_t times = value < script->fixed ? 1 : counts->items;
		for (size_t item = 0; script->evaluated[value] && item < times; item++) {
			add(to, " ");
			add_value(script, FORM_BARE, number_of(script, value, item, counts), to);
		}
	}
	add(to, check_ends);
}

/* Adds the pieces from `first` up to before `end`, which are in no group, for one of the items. */
static void add_pieces(const struct shell_script *script, size_t first, size_t end, size_t item,
    const struct shell_counts *counts, struct strlist *to)
{
	for (const struct piece *piece = &script->pieces[first]; piece < &script->pieces[end];
	     piece++) {
		if (piece->kind == KIND_TEXT || piece->kind == KIND_GUARD) {
			strlist_append(to, piece->text, piece->length);
			continue;
		}
		size_t number = number_of(script, piece->value, item, counts);
		if (piece->form == FORM_BARE && is_lacking(script, piece->value, counts))
			add_nothing(script, number, to);
		else
			add_value(script, piece->form, number, to);
	}
}

/* Adds a word that is repeated. */
static void add_group(const struct shell_script *script, size_t group,
    const struct shell_counts *counts, struct strlist *to)
{
	for (size_t item = 0; item < counts->items && !script->spread; item++) {
		if (item > 0)
			add(to, " ");
		add_pieces(script, group + 1, script->pieces[group].end, item, counts, to);
	}
	if (script->spread)
		add(to, all_parameters);
}

void shell_script_fill(
    const struct shell_script *script, const struct shell_counts *counts, struct strlist *to)
{
	if (script->named)
		add_names(script, counts, to);
	if (script->evaluates)
		add_check(script, counts, to);
	if (script->guarded)
		add(to, guard);
	for (size_t i = 0; i < script->count;) {
		if (script->pieces[i].kind == KIND_GROUP) {
			add_group(script, i, counts, to);
			i = script->pieces[i].end;
		} else {
			add_pieces(script, i, i + 1, 0, counts, to);
			i++;
		}
	}
}

/* --- showing --- */

/* Adds a value with a backslash, or what else there is, before each of some bytes. */
static void add_escaped(struct strlist *to, const char *bytes, size_t length, const char *special,
    const char *before, const char *behind)
{
	for (size_t i = 0; i < length; i++) {
		bool is_special = bytes[i] && strchr(special, bytes[i]);
		if (is_special)
			add(to, before);
		strlist_append(to, bytes + i, 1);
		if (is_special)
			add(to, behind);
	}
}

static void show_value(
    enum shell_form form, const struct strlist *arguments, size_t index, struct strlist *to)
{
	const char *bytes = strlist_at(arguments, index);
	size_t length = strlist_length(arguments, index);

	switch (form) {
	case FORM_NONE:
		break;
	case FORM_BARE:
		shell_quote_value(bytes, length, to);
		break;
	case FORM_QUOTED:
		add_escaped(to, bytes, length, "\\\"$`", "\\", "");
		break;
	case FORM_SINGLE:
		add_escaped(to, bytes, length, "'", "'\"", "\"'");
		break;
	case FORM_ANSI:
		add_escaped(to, bytes, length, "'\\", "\\", "");
		break;
	}
}

void shell_script_show(const struct shell_script *script, const struct strlist *arguments,
    size_t first, const struct shell_counts *counts, struct strlist *to)
{
	size_t group = 0, end = 0, items = counts->items;

	for (size_t i = 0, item = 0; i < script->count;) {
		const struct piece *piece = &script->pieces[i++];
		if (piece->kind == KIND_GROUP) {
			group = i;
			end = items > 0 ? piece->end : 0;
			i = items > 0 ? i : piece->end;
			item = 0;
		} else if (piece->kind == KIND_TEXT) {
			strlist_append(to, piece->text, piece->length);
		} else if (piece->kind == KIND_VALUE && !is_lacking(script, piece->value, counts)) {
			show_value(piece->form, arguments,
			    first + number_of(script, piece->value, item, counts) - 1, to);
		}
		if (i == end && piece->kind != KIND_GROUP && ++item < items) {
			add(to, " ");
			i = group;
		}
	}
}
