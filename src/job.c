#include "job.h"

#include <stddef.h>
#include <stdlib.h>

struct job *job_new(struct reserve *reserve)
{
	struct job *job = calloc(1, sizeof *job);

	if (!job)
		return NULL;
	capture_init(&job->capture, reserve);
	job->attempt = 1;
	return job;
}

struct job *job_another(const struct job *job)
{
	return job_new(job->capture.streams[0].store.reserve);
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
	job->problem = PROBLEM_NONE;
	words_clear(&job->command);
	job->attempt = 1;
	job->finished = false;
	job_clear_outcome(job);
}

static size_t words_bytes(const struct words *words)
{
	return words->room + words->marks * sizeof *words->start;
}

size_t job_bytes(const struct job *job)
{
	return sizeof *job + words_bytes(&job->items) + words_bytes(&job->split) +
	       words_bytes(&job->tag) + words_bytes(&job->command);
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
