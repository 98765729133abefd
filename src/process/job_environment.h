/*
 * job_environment: the variables that pexec sets in the environment of the commands that it runs.
 */
#ifndef PEXEC_PROCESS_JOB_ENVIRONMENT_H
#define PEXEC_PROCESS_JOB_ENVIRONMENT_H

#include <stdbool.h>
#include <stddef.h>

enum variable {
	VARIABLE_SEQ,
	VARIABLE_SLOT,
	VARIABLE_ATTEMPT,
	VARIABLE_ITEM,
	VARIABLE_STATUS,
	VARIABLE_JOB, /* no job of another run has the same */
	VARIABLE_BLOCK_BYTES,
	VARIABLE_BLOCK_OFFSET,
	VARIABLE_WANTED, /* for the command of --next alone */
	VARIABLES
};

/* So many others can be added. */
enum { MORE_VARIABLES = 3 };

/* The names of the variables, each with its "=". */
extern const char *const variable_names[VARIABLES];

/*
 * Returns a copy of our environment without these variables, which pexec has when it is itself a
 * job of another pexec; `all`: with them, where jobs get none of ours. The caller frees the vector;
 * its strings are those of environ. It has `count` entries, and behind them VARIABLES +
 * MORE_VARIABLES + 1 that are
 * NULL. Returns NULL with errno when memory runs out.
 */
char **job_environment(size_t *count, bool all);

#endif
