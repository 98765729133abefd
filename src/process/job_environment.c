#include "process/job_environment.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

const char *const variable_names[VARIABLES] = {
    "PEXEC_SEQ=", "PEXEC_SLOT=", "PEXEC_ATTEMPT=", "PEXEC_ITEM=", "PEXEC_STATUS=", "PEXEC_JOB=",
    "PEXEC_BLOCK_BYTES=", "PEXEC_BLOCK_OFFSET=", "PEXEC_WANTED="};

static bool is_ours(const char *variable)
{
	for (size_t i = 0; i < VARIABLES; i++)
		if (strncmp(variable, variable_names[i], strlen(variable_names[i])) == 0)
			return true;
	return false;
}

char **job_environment(size_t *count, bool all)
{
	size_t ours = 0;

	while (environ[ours])
		ours++;
	char **inherited = calloc(ours + VARIABLES + MORE_VARIABLES + 1, sizeof *inherited);
	*count = 0;
	for (size_t i = 0; inherited && i < ours; i++)
		if (all || !is_ours(environ[i]))
			inherited[(*count)++] = environ[i];
	return inherited;
}
