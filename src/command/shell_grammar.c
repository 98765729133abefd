/* Commands. */
#include <string.h>

#include "command/shell_reader.h"

/* A command while it is read. */
struct command_state {
	bool named;                   /* its name has been read: what follows are arguments */
	bool closed;                  /* it is a compound one: no argument follows */
	struct word_state name;       /* its first word */
	struct builtin_state builtin; /* what its arguments are evaluated as */
};

/* --- redirections --- */

static void read_redirection(struct row *row)
{
	bool reads = row_peek(row, 0) == '<', duplicates = false;

	row_next(row);
	if (row_peek(row, 0) == '\\' && row_peek(row, 1) == '\n')
		row_doubt(row, "behind a < or > at the end of a line");
	if (reads && row_skip(row, '<')) {
		if (row_peek(row, 0) != '<') {
			announce_document(row);
			return;
		}
		row_next(row);
		if (!row_is_bash(row))
			row_doubt_in_sh(row, "in or behind a <<<, which sh does not have");
	} else if (!row_skip(row, '>') && !row_skip(row, '|')) {
		duplicates = row_skip(row, '&') && !reads;
	}
	row_skip_blanks(row);
	struct word_state target = read_word_as(row, ROLE_TARGET);
	if (duplicates)
		refuse_evaluated(row, target.first_span, target.end_span,
		    "behind >&, where bash reads the name of a file twice: take > {} 2>&1");
}

/* --- compound commands --- */

/* Line breaks and comments, where the grammar lets them be. */
static void skip_lines(struct row *row)
{
	for (;;) {
		row_skip_blanks(row);
		if (row_peek(row, 0) == '#')
			row_skip_comment(row);
		else if (row_skip(row, '\n'))
			read_documents(row);
		else
			return;
	}
}

/* The patterns of a case, up to their ). False: there are none, and that is the end of the case. */
static bool read_patterns(struct row *row)
{
	bool opened = row_skip(row, '(');

	row_skip_blanks(row);
	for (bool first = true;; first = false) {
		struct word_state word = read_word_as(row, ROLE_PATTERN);
		if (first && !opened && !word.quoted && word_is(&word, "esac"))
			return false;
		row_skip_blanks(row);
		if (row_skip(row, ')'))
			return true;
		if (!row_skip(row, '|')) {
			row_fail(row, row_offset(row), "the patterns of a case do not end with )");
			return false;
		}
		row_skip_blanks(row);
	}
}

/* From behind the word case on. */
static void read_case(struct row *row)
{
	size_t opened = row_offset(row);

	row_skip_blanks(row);
	read_word_as(row, ROLE_SUBJECT);
	skip_lines(row);
	struct word_state in = read_word_as(row, ROLE_VARIABLE);
	if (!word_is(&in, "in") || in.quoted) {
		row_fail(row, opened, "a case has no in");
		return;
	}
	if (!row_enter(row))
		return;
	for (bool more = true; more;) {
		skip_lines(row);
		if (row_peek(row, 0) == CODE_END)
			row_fail(row, opened, "a case has no esac");
		more = !row->reading->failed && read_patterns(row);
		if (more) {
			read_list(row, LIST_CASE);
			/* LIST_CASE ends at the ;; or before the esac. */
		}
	}
	row_leave(row);
}

/* From behind the word for, or select, on. */
static void read_for(struct row *row, struct command_state *command)
{
	size_t opened = row_offset(row);

	row_skip_blanks(row);
	if (row_skip(row, '(')) {
		if (!row_skip(row, '(') || !read_arithmetic(row, ')'))
			row_fail(row, opened, "for (( does not end with ))");
		return;
	}
	struct word_state name = read_word_as(row, ROLE_VARIABLE);
	if (!word_is_name(&name) || name.quoted)
		row_fail(row, opened, "for, or select, has no name of a variable behind it");
	give_unseen(row, name.literal, name.at);
	skip_lines(row);
	int after_name = row_peek(row, 0), after = row_peek(row, 2);
	if (row_peek(row, 0) == 'i' && row_peek(row, 1) == 'n' &&
	    (after == ' ' || after == '\t' || after == '\n' || after == ';' || after == '\\')) {
		row_next(row);
		row_next(row);
		command->named = true;
	} else {
		/* There may be more names in zsh, or words in parentheses. */
		if (row->reading->text->language == LANGUAGE_ZSH && !strchr(";d", after_name))
			row_doubt(row, "in or behind a for that only zsh knows");
		row->reading->words->takes_parameters = true;
	}
}

