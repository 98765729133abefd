/*
 * ending_text: how a run ended, in words.
 */
#ifndef PEXEC_POOL_ENDING_TEXT_H
#define PEXEC_POOL_ENDING_TEXT_H

#include "pace/run_state.h"
#include "pool/progress.h"

/* How a run came to its end, beside its state. */
struct run_end {
	int signal;       /* that pexec dies of; 0: none */
	int status;       /* the exit status */
	const char *rest; /* what is left, in words, or "" */
};

/* Writes it to `text`, a buffer of ENDING_TEXT bytes. Returns it. */
enum { ENDING_TEXT = 384 };
const char *ending_text(char text[ENDING_TEXT], struct run_state *state,
    const struct progress *progress, const struct run_end *end);

#endif
