/*
 * variables: the variables that pexec sets in the environment of what it runs.
 */
#ifndef PEXEC_PROCESS_JOB_ENVIRONMENT_H
#define PEXEC_PROCESS_JOB_ENVIRONMENT_H

#include <stddef.h>

enum variable {
	VARIABLE_SEQ,
	VARIABLE_SLOT,
	VARIABLE_ATTEMPT,
	VARIABLE_ITEM,
	VARIABLE_STATUS,
	VARIABLES
};

/* Their names, with the = behind each. */
extern const char *const variable_names[VARIABLES];

/*
 * Our environment as a vector to be freed, without these variables: a pexec around this one may
 * have set them. It has `count` entries, NULLs behind them, and room for all the variables and one
 * NULL. Returns NULL without memory.
 */
char **job_environment(size_t *count);

#endif
