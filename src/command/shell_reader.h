/*
 * shell_reader: what the parts of the reader of shell_words have in common. Nobody else includes
 * it.
 *
 * shell_words.c keeps what is found out, shell_grammar.c reads commands, shell_document.c
 * here-documents, shell_word.c words, and shell_expansions.c what is inside these: quotes, $ and
 * backquotes. shell_builtins.c knows what commands evaluate, shell_variables.c what variables do,
 * and shell_arithmetic.c what is done about it.
 *
 * A text is read as a row of codes: bytes, and placeholders, which are opaque. Backquotes make a
 * row of their own of what is between them, with the backslashes gone that only they need; each
 * code knows where in the text it came from.
 *
 * Whatever is wrong makes the row end at once, so that each loop ends that looks for its end.
 */
#ifndef PEXEC_COMMAND_SHELL_READER_H
#define PEXEC_COMMAND_SHELL_READER_H

#include "command/shell_words.h"

struct unit {
	int code;
	size_t at; /* where it begins in the text; where it ends is where the next one begins */
};

/* A $( ), or backquotes, with placeholders in it. */
struct substitution {
	size_t begin, end;           /* of what is in it, in bytes of the text */
	size_t first_span, end_span; /* the placeholders in it */
	bool backquoted;
	bool guarded; /* what it prints is evaluated */
};

/* What is common to all rows of a text. */
struct reading {
	const struct shell_text *text;
	struct shell_words *words;
	struct shell_error *error;
	size_t placed;      /* placeholders so far: they come in their order */
	size_t groups_room; /* of words->groups */
	struct substitution
	    *substitutions; /* that have ended: the outer one behind its inner ones */
	size_t substitution_count, substitutions_room;
	unsigned depth;        /* how deep constructs are nested */
	unsigned open;         /* { and do and if without their end */
	bool has_syntax;       /* it is more than one command of plain words */
	bool failed;           /* `error` is set */
	const char *uncertain; /* from here on shells differ; NULL: they do not */
	bool large_is_certain; /* they do not where the shell is bash, ksh or zsh */
};

/* What a word is for. */
enum role {
	ROLE_NAME,       /* it may be the name of a command, a reserved word or an assignment */
	ROLE_ARGUMENT,   /* it may be repeated */
	ROLE_ASSIGNMENT, /* found out while it is read */
	ROLE_TARGET,     /* of a redirection */
	ROLE_DELIMITER,  /* of a here-document */
	ROLE_SUBJECT,    /* of case */
	ROLE_PATTERN,    /* of case */
	ROLE_TEST,       /* in [[ ]] */
	ROLE_VARIABLE    /* the name after for */
};

enum { LITERAL_BYTES = 64 };

/* What of the text of a word is not known before it runs. Of several things the last one here. */
enum unknown {
	KNOWN,
	UNKNOWN_VALUE,  /* an expansion within double quotes: a part of this word, whatever it is */
	UNKNOWN_WORDS,  /* one that is not: it may as well be no word, or several */
	UNKNOWN_WRITTEN /* braces, a pattern, escapes: the text itself says other words */
};

/* In the text of a word without quotes: a placeholder stands there, or what has one in it. */
enum { LITERAL_SPAN = 1 };

/* A word while it is read, and what it was. */
struct word_state {
	enum role role;
	size_t at;                   /* where in the text it begins */
	size_t first_span, end_span; /* placeholders before it, and with it */
	bool several;                /* a placeholder for several values stands in it */
	bool quoted;                 /* something in it is quoted or expanded */
	bool regex;                  /* behind =~, where ( and | are no operators */
	bool is_indexed; /* the placeholder `index` is the subscript of what it assigns to */
	size_t index;
	bool in_array;               /* an element of name=( ) */
	bool arithmetic;             /* its value is evaluated */
	char literal[LITERAL_BYTES]; /* its text without quotes, as far as it has room */
	size_t length;  /* of the text without quotes, of which `literal` may be a part */
	size_t certain; /* of this, what comes before a placeholder and all that `unknown` tells */
	enum unknown unknown;
};

/* A here-document whose text has not come yet. */
struct pending_document {
	char end[LITERAL_BYTES];
	bool quoted, strips_tabs;
};
enum { MOST_PENDING = 16 };

struct row {
	struct reading *reading;
	const struct unit *units; /* `end` and one more, which is where the row ends */
	size_t at, end;
	struct word_state *word; /* that a placeholder belongs to; NULL: none */
	bool in_document;        /* of a here-document */
	struct pending_document pending[MOST_PENDING];
	unsigned pending_count, pending_outer; /* of these, that the line outside has */
};

/* What ends a list of commands. */
enum list_end {
	LIST_ROW,   /* the end of the row */
	LIST_PAREN, /* a ) */
	LIST_CASE   /* ;; or esac */
};

/* --- shell_words.c --- */

/* The code so many places ahead, and whether it is a placeholder. */
int row_peek(const struct row *row, size_t ahead);
bool row_at_span(const struct row *row);

/* Where in the text the row is, and where the code before is, which has been read. */
size_t row_offset(const struct row *row);
size_t row_before(const struct row *row);

/* Moves on, and skips a code if it is this one. */
void row_next(struct row *row);
bool row_skip(struct row *row, int code);

/* The text is wrong there. */
void row_fail(struct row *row, size_t at, const char *reason);

/* Shells differ about what follows: each placeholder from here on is an error with this reason. */
void row_doubt(struct row *row, const char *reason);

/* The same of what bash and the like would read for certain: the error says so. */
void row_doubt_in_sh(struct row *row, const char *reason);

