/*
 * record: what is kept of the jobs.
 */
#ifndef PEXEC_RECORD_RECORD_H
#define PEXEC_RECORD_RECORD_H

#include <stdbool.h>

#include "record/acknowledge.h"
#include "record/journal.h"

struct record_options {
	struct journal_options journal;
	const char *results;    /* --results: a folder or a table; NULL: neither */
	bool results_are_table; /* `results` names a table (.csv .tsv .json), not a folder */
	struct acknowledge_options acknowledge;
};

#endif
