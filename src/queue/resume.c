#include "queue/resume.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "base/message.h"
#include "command/shell_quote.h"
#include "queue/shares.h"
#include "queue/split.h"

/* What jobs that are held back may take of the memory: far more than a run that was broken off can
 * have left out. */
enum { MOST_HELD_BYTES = 64 * 1024 * 1024 };

void resume_init(struct resume_filter *filter, struct journal *journal,
    const struct template *template, const struct queue_options *options, struct ready *ready)
{
	*filter = (struct resume_filter){
	    .journal = journal, .template = template, .options = options, .ready = ready};
	STAILQ_INIT(&filter->held);
}

void resume_destroy(struct resume_filter *filter)
{
	struct job *job;

	while ((job = STAILQ_FIRST(&filter->held))) {
		STAILQ_REMOVE_HEAD(&filter->held, next);
		job_free(job);
	}
	strlist_free(&filter->command);
	strlist_free(&filter->printed);
}

/* Is no job held back? */
static bool is_empty(const struct resume_filter *filter)
{
	return STAILQ_EMPTY(&filter->held);
}

size_t resume_held_items(const struct resume_filter *filter)
{
	const struct job *job;
	size_t count = 0;

	STAILQ_FOREACH (job, &filter->held, next)
		count++;
	return count;
}

/* Makes the command of a job in print, `printed`. False without memory. */
static bool print_command(struct resume_filter *filter, const struct template_values *values)
{
	template_fill(filter->template, values, &filter->command);
	shell_quote_fed(&filter->command, values->input, &filter->printed);
	return !strlist_failed(&filter->command) && !strlist_failed(&filter->printed);
}

/* Is the job the one that the journal has? As journal_compare. */
static enum journal_verdict compare(struct resume_filter *filter, const struct job *job)
{
	const struct job_record *record = &job->record;
	const struct template_values values = {.items = record->items,
	    .columns = record->columns,
	    .input = block_name(&job->block),
	    .seq = record->seq};

	if (print_command(filter, &values))
		return journal_compare(filter->journal, record->seq, &filter->printed);
	message(
	    "job %" PRIu64 ": comparing it with the journal: %s", record->seq, strerror(ENOMEM));
	return JOURNAL_OTHER;
}

/* Holds a job back, behind those before it. Returns false where there is no room for it: that has
 * been said. */
static bool hold(struct resume_filter *filter, struct job *job)
{
	filter->held_bytes += job_bytes(job);
	if (filter->held_bytes > MOST_HELD_BYTES) {
		journal_say_gap(filter->journal,
		    is_empty(filter) ? job->record.seq : STAILQ_FIRST(&filter->held)->record.seq,
		    job->record.seq);
		return false;
	}
	STAILQ_INSERT_TAIL(&filter->held, job, next);
	return true;
}

/* The queue is the journal's up to here: what was held back can be taken. */
static void release(struct resume_filter *filter)
{
	ready_put_all(filter->ready, &filter->held);
	filter->held_bytes = 0;
}

enum resume_verdict resume_judge(struct resume_filter *filter, struct job *job)
{
	enum journal_verdict verdict = journal_ask(filter->journal, job->record.seq);
	bool known = verdict == JOURNAL_COMPARE;

	if (known)
		verdict = compare(filter, job);
	if (verdict == JOURNAL_OTHER)
		return RESUME_OTHER;
	bool runs = verdict == JOURNAL_RUN || verdict == JOURNAL_HOLD;
	bool held = !filter->holds_none && (verdict == JOURNAL_HOLD || (runs && !is_empty(filter)));
	if (held && !hold(filter, job))
		return RESUME_OTHER;
	if (known)
		release(filter);
	if (held)
		return RESUME_HELD;
	return runs ? RESUME_RUN : RESUME_SKIP;
}

enum resume_verdict resume_check(struct resume_filter *filter, const struct job *job)
{
	if (!filter->journal || journal_ask(filter->journal, job->record.seq) != JOURNAL_COMPARE)
		return RESUME_SKIP;
	if (compare(filter, job) == JOURNAL_OTHER)
		return RESUME_OTHER;
	release(filter);
	return RESUME_SKIP;
}

/* --- shares --- */

/* A job of the journal that has one of the shares, and all that is shared. */
struct known_share {
	const struct strlist *items;
	size_t count;                 /* of the items */
	uint64_t index;               /* of the share, from 0 */
	uint64_t seq;                 /* the job's number */
	struct strlist command;       /* of the job, in print */
	struct strlist part, columns; /* of a share that it may be */
};

/* Is it the journal's job when each share has `size` items? */
static bool is_size(struct resume_filter *filter, struct known_share *known, size_t size)
{
	size_t width = known->items->count / known->count;

	if (known->index > (known->count - 1) / size)
		return false;
	size_t first = (size_t)known->index * size, left = known->count - first;
	size_t end = first + (left < size ? left : size);
	strlist_clear(&known->part);
	strlist_clear(&known->columns);
	for (size_t i = first * width; i < end * width; i++)
		strlist_add(
		    &known->part, strlist_at(known->items, i), strlist_length(known->items, i));
	if (strlist_failed(&known->part))
		return false;
	split_items(filter->options, &known->part, &known->columns);
	const struct template_values values = {
	    .items = &known->part, .columns = &known->columns, .seq = known->seq};
	return !strlist_failed(&known->columns) && print_command(filter, &values) &&
	       strlist_length(&filter->printed, 0) == strlist_length(&known->command, 0) &&
	       memcmp(strlist_at(&filter->printed, 0), strlist_at(&known->command, 0),
		   strlist_length(&known->command, 0)) == 0;
}

size_t resume_share_size(struct resume_filter *filter, uint64_t seq, const struct strlist *items,
    size_t count, size_t size)
{
	struct known_share known = {.items = items, .count = count};
	size_t found = 0;

	if (filter->journal && journal_recall(filter->journal, seq, &known.seq, &known.command)) {
		known.index = known.seq - seq;
		found = is_size(filter, &known, size) ? size : count;
		while (found > 0 && !is_size(filter, &known, found))
			found = shares_smaller_size(count, found);
	}
	strlist_free(&known.command);
	strlist_free(&known.part);
	strlist_free(&known.columns);
	return found > 0 ? found : size;
}
