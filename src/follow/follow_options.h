/*
 * follow_options: the file that is followed, and what is kept of where jobs come from in it.
 */
#ifndef PEXEC_FOLLOW_FOLLOW_OPTIONS_H
#define PEXEC_FOLLOW_FOLLOW_OPTIONS_H

#include <stdbool.h>

struct follow_options {
	const char *name;    /* of the file; "-" is standard input */
	char delimiter;      /* ends a record */
	const char *journal; /* --joblog; NULL: there is none */
	bool keeps_place;    /* where jobs come from is kept, in a file beside the journal */
	bool sync;           /* what is kept is safe from a power cut */
	bool resumes;        /* an earlier run is gone on with */
	bool dry_run;        /* nothing is written */
};

#endif
