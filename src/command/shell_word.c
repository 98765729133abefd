/* Words: what they are made of, and what is between them. */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "command/shell_reader.h"

bool word_is(const struct word_state *word, const char *text)
{
	return word->length == strlen(text) && strcmp(word->literal, text) == 0;
}

bool word_is_one_of(const struct word_state *word, const char *const *texts)
{
	for (; *texts; texts++)
		if (word_is(word, *texts))
			return true;
	return false;
}

bool word_is_name(const struct word_state *word)
{
	size_t i = 0;

	while (i < word->length && i < LITERAL_BYTES &&
	       (isalnum((unsigned char)word->literal[i]) || word->literal[i] == '_'))
		i++;
	return i > 0 && i == word->length && !isdigit((unsigned char)word->literal[0]);
}

/* --- between words --- */

void row_skip_blanks(struct row *row)
{
	for (;;) {
		if (row_peek(row, 0) == '\\' && row_peek(row, 1) == '\n')
			row_next(row);
		else if (row_peek(row, 0) != ' ' && row_peek(row, 0) != '\t')
			return;
		row_next(row);
	}
}

void row_skip_comment(struct row *row)
{
	while (row_peek(row, 0) != '\n' && row_peek(row, 0) != CODE_END) {
		/* No value comes here, however many there are. */
		if (row_at_span(row)) {
			row->reading->placed++;
			if (row->reading->text->appended &&
			    row->reading->placed == row->reading->text->span_count)
				row_refuse(row, "in a comment");
		}
		row_next(row);
	}
}

/* --- words --- */

/* Notes a byte, or a placeholder, of the word without its quotes. */
static void add_literal(struct row *row, struct word_state *word, int code)
{
	if (word->length < LITERAL_BYTES - 1)
		word->literal[word->length] = (char)(code < CODE_SPAN ? code : LITERAL_SPAN);
	word->length++;
	if (code < CODE_SPAN && code != LITERAL_SPAN && word->certain + 1 == word->length &&
	    word->unknown == KNOWN)
		word->certain++;
	row_add_plain(row, code);
}

/* What comes now, or has just come, is not known. */
static void add_unknown(struct word_state *word, enum unknown unknown)
{
	if (word->unknown < unknown)
		word->unknown = unknown;
}

/* Does every shell take the byte for itself where nothing is quoted? */
static bool is_plain(int code)
{
	return isalnum(code) || strchr("_-./,:@+=%", code);
}

/* Is the byte one that a backslash within double quotes takes the meaning of? */
static bool is_escaped(int code)
{
	return code > 0 && code < CODE_SPAN && strchr("\\\"$`\n", code);
}

/* Reads a quoted part of a word from behind its quote. */
static void read_quoted_part(struct row *row, struct word_state *word, int quote)
{
	size_t begin = row->at;

	word->quoted = true;
	if (quote == '\'')
		read_single(row, row_before(row));
	else
		read_double(row, row_before(row));
	for (size_t i = begin; i + 1 < row->at; i++) {
		int code = row->units[i].code;
		if (code < ' ' || (quote == '"' && code < CODE_SPAN && strchr("\\$`", code)))
			row_note_syntax(row);
		bool escapes = quote == '"' && code == '\\' && is_escaped(row->units[i + 1].code);
		if (escapes)
			code = row->units[++i].code;
		if (escapes && code == '\n')
			continue;
		if (quote == '"' && !escapes && (code == '$' || code == '`'))
			add_unknown(word, UNKNOWN_VALUE);
		add_literal(row, word, code);
	}
}

/* Reads the elements of name=( ), from behind the parenthesis on. */
static void read_array(struct row *row, size_t opened);

/* Reads the rest of ?( ) and the like, of a ( ) in a pattern or an expression. */
static void read_parenthesis(struct row *row, struct word_state *word, size_t opened);

/* A bracket after a name: what is in it is evaluated if this is an assignment. */
static void read_subscript(struct row *row, struct word_state *word)
{
	size_t ahead = 0;
	bool is_element = word->in_array && word->length == 0;

	if (!word_is_name(word) && !is_element)
		return;
	/* Only what has its end in this word. */
	for (unsigned depth = 0; depth > 0 || row_peek(row, ahead) != ']'; ahead++) {
		int code = row_peek(row, ahead);
		if (code == CODE_END || code == '\n')
			return;
		depth += code == '[';
		depth -= code == ']' && depth > 0;
	}
	int next = row_peek(row, ahead + 1);
	if (next != '=' && !(next == '+' && row_peek(row, ahead + 2) == '='))
		return;
	word->is_indexed = row_at_span(row) && ahead == 1 && row_is_bash(row) &&
			   (word->role == ROLE_NAME || is_element);
	word->index = row->reading->placed;
	for (size_t i = 0; i < ahead && !word->is_indexed; i++)
		if (row_peek(row, i) >= CODE_SPAN)
			row_refuse_at(
			    row, i, "beside others in a subscript, which some shells evaluate");
	if (word->role == ROLE_NAME)
		word->role = ROLE_ASSIGNMENT;
}