/* Reads a word of [[ ]], and keeps arithmetic from being made of text. */
static bool read_test_word(struct row *row, struct word_state *last)
{
	struct word_state word = {.role = ROLE_TEST, .regex = word_is(last, "=~")};

	read_word(row, &word);
	take_test_operand(row, last, &word);
	*last = word;
	return word_is(&word, "]]") && !word.quoted;
}

/* From behind the word [[ on. */
static void read_test(struct row *row)
{
	struct word_state last = {.role = ROLE_TEST};
	size_t opened = row_offset(row);

	for (;;) {
		skip_lines(row);
		int code = row_peek(row, 0);
		if (code == CODE_END) {
			row_fail(row, opened, "[[ has no ]]");
			return;
		}
		bool is_word = code >= CODE_SPAN || !strchr("()&|<>;", code);
		/* An expression may begin with a parenthesis. */
		if (word_is(&last, "=~") && code == '(')
			is_word = true;
		if (!is_word)
			row_next(row);
		else if (read_test_word(row, &last))
			return;
	}
}

/* --- lists --- */

static const char function_name[] = "in the name of a function";

/* Reads what belongs to the reserved word. False: it is none. */
static bool read_reserved(
    struct row *row, const struct word_state *word, struct command_state *command)
{
	/* Behind these a command begins, and behind those one has ended. */
	static const char *const begins[] = {
	    "!", "{", "do", "else", "elif", "if", "then", "time", "until", "while", "coproc", NULL};
	static const char *const ends[] = {"}", "done", "fi", NULL};
	static const char *const opens[] = {"{", "do", "if", NULL};
	static const char *const own_of_zsh[] = {"foreach", "repeat", "always", NULL};

	if (word->quoted)
		return false;
	if (word_is(word, "for") || word_is(word, "select")) {
		read_for(row, command);
		return true;
	}
	if (row->reading->text->language == LANGUAGE_ZSH && word_is_one_of(word, own_of_zsh)) {
		row_doubt(row, "in or behind a loop, or the like, that only zsh knows");
		return true;
	}
	if (word_is(word, "function")) {
		row->reading->words->takes_parameters = true;
		row_skip_blanks(row);
		struct word_state name = read_word_as(row, ROLE_VARIABLE);
		refuse_evaluated(row, name.first_span, name.end_span, function_name);
		return true;
	}
	bool closes = word_is_one_of(word, ends);
	row->reading->open += word_is_one_of(word, opens);
	row->reading->open -= closes && row->reading->open > 0;
	if (word_is_one_of(word, begins))
		return true;
	if (word_is(word, "case"))
		read_case(row);
	else if (word_is(word, "[["))
		read_test(row);
	else if (!closes)
		return false;
	command->named = command->closed = true;
	return true;
}

/* The word is the name of a command. */
static void take_name(struct row *row, const struct word_state *word, struct command_state *command)
{
	static const char *const takers[] = {
	    "set", "shift", "eval", ".", "source", "getopts", NULL};

	if (word_is_one_of(word, takers))
		row->reading->words->takes_parameters = true;
	if (word_is(word, "zmodload"))
		row_doubt(row, "behind zmodload, which adds commands that are not known");
	command->builtin = builtin_begin(row, word);
	command->named = true;
}

/* The placeholder that was added has to be an argument of a command that is not over. */
static void check_appended(struct row *row, size_t before, const struct command_state *command)
{
	const struct reading *reading = row->reading;

	if (!reading->text->appended || reading->failed || reading->placed == before ||
	    reading->placed < reading->text->span_count)
		return;
	if (command->closed || !command->named || reading->open > 0)
		row_fail(row, reading->text->spans[reading->text->span_count - 1].at,
		    "nothing at the end of the command takes an argument");
}

