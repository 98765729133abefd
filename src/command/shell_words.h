/*
 * shell_words: reads a command as a shell would, and tells for each placeholder in it how a value
 * can stand there, so that it is one value and never text of the command.
 *
 * The text itself stays as it is but for the placeholders. In the place of each comes a positional
 * parameter, in a form that its surroundings demand: "$1" bare, ${1} within double quotes, '"$1"'
 * within single ones. Where no form is right in every shell that may read the text, that is an
 * error: there are no guesses.
 *
 * Nothing here knows what placeholders look like: who calls has found them.
 */
#ifndef PEXEC_COMMAND_SHELL_WORDS_H
#define PEXEC_COMMAND_SHELL_WORDS_H

#include <stdbool.h>
#include <stddef.h>

/*
 * The language of the text. In that of sh only what all of these shells read alike is certain: a
 * system's sh may be any of them. LANGUAGE_SMALL: the same text, and a shell that evaluates no
 * value but in $(( )), like dash.
 */
enum shell_language {
	LANGUAGE_SH,
	LANGUAGE_BASH,
	LANGUAGE_ZSH,
	LANGUAGE_KSH,
	LANGUAGE_SMALL,
	LANGUAGE_NONE
};

/*
 * The language of a shell by its name, which may be a path. LANGUAGE_NONE: it is a shell of another
 * kind, like fish or csh, that has no positional parameters such as these.
 */
enum shell_language shell_words_language(const char *shell);

/* A placeholder. */
struct shell_span {
	size_t at, length; /* in bytes of the text */
	bool number;       /* its value is always a number */
	bool several;      /* it may stand for several values: its word is repeated for each */
};

/* What is read. */
struct shell_text {
	const char *bytes;
	size_t length;
	const struct shell_span *spans; /* in their order, and apart from each other */
	size_t span_count;
	enum shell_language language;
	bool appended; /* the last placeholder was added: it has to be an argument of its own */
	bool joined;   /* values stand side by side, and no word is repeated for each */
};

/* How a value is put in the place of a placeholder. */
enum shell_form {
	FORM_NONE,   /* not at all: it stands in a comment */
	FORM_BARE,   /* "$1" */
	FORM_QUOTED, /* ${1}: double quotes are around it, or it is in a here-document */
	FORM_SINGLE, /* '"$1"' */
	FORM_ANSI    /* '"$1"$': the single quotes are those of $'...' */
};

/* The place of a placeholder. */
struct shell_place {
	enum shell_form form;
	/*
	 * It stands in arithmetic. Some shells evaluate what a value is made of, and run commands
	 * in it: the value has to be an integer, and the script has to check that.
	 */
	bool arithmetic;
};

/*
 * Where a $( ) that has a value in it stands in arithmetic, what is between its parentheses begins
 * or ends: what it prints is evaluated like a value, and the script has to look at that.
 */
struct shell_guard {
	size_t at; /* in bytes of the text */
	bool ends;
};

/* A word that is repeated for each of several values. */
struct shell_group {
	size_t begin, end; /* in bytes of the text */
};

/*
 * Codes of a text that has been taken apart: bytes are from 0 to 255, from CODE_SPAN on are
 * placeholders, by their index. CODE_END: of what is read.
 */
enum { CODE_END = -1, CODE_SPAN = 256 };

struct shell_words {
	struct shell_place *places; /* one for each placeholder */
	struct shell_group *groups; /* in the order of the text, none within another */
	size_t group_count;
	struct shell_guard *guards; /* in the order of the text */
	size_t guard_count;
	/*
	 * The text may have a use of its own for positional parameters, or change them: functions,
	 * set, $@. The script has to keep the values elsewhere.
	 */
	bool takes_parameters;
	/*
	 * The words of a text that is one command, and plain: to each of them a shell does nothing
	 * but take its quotes away. Of each word the codes without them, and a CODE_END. None: the
	 * text is another one.
	 */
	int *plain;
	size_t plain_count;
};

/* Why a text cannot be a script. */
struct shell_error {
	const char *reason; /* completes "stands ..." with a placeholder, else a sentence */
	size_t at;          /* in bytes of the text */
	bool has_span;      /* it is about the placeholder `span` */
	bool bash_takes_it; /* in the language of bash it would be none */
	size_t span;
};

/*
 * Reads a text. Returns false with `error` when a placeholder stands where no value can; memory
 * that runs out is such an error, too. Call shell_words_free in either case.
 */
bool shell_words_read(
    const struct shell_text *text, struct shell_words *words, struct shell_error *error);

void shell_words_free(struct shell_words *words);

#endif
