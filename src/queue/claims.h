/*
 * claims: which jobs of a queue that several runs share are this run's (--share).
 *
 * Each run reads the whole queue, and takes the next jobs that none has taken, some at a time, from
 * a counter in a file (claim_file). So the work goes to whoever is free. Belongs to the slot that
 * has the queue; what is asked goes through the queue in its order.
 *
 * How many are taken at a time. A chunk of a fixed part of what is left (guided self-scheduling)
 * goes wrong where a queue begins with its longest jobs: in the model (tests/model/share.py) with
 * 64 runs, where these take a hundred times as long as the others, the whole takes 17 times as long
 * as it could. So a chunk grows from one job a slot, to twice as many while the chunks are through
 * in less than a tenth of a second, or than fifty times what it takes to get one, and shrinks where
 * they take longer. It does not grow before as many jobs have ended as it had: slots that begin
 * would have taken twice as many as they can run. And it is no more than half of what would be an
 * equal share of all that is left: so the runs end together. Where that is through sooner than it
 * is got, it may be the whole share: else a thousand runs do the end of the queue in chunks for
 * which they all wait.
 */
#ifndef PEXEC_QUEUE_CLAIMS_H
#define PEXEC_QUEUE_CLAIMS_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/shard.h"
#include "record/journal.h"

struct claims;

/*
 * Joins the runs that share the queue by the file of this name, as part K of N, or where `shard`
 * has no parts, as the lowest one that is free. Exits with status 1 and a message on failure: see
 * claim_file_join.
 */
struct claims *claims_join(const char *name, const struct shard *shard, bool resumes);

/* The run begins, with so many slots at any moment: see claim_file_enter. Does nothing for NULL. */
void claims_begin(struct claims *claims, const atomic_uint *slots);

/* When the first of the runs that are in the file came, in seconds since 1970. */
double claims_begun_s(const struct claims *claims);

/* K: which part this run is. */
uint64_t claims_part(const struct claims *claims);

enum claims_verdict {
	CLAIMS_OWN,    /* the job is this run's */
	CLAIMS_OTHERS, /* another run has taken it */
	CLAIMS_FAILED  /* the file could not be read or written; that has been said */
};

/*
 * Whose is job `seq`? Jobs that none has yet are taken. `total` is how many jobs the queue has; -1:
 * that is not known.
 */
enum claims_verdict claims_ask(struct claims *claims, uint64_t seq, int64_t total);

/* A job of this run is over. By any thread; does nothing for NULL. */
void claims_job_over(struct claims *claims);

enum claims_rest {
	CLAIMS_NO_REST,    /* all that was taken is done, or some run that lives is at it */
	CLAIMS_REST,       /* jobs were taken over: the queue is to be read again */
	CLAIMS_REST_LATER, /* a run is dying: ask again in some ms */
	CLAIMS_REST_FAILED /* it is not known, or the queue cannot be read again; that has been said
			    */
};

/*
 * The queue is at its end: takes over what runs had taken that are dead. What they have done is in
 * their journals, which `journal` reads now; NULL: there are none. `can_reread` tells whether the
 * queue can be read again.
 */
enum claims_rest claims_take_over(struct claims *claims, struct journal *journal, bool can_reread);

/*
 * The run is over; `done`: it was at the end of the queue, and all that it had taken until then is
 * done. Does nothing for NULL.
 */
void claims_leave(struct claims *claims, bool done);

#endif
