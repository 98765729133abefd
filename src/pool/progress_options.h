/*
 * progress_options: whether the user sees how far the run is while it goes.
 */
#ifndef PEXEC_POOL_PROGRESS_OPTIONS_H
#define PEXEC_POOL_PROGRESS_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>

enum progress_kind {
	PROGRESS_NONE,
	PROGRESS_SHOWN,   /* a line in the terminal; where there is none, one now and then */
	PROGRESS_KEPT,    /* and in the end it stays */
	PROGRESS_TERMINAL /* in a terminal only */
};

struct progress_options {
	enum progress_kind kind;
	uint64_t total; /* jobs there will be, by the user; 0: what is known of the queue counts */
	long long every_ms; /* between two lines where there is no terminal; 0: ever more */
};

#endif
