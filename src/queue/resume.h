/*
 * resume: which jobs the journal of an earlier run leaves out.
 *
 * Every job is asked about in queue order, by the slot that has the queue, so that no job further
 * on is run before it is certain that the queue is the one that the journal speaks of. That shows
 * only at jobs that the journal has: others before them are held back until then.
 */
#ifndef PEXEC_QUEUE_RESUME_H
#define PEXEC_QUEUE_RESUME_H

#include <stdbool.h>

#include "base/strlist.h"
#include "command/template.h"
#include "queue/job.h"
#include "queue/queue_options.h"
#include "queue/ready.h"
#include "record/journal.h"

struct resume_filter {
	struct journal *journal; /* NULL: every job is run */
	const struct template *template;
	const struct queue_options *options;
	struct ready *ready;             /* gets the jobs that were held back */
	bool holds_none;                 /* no job runs before all have been judged */
	struct job_list held;            /* not in the journal, but before one that is */
	size_t held_bytes;               /* of memory that they take */
	struct strlist command, printed; /* of a job that the journal may have */
};

void resume_init(struct resume_filter *filter, struct journal *journal,
    const struct template *template, const struct queue_options *options, struct ready *ready);
void resume_destroy(struct resume_filter *filter);

enum resume_verdict {
	RESUME_RUN,
	RESUME_SKIP, /* the job is to be left out */
	RESUME_HELD, /* the job was taken: it is run later, or never */
	RESUME_OTHER /* the queue is another one than the journal's, or too much of it is missing
		      * there to tell; that has been said */
};

/* What becomes of a job? */
enum resume_verdict resume_judge(struct resume_filter *filter, struct job *job);

/*
 * The job is another run's: it is only looked whether the queue is the one that the journal speaks
 * of, where it has the job. RESUME_SKIP, or RESUME_OTHER.
 */
enum resume_verdict resume_check(struct resume_filter *filter, const struct job *job);

/*
 * What is left of a queue is to be shared out (shares.h): `count` items, of which job `seq` gets
 * the first. Returns how many of them a job had in the earlier run, which may have had another
 * number of slots; `size` when the journal has none of these jobs, or its jobs cannot have been
 * made of these items.
 */
size_t resume_share_size(struct resume_filter *filter, uint64_t seq, const struct strlist *items,
    size_t count, size_t size);

/* How many items the jobs have that are held back. */
size_t resume_held_items(const struct resume_filter *filter);

#endif
