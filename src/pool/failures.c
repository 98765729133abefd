#include "pool/failures.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/escape.h"

void failures_init(struct failures *failures)
{
	*failures = (struct failures){.unsaid = 0};
	lock_init(&failures->lock, LOCK_PROGRESS);
}

void failures_free(struct failures *failures)
{
	ranking_free(&failures->first);
	lock_destroy(&failures->lock);
}

/*
 * Is the exit status all that tells of the failure? What else there is has had a message, and so
 * has a job whose command could not be run.
 */
static bool is_unsaid(const struct job_record *record)
{
	return record->has_run && record->exit_value > 0 && !record->signal && !record->timed_out;
}

/* What the line says of a job, in memory of its own; NULL without memory. */
static char *describe(const struct job_record *record)
{
	char item[ESCAPED], how[32] = "ended", *text;

	if (record->timed_out)
		strlcpy(how, "timed out", sizeof how);
	else if (record->signal)
		snprintf(how, sizeof how, "signal %d", record->signal);
	else if (record->exit_value > 0)
		snprintf(how, sizeof how, "exit %d", record->exit_value);
	escape_item(item, record->items, 0);
	return asprintf(&text, "%" PRIu64 " (%s: %s)", record->seq, item, how) < 0 ? NULL : text;
}

/* Keeps a job if it is one of the first. With the lock held. */
static void keep(struct failures *failures, const struct job_record *record)
{
	double rank = -(double)record->seq; /* the lowest number stands first */
	size_t place = ranking_place(&failures->first, rank);
	char *text = place < RANKED ? describe(record) : NULL;

	if (text)
		ranking_put(&failures->first, place, (struct ranked_job){rank, record->seq, text});
}

void failures_add(struct failures *failures, const struct job_record *record)
{
	lock_take(&failures->lock);
	failures->unsaid += is_unsaid(record);
	keep(failures, record);
	lock_release(&failures->lock);
}

void failures_take_back(struct failures *failures, const struct job_record *record)
{
	lock_take(&failures->lock);
	failures->unsaid -= is_unsaid(record);
	ranking_take_off(&failures->first, record->seq);
	lock_release(&failures->lock);
}

bool failures_are_unsaid(const struct failures *failures)
{
	return failures->unsaid > 0;
}

const char *failures_text(const struct failures *failures, uint64_t count, char text[FAILURES_TEXT])
{
	const struct ranked_job *first = failures->first.jobs;
	size_t named = 0;

	*text = '\0';
	for (; named < RANKED && first[named].text; named++) {
		strlcat(text, named > 0 ? ", " : "", FAILURES_TEXT);
		strlcat(text, first[named].text, FAILURES_TEXT);
	}
	if (named < count)
		strlcat(text, named > 0 ? ", ..." : "...", FAILURES_TEXT);
	return text;
}
