#include "job.h"

#include <stddef.h>
#include <stdlib.h>

struct job *job_new(atomic_size_t *budget)
{
	struct job *job = calloc(1, sizeof *job);

	if (job)
		capture_init(&job->capture, budget);
	return job;
}

void job_clear(struct job *job)
{
	words_clear(&job->items);
	words_clear(&job->split);
	capture_clear(&job->capture);
	job->problem = NULL;
	job->failed = false;
}

struct job *job_of(struct capture *capture)
{
	return (struct job *)((char *)capture - offsetof(struct job, capture));
}

void job_free(struct job *job)
{
	if (!job)
		return;
	words_free(&job->items);
	words_free(&job->split);
	words_free(&job->tag);
	capture_free(&job->capture);
	free(job);
}
