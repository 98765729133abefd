#include "process/job_mark.h"

#include <inttypes.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "base/random.h"
#include "process/job_environment.h"

void job_mark_make_run(char mark[JOB_MARK_ROOM])
{
	snprintf(mark, JOB_MARK_ROOM, "%s%016" PRIx64 ".", variable_names[VARIABLE_JOB],
	    random_number());
}

void job_mark_make(char mark[JOB_MARK_ROOM], const char *run, uint64_t seq)
{
	snprintf(mark, JOB_MARK_ROOM, "%s%" PRIu64, run, seq);
}

uint64_t job_mark_seq(const char *mark, const char *run)
{
	size_t length = strlen(run);
	uint64_t seq = 0;

	if (strncmp(mark, run, length) != 0)
		return 0;
	for (mark += length; *mark >= '0' && *mark <= '9'; mark++)
		seq = seq * 10 + (uint64_t)(*mark - '0');
	return *mark == '\0' ? seq : 0;
}