/* Does a placeholder here, or one before, make a range of braces, as {1..{}}? */
static void check_range(struct row *row)
{
	size_t at = row->at;

	if (!row_is_bash(row))
		return;
	bool before = at >= 2 && row->units[at - 1].code == '.' && row->units[at - 2].code == '.';
	bool after = row_peek(row, 1) == '.' && row_peek(row, 2) == '.';
	while (before && at > 0 && row->units[at - 1].code != '{')
		before = !isspace(row->units[--at].code & 0xff);
	if ((before && at > 0) || (after && at > 0 && row->units[at - 1].code == '{'))
		row_refuse(row, "in {a..b}, which is made before there are values: take seq");
}

/* A placeholder in what would be the name of a variable, before a =, makes it the name of a
 * command. */
static void check_assigned(struct row *row, const struct word_state *word)
{
	size_t length = 0, spans = 0;

	for (; length < word->length && length < LITERAL_BYTES; length++) {
		char byte = word->literal[length];
		if (!isalnum((unsigned char)byte) && byte != '_' && byte != LITERAL_SPAN)
			break;
		spans += byte == LITERAL_SPAN;
	}
	const char *rest = word->literal + length;
	if (spans > 0 && (length == word->length || strcmp(rest, "+") == 0 || *rest == '['))
		row_refuse_placed(row, word->first_span, "before a =, in the name of a variable");
}

/* Does the bare byte make other words of the text: braces, or a pattern? */
static bool is_written_otherwise(const struct row *row, const struct word_state *word, int code)
{
	if (code == '*' || code == '?')
		return true;
	if (code == '{')
		return row_at_span(row) || !strchr(" \t\n", row_peek(row, 0));
	return code == ']' && memchr(word->literal, '[', LITERAL_BYTES);
}

/* A bare byte of a word. */
static void read_bare(struct row *row, struct word_state *word, int code)
{
	bool assigns = code == '=' && !word->quoted && word->role == ROLE_NAME;

	if (code == '=' && word->role == ROLE_NAME)
		check_assigned(row, word);
	if (assigns) {
		struct word_state name = *word;
		if (name.length > 1 && name.length < LITERAL_BYTES &&
		    name.literal[name.length - 1] == '+')
			name.literal[--name.length] = '\0';
		if (word_is_name(&name))
			word->role = ROLE_ASSIGNMENT;
	}
	if (code == '[' && !word->quoted)
		read_subscript(row, word);
	if (!is_plain(code))
		row_note_syntax(row);
	if (is_written_otherwise(row, word, code))
		add_unknown(word, UNKNOWN_WRITTEN);
	add_literal(row, word, code);
	if (code == '=' && row_peek(row, 0) == '(' && !word->quoted) {
		size_t opened = row_offset(row);
		row_note_syntax(row);
		row_next(row);
		read_array(row, opened);
	}
}

/* Reads the next part of a word, which has one. */
static void read_part(struct row *row, struct word_state *word)
{
	size_t opened = row_offset(row);
	int code = row_peek(row, 0);

	if (code >= CODE_SPAN) {
		check_range(row);
		word->quoted = true;
		add_literal(row, word, code);
		row_place(row, FORM_BARE);
		return;
	}
	row_next(row);
	if (code == '\\' && row_peek(row, 0) == '\n') {
		row_next(row);
	} else if (code == '\\') {
		word->quoted = true;
		if (row_peek(row, 0) < ' ')
			row_note_syntax(row);
		add_literal(row, word, row_peek(row, 0) & 0xff);
		row_skip_escaped(row);
	} else if (code == '\'' || code == '"') {
		read_quoted_part(row, word, code);
	} else if (code == '$' || code == '`') {
		size_t placed = row->reading->placed;
		row_note_syntax(row);
		word->quoted = true;
		add_unknown(
		    word, code == '$' && (row_peek(row, 0) == '\'' || row_peek(row, 0) == '"')
			      ? UNKNOWN_WRITTEN
			      : UNKNOWN_WORDS);
		if (code == '$')
			read_dollar(row, false);
		else
			read_backquote(row, false);
		add_literal(row, word, row->reading->placed > placed ? LITERAL_SPAN : 0);
	} else if (code == '(') {
		row_note_syntax(row);
		add_unknown(word, UNKNOWN_WRITTEN);
		read_parenthesis(row, word, opened);
	} else if (code == '<' || code == '>') {
		row_note_syntax(row);
		if (!row_is_bash(row))
			row_doubt_in_sh(row, "in or behind a <( ), which sh does not have");
		word->quoted = true;
		/* The name of a file. */
		add_unknown(word, UNKNOWN_VALUE);
		row_next(row);
		read_nested(row, opened);
	} else {
		read_bare(row, word, code);
	}
}

/* Is a ( here part of a pattern? */
static bool is_pattern_parenthesis(const struct row *row, const struct word_state *word)
{
	if (word->regex)
		return true;
	return word->length > 0 && word->length < LITERAL_BYTES &&
	       strchr("?*+@!", word->literal[word->length - 1]) &&
	       word->literal[word->length - 1] && row->at > 0 &&
	       row->units[row->at - 1].code == word->literal[word->length - 1];
}

