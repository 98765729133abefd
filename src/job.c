#include "job.h"

#include <stddef.h>
#include <stdlib.h>

struct job *job_new(atomic_size_t *budget)
{
	struct job *job = calloc(1, sizeof *job);

	if (!job)
		return NULL;
	capture_init(&job->capture, budget);
	job->attempt = 1;
	return job;
}

void job_clear_outcome(struct job *job)
{
	job->failed = job->timed_out = job->interrupted = job->cut_short = false;
	job->started = job->runtime = job->user_time = job->system_time = 0;
	job->exit_value = job->signal = 0;
	job->max_rss = 0;
}

void job_clear(struct job *job)
{
	words_clear(&job->items);
	words_clear(&job->split);
	capture_clear(&job->capture);
	job->problem = NULL;
	words_clear(&job->command);
	job->attempt = 1;
	job->finished = false;
	job_clear_outcome(job);
}

size_t job_bytes(const struct job *job)
{
	const struct words *const lists[] = {&job->items, &job->split, &job->tag, &job->command};
	size_t bytes = sizeof *job;

	for (size_t i = 0; i < sizeof lists / sizeof *lists; i++)
		bytes += lists[i]->room + lists[i]->marks * sizeof *lists[i]->start;
	return bytes;
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
	words_free(&job->command);
	capture_free(&job->capture);
	free(job);
}
