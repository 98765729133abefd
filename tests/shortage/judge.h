/*
 * What must be true of a run whose calls have failed. One of two: everything was done, once, and
 * the status is that of a run without a fault; or a message tells what is wrong, and the status is
 * another one. Never a hang, never silence, never a job twice; nothing is left behind.
 */
#ifndef SHORTAGE_JUDGE_H
#define SHORTAGE_JUDGE_H

#include "trial.h"

enum { JUDGE_TEXT = 1500 };

/* What is wrong, each with a semicolon behind it. */
struct verdict {
	char text[JUDGE_TEXT];
	size_t length; /* 0: it holds */
};

/* Judges a run that has just ended. `descriptors` are those open at its end without a fault; -1:
 * unknown. In a mode with a journal that run is then resumed, and judged with it. */
void judge(
    struct verdict *verdict, struct trial *trial, const struct trial_place *place, int descriptors);

/* The first of pexec's messages, for the user to see; to be freed. */
char *judge_message(const struct trial_place *place, const struct mode *mode);

#endif
