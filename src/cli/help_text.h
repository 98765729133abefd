/*
 * help_text: what the manual says about each option, for --help.
 *
 * The texts are made from the section OPTIONS of man/pexec.1 when pexec is built, by
 * dist/help-texts.
 */
#ifndef PEXEC_CLI_HELP_TEXT_H
#define PEXEC_CLI_HELP_TEXT_H

struct help_text {
	const char *name; /* the first long name of the option */
	const char *text; /* words with single blanks between them; a newline ends a paragraph */
};

/* Ends with one that has no name. */
extern const struct help_text help_texts[];

#endif
