#include "queue/job.h"

#include <assert.h>
#include <stdlib.h>

struct job *job_new(struct memory_budget *budget)
{
	struct job *job = calloc(1, sizeof *job);

	if (!job)
		return NULL;
	job_output_init(&job->output, budget);
	block_init(&job->block);
	job->record.items = job->record.columns = &job->items;
	job->record.attempt = 1;
	return job;
}

void job_set_problem(struct job *job, enum problem problem, size_t size, size_t limit)
{
	job->problem = problem;
	job->problem_size = size;
	job->problem_limit = limit;
	job->record.unfit =
	    problem != PROBLEM_NONE && problem != PROBLEM_COLUMNS && problem != PROBLEM_CSV;
}

void job_clear_outcome(struct job *job)
{
	struct job_record *record = &job->record;

	record->failed = record->has_run = record->timed_out = false;
	record->started_s = record->runtime_s = record->user_s = record->system_s = 0;
	record->exit_value = record->signal = 0;
	record->max_rss_kib = 0;
	record->stdout_bytes = 0;
}

void job_drop_items(struct job *job)
{
	strlist_clear(&job->items);
	strlist_clear(&job->split);
	block_drop(&job->block);
	job_set_problem(job, PROBLEM_NONE, 0, 0);
}

void job_clear(struct job *job)
{
	assert(!job->in_order);
	job_drop_items(job);
	strlist_clear(&job->record.command);
	strlist_clear(&job->record.results_name);
	job_output_clear(&job->output);
	job->record.columns = &job->items;
	job->record.attempt = 1;
	job->record.is_begun = false;
	job->over = job->left_out = job->put_back = false;
	job_clear_outcome(job);
}

static size_t strlist_bytes(const struct strlist *list)
{
	return list->room + list->marks * sizeof *list->start;
}

size_t job_bytes(const struct job *job)
{
	/* Of a file that the user has named nothing is kept. */
	size_t block = job->block.is_whole ? job->block.length : 0;

	return sizeof *job + block + strlist_bytes(&job->items) + strlist_bytes(&job->split) +
	       strlist_bytes(&job->tag) + strlist_bytes(&job->record.command);
}

void job_free(struct job *job)
{
	if (!job)
		return;
	assert(!job->in_order);
	block_drop(&job->block);
	strlist_free(&job->items);
	strlist_free(&job->split);
	strlist_free(&job->tag);
	strlist_free(&job->record.command);
	strlist_free(&job->record.results_name);
	job_output_free(&job->output);
	free(job);
}
