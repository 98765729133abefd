/*
 * verdict: how many jobs may start beside those that run, as one or several conditions see it.
 *
 * Each condition makes the verdict narrower, never wider: begin with verdict_open, and hand it from
 * one to the next.
 */
#ifndef PEXEC_PACE_VERDICT_H
#define PEXEC_PACE_VERDICT_H

#include <stdbool.h>

/* A reason has this much room. */
enum { VERDICT_REASON = 96 };

/* So many more are as many as there can be. */
enum { VERDICT_ANY = 1 << 30 };

struct verdict {
	bool closed;                 /* none may start, not even in the place of one that ends */
	int more;                    /* so many may start; below 1 that many have to end first */
	char reason[VERDICT_REASON]; /* why none may: "memory: 1.2 of 2 GiB"; empty: some may */
};

/* What holds without any condition. */
struct verdict verdict_open(void);

/* At most `more` may start; where that is none, the first reason that is given is kept. */
void verdict_bound(struct verdict *verdict, double more, const char *reason);

/* None may start. */
void verdict_close(struct verdict *verdict, const char *reason);

#endif