/* Is the word the number of a descriptor, with a redirection behind it? */
static bool is_descriptor(const struct row *row, const struct word_state *word)
{
	int next = row_peek(row, 0);

	return (next == '<' || next == '>') && !word->quoted && word->length > 0 &&
	       strspn(word->literal, "0123456789") == word->length;
}

/* A word of a command. Returns false when it is the esac that ends a list. */
static bool read_command_word(struct row *row, struct command_state *command, enum list_end end)
{
	struct word_state word = {.role = command->named ? ROLE_ARGUMENT : ROLE_NAME};
	size_t at = row->at, placed = row->reading->placed;

	read_word(row, &word);
	check_appended(row, placed, command);
	if (is_descriptor(row, &word))
		return true;
	if (row->at == at && !row->reading->failed)
		row_fail(row, row_offset(row), "a command cannot go on like this");
	row_add_plain(row, CODE_END);
	if (command->named) {
		if (!builtin_take(row, &command->builtin, &word))
			take_name(row, &word, command);
		return true;
	}
	command->name = word;
	if (word.role == ROLE_ASSIGNMENT) {
		row_note_syntax(row);
		give_value(row, word.literal, word.first_span, word.end_span);
	}
	if (end == LIST_CASE && !word.quoted && word_is(&word, "esac")) {
		row->at = at;
		return false;
	}
	if (read_reserved(row, &word, command))
		row_note_syntax(row);
	else if (word.role == ROLE_NAME)
		take_name(row, &word, command);
	return true;
}

/* A ( that is not within a word: commands, arithmetic, or a function. */
static void read_open(struct row *row, struct command_state *command)
{
	size_t opened = row_offset(row);

	row_next(row);
	if (row_peek(row, 0) == ')') {
		row_next(row);
		row->reading->words->takes_parameters = true;
		refuse_evaluated(
		    row, command->name.first_span, command->name.end_span, function_name);
		*command = (struct command_state){.named = false};
		return;
	}
	if (command->named)
		row_doubt(row, "in or behind a ( that is in the way of a word");
	if (row_peek(row, 0) == '\\' || (row_peek(row, 0) == '(' && !row_is_bash(row)))
		row_doubt_in_sh(
		    row, "in or behind a ((, which not every sh knows (for commands write ( ()");
	if (row_skip(row, '(') && row_enter(row)) {
		if (!read_arithmetic(row, ')'))
			row_fail(row, opened, "(( does not end with )): write ( ( for commands");
		row_leave(row);
	} else {
		read_nested(row, opened);
	}
	command->named = command->closed = true;
}

/* Reads what is between two commands. False: it is the end of the list. */
static bool read_separator(struct row *row, struct command_state *command, enum list_end end)
{
	int code = row_peek(row, 0), next = row_peek(row, 1);

	*command = (struct command_state){.named = false};
	if (end == LIST_CASE && code == ';' && (next == ';' || next == '&' || next == '|')) {
		row_next(row);
		row_next(row);
		row_skip(row, '&');
		return false;
	}
	row_next(row);
	if (code == '\n')
		read_documents(row);
	return true;
}

void read_list(struct row *row, enum list_end end)
{
	struct command_state command = {.named = false};
	bool more = true;

	while (more) {
		row_skip_blanks(row);
		int code = row_peek(row, 0), next = row_peek(row, 1);
		bool nests = next == '(' && (code == '<' || code == '>');
		if (code == CODE_END || (code == ')' && end == LIST_PAREN))
			break;
		if (code < CODE_SPAN && strchr("#()<>&;|\n", code))
			row_note_syntax(row);
		if (code == '#')
			row_skip_comment(row);
		else if (code == ')')
			row_fail(row, row_offset(row), "a ) has no (");
		if (code == '(')
			read_open(row, &command);
		else if ((code == '<' || code == '>') && !nests)
			read_redirection(row);
		else if (code == '&' && next == '>')
			row_next(row);
		else if (code == ';' || code == '&' || code == '|' || code == '\n')
			more = read_separator(row, &command, end);
		else if (code != '#')
			more = read_command_word(row, &command, end);
	}
	if (row->pending_count > row->pending_outer && end == LIST_ROW)
		row_fail(row, row_offset(row), "a here-document does not end");
}