/* Takes the placeholder here into its place, and moves on. */
void row_place(struct row *row, enum shell_form form);

/* The placeholder here, or so many codes ahead, can have no value: an error names the place. */
void row_refuse(struct row *row, const char *reason);
void row_refuse_at(struct row *row, size_t ahead, const char *reason);

/* The same of a placeholder that has its place already. */
void row_refuse_placed(struct row *row, size_t span, const char *reason);

/* Adds the bytes that are repeated for each of several values. */
void row_add_group(struct row *row, size_t begin, size_t end);

/* What is here is more than a plain word of one command. */
void row_note_syntax(struct row *row);

/* Adds a code to the plain words. */
void row_add_plain(struct row *row, int code);

/* A backslash has been read: what it stands before is skipped, and cannot be a placeholder. */
void row_skip_escaped(struct row *row);

/* A construct is entered and left. False: too deep. */
bool row_enter(struct row *row);
void row_leave(struct row *row);

bool row_is_bash(const struct row *row); /* or ksh or zsh */

/* The shells that evaluate one thing or another. SHELL_SMALL are dash and the like: nothing. */
enum {
	SHELL_SMALL = 1,
	SHELL_BASH = 2,
	SHELL_KSH = 4,
	SHELL_ZSH = 8,
	SHELL_LARGE = SHELL_BASH | SHELL_KSH | SHELL_ZSH,
	SHELL_ANY = SHELL_LARGE | SHELL_SMALL
};

/* May the text be read by one of these? */
bool row_may_be(const struct row *row, unsigned shells);

/* --- shell_expansions.c --- */

/* Each reads from behind its first byte on. `quoted`: double quotes are around it. */
void read_single(struct row *row, size_t opened);
void read_double(struct row *row, size_t opened);
void read_dollar(struct row *row, bool quoted);
void read_backquote(struct row *row, bool quoted);

/* What `code`, the first byte, begins: a $, a backquote, an escaped byte. False: none of them. */
bool read_expansion(struct row *row, int code, bool quoted);

/* Reads arithmetic up to its end, `close` once or, of a parenthesis, twice. False: it is none. */
bool read_arithmetic(struct row *row, int close);

/* Makes a row of a part of another one: in `units` and from its place on. */
struct row row_part(const struct row *row, const struct unit *units, size_t count);

/* --- shell_word.c --- */

/* What a word was, when it has been read. */
bool word_is(const struct word_state *word, const char *text);
bool word_is_one_of(const struct word_state *word, const char *const *texts);
bool word_is_name(const struct word_state *word);

/* Skips blanks, and line breaks that a backslash takes away; a comment up to the end of its line.
 */
void row_skip_blanks(struct row *row);
void row_skip_comment(struct row *row);

/* Reads a word. What it may be is told by `word`, which then says what it was. */
void read_word(struct row *row, struct word_state *word);
struct word_state read_word_as(struct row *row, enum role role);

/* Reads a list of commands within a word, up to a ), which is skipped. */
void read_nested(struct row *row, size_t opened);

/* --- shell_arithmetic.c --- */

/* Notes a $( ), or backquotes, that have been read: what is in them is from `begin` on. */
void note_substitution(struct row *row, size_t begin, size_t first_span, bool backquoted);

/* These placeholders turn out to be in arithmetic, they or what commands print that have them. */
void place_in_arithmetic(struct row *row, size_t first, size_t end);

/* Where values of these placeholders are evaluated, and may be anything: they are refused. */
void refuse_evaluated(struct row *row, size_t first, size_t end, const char *reason);

/* All has been read: the substitutions whose output is evaluated become guards. */
void make_guards(struct row *row);

/* --- shell_builtins.c --- */

/* A command of the shell that evaluates what it is given, and how far its arguments are read. */
struct builtin_state {
	const struct builtin *builtin; /* NULL: it takes its arguments as they are */
	struct word_state last;        /* the argument before */
	size_t first_span;             /* of its arguments */
	const char *unknown;           /* no value can be beside what has been read; NULL: it can */
	char pending;                  /* the option whose argument comes next; 0: none */
	bool options_over;
	bool declares_number;   /* -i */
	bool declares_compound; /* -a, -A, -n: what is assigned is read as code */
	bool format_evaluates;  /* a format with numbers, or one that is not known */
	bool format_read;
	bool format_is_value; /* it could be an option that takes the name of a variable */
};

/* What is known about the command of this name, which has been read last. */
struct builtin_state builtin_begin(struct row *row, const struct word_state *name);

/* Its next argument has been read. False: it runs another command, whose name the argument is. */
bool builtin_take(struct row *row, struct builtin_state *state, const struct word_state *word);

/* An operand in [[ ]], behind another one: -v, -eq and the like are evaluated. */
void take_test_operand(
    struct row *row, const struct word_state *last, const struct word_state *word);

/* --- shell_variables.c --- */

/*
 * Whatever gives a value to a variable asks one of these two: some variables evaluate it.
 *
 * The placeholders from `first` up to before `end` stand in a value that the variable is given
 * whose name begins the text.
 */
void give_value(struct row *row, const char *text, size_t first, size_t end);

/* The variable, whose name is there, is given what is not seen here: lines that are read, the words
 * of a loop. */
void give_unseen(struct row *row, const char *name, size_t at);

/* --- shell_document.c --- */

/* Reads what is behind <<. */
void announce_document(struct row *row);

/* A line has ended: what it has announced follows. */
void read_documents(struct row *row);

/* --- shell_grammar.c --- */

/* Reads commands up to their end, which LIST_CASE skips. */
void read_list(struct row *row, enum list_end end);

#endif
