#include "queue/job.h"

#include <stddef.h>
#include <stdlib.h>

struct job *job_new(struct memory_budget *budget)
{
	struct job *job = calloc(1, sizeof *job);

	if (!job)
		return NULL;
	job_output_init(&job->output, budget);
	job->attempt = 1;
	return job;
}

struct job *job_another(const struct job *job)
{
	return job_new(job->output.streams[0].spool.budget);
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
	strlist_clear(&job->items);
	strlist_clear(&job->split);
	job_output_clear(&job->output);
	job->problem = PROBLEM_NONE;
	strlist_clear(&job->command);
	job->attempt = 1;
	job->finished = false;
	job_clear_outcome(job);
}

static size_t strlist_bytes(const struct strlist *words)
{
	return words->room + words->marks * sizeof *words->start;
}

size_t job_bytes(const struct job *job)
{
	return sizeof *job + strlist_bytes(&job->items) + strlist_bytes(&job->split) +
	       strlist_bytes(&job->tag) + strlist_bytes(&job->command);
}

struct job *job_of(struct job_output *output)
{
	return (struct job *)((char *)output - offsetof(struct job, output));
}

void job_free(struct job *job)
{
	if (!job)
		return;
	strlist_free(&job->items);
	strlist_free(&job->split);
	strlist_free(&job->tag);
	strlist_free(&job->command);
	job_output_free(&job->output);
	free(job);
}
