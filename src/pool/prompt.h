/*
 * prompt: asks the user, on the terminal, whether a command is to be run.
 */
#ifndef PEXEC_POOL_PROMPT_H
#define PEXEC_POOL_PROMPT_H

#include <stddef.h>

#include "pace/run_state.h"

enum answer {
	ANSWER_YES,
	ANSWER_NO,   /* or the run ends meanwhile */
	ANSWER_NONE, /* there is no terminal to read from: errno tells */
};

/*
 * Prints the command in `line` to stderr, and waits for a line of the terminal: y or Y at its
 * beginning means yes. One slot asks at a time; the others wait.
 */
enum answer prompt_ask(const struct run_state *state, const char *line, size_t length);

#endif