/* Does the word end here? */
static bool is_word_end(const struct row *row, const struct word_state *word)
{
	int code = row_peek(row, 0);

	switch (code) {
	case CODE_END:
	case ' ':
	case '\t':
	case '\n':
	case ';':
	case '&':
	case ')':
		return true;
	case '|':
		return !word->regex;
	case '<':
	case '>':
		return row_peek(row, 1) != '(';
	case '(':
		return !is_pattern_parenthesis(row, word);
	default:
		return false;
	}
}

void row_add_group(struct row *row, size_t begin, size_t end)
{
	struct shell_words *words = row->reading->words;

	if (words->group_count == row->reading->groups_room) {
		size_t room = 2 * row->reading->groups_room + 8;
		struct shell_group *groups = reallocarray(words->groups, room, sizeof *groups);
		if (!groups) {
			row_fail(row, begin, "there is no memory to read it");
			return;
		}
		words->groups = groups;
		row->reading->groups_room = room;
	}
	words->groups[words->group_count++] = (struct shell_group){begin, end};
}

void read_word(struct row *row, struct word_state *word)
{
	struct shell_words *words = row->reading->words;
	struct word_state *outer = row->word;
	size_t begin = row_offset(row), groups = words->group_count;

	word->at = begin;
	word->first_span = row->reading->placed;
	row->word = word;
	while (!is_word_end(row, word))
		read_part(row, word);
	row->word = outer;
	word->end_span = row->reading->placed;
	if (word->arithmetic)
		place_in_arithmetic(row, word->first_span, word->end_span);
	if (word->is_indexed)
		place_in_arithmetic(row, word->index, word->index + 1);
	/* What stands in words within this one is repeated with it. */
	if (word->several && !row->reading->failed) {
		words->group_count = groups;
		row_add_group(row, begin, row_offset(row));
	}
}

struct word_state read_word_as(struct row *row, enum role role)
{
	struct word_state word = {.role = role};

	read_word(row, &word);
	return word;
}

static const char qualifier[] = "in the ( ) of a pattern for files, where zsh takes it for code";

static void read_parenthesis(struct row *row, struct word_state *word, size_t opened)
{
	size_t first = row->reading->placed;
	bool names_files = word->role != ROLE_TEST && word->role != ROLE_PATTERN &&
			   word->role != ROLE_SUBJECT && word->role != ROLE_ASSIGNMENT;

	if (!row_is_bash(row) || word->role == ROLE_NAME)
		row_doubt_in_sh(row, "in or behind a pattern with ( ), which not every shell has");
	word->quoted = true;
	if (!row_enter(row))
		return;
	for (int code; (code = row_peek(row, 0)) != ')';) {
		if (code == CODE_END) {
			row_fail(row, opened, "a ( has no )");
			break;
		}
		if (code == ' ' || code == '\t' || code == '\n' || code == '|' || code == '&' ||
		    code == ';' || ((code == '<' || code == '>') && row_peek(row, 1) != '('))
			row_next(row);
		else
			read_part(row, word);
	}
	row_next(row);
	row_leave(row);
	if (names_files && row_may_be(row, SHELL_ZSH))
		refuse_evaluated(row, first, row->reading->placed, qualifier);
}

static void read_array(struct row *row, size_t opened)
{
	struct word_state *outer = row->word;
	size_t first = row->reading->placed;
	bool assigns = outer && outer->role == ROLE_ASSIGNMENT;

	if (!row_is_bash(row))
		row_doubt_in_sh(row, "in or behind a list in ( ), which sh does not have");
	if (!row_enter(row))
		return;
	row->word = NULL;
	for (int code; (code = row_peek(row, 0)) != ')';) {
		struct word_state word = {.role = ROLE_ARGUMENT, .in_array = true};
		size_t at = row->at;
		if (code == CODE_END) {
			row_fail(row, opened, "a ( has no )");
			break;
		}
		row_skip_blanks(row);
		if (row_peek(row, 0) == '#')
			row_skip_comment(row);
		else if (row_peek(row, 0) == '\n')
			row_next(row);
		else if (row_peek(row, 0) != ')')
			read_word(row, &word);
		if (row->at == at && row_peek(row, 0) != ')')
			row_fail(row, row_offset(row), "in a list in ( ) there are words only");
	}
	row_next(row);
	row->word = outer;
	row_leave(row);
	if (!assigns && row_may_be(row, SHELL_ZSH))
		refuse_evaluated(row, first, row->reading->placed, qualifier);
}

void read_nested(struct row *row, size_t opened)
{
	struct word_state *outer = row->word;
	unsigned pending = row->pending_outer;
	bool in_document = row->in_document;

	if (row_enter(row)) {
		row->word = NULL;
		row->in_document = false;
		row->pending_outer = row->pending_count;
		read_list(row, LIST_PAREN);
		if (row->pending_count > row->pending_outer)
			row_fail(
			    row, opened, "a here-document does not begin before the ) behind it");
		row->pending_outer = pending;
		row->in_document = in_document;
		row->word = outer;
		if (!row_skip(row, ')'))
			row_fail(row, opened, "a ( has no )");
	}
	row_leave(row);
}
