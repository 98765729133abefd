#include "queue/claims.h"

#include <err.h>
#include <inttypes.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <time.h>

#include "base/clock.h"
#include "base/escape.h"
#include "base/message.h"
#include "queue/claim_file.h"
#include "queue/claim_lost.h"

/* What a chunk lasts, in s, and how many times as long as it takes to get it: with a hundred runs
 * that wait for each other it is the second that keeps the file from being what takes the time. */
static const double chunk_s = 0.1, chunk_costs = 50;

/* In so many chunks, some 100 MB of the file, the longest queue is taken. */
static const uint64_t most_chunks = UINT64_C(1) << 22;

/* How long, in s, the jobs of a run that was killed may take to die: far longer than they do. */
static const double dying_s = 10;

/* More jobs than any queue has. */
static const uint64_t most_jobs = UINT64_C(1) << 40;

struct claims {
	struct claim_file file;
	struct shard shard;       /* as the run was started: of so many parts */
	const atomic_uint *slots; /* how many jobs may run at a time */
	struct claim_range chunk; /* the jobs that were taken last */
	uint64_t size;            /* how many these were; 0: none were */
	double got_s, cost_s;     /* when they were taken, and how long that took */
	atomic_ulong over;        /* jobs that this run has done; by any slot */
	unsigned long over_then;  /* when they were taken */
	struct claim_lost lost;   /* what is taken over, where the queue is read again for that */
	size_t at;                /* the range of it that comes next */
	bool takes_over;
	bool owes;            /* what it has taken over is not done yet */
	double waits_since_s; /* for a run that is dying; 0: it does not */
};

struct claims *claims_join(const char *name, const struct shard *shard, bool resumes)
{
	struct claims *claims = calloc(1, sizeof *claims);

	if (!claims)
		err(1, "--share");
	claims->shard = *shard;
	claim_file_join(
	    &claims->file, name, shard->count > 0 ? shard->index : CLAIM_ANY_PART, resumes);
	return claims;
}

void claims_begin(struct claims *claims, const atomic_uint *slots)
{
	if (!claims)
		return;
	claims->slots = slots;
	claim_file_enter(&claims->file);
}

double claims_begun_s(const struct claims *claims)
{
	return (double)claims->file.begun_s;
}

uint64_t claims_part(const struct claims *claims)
{
	return claims->file.part;
}

/* --- taking --- */

/*
 * How many jobs lasted long enough, by how long those lasted that were taken last. First each slot
 * has one, and until these have ended nothing is known.
 */
static uint64_t choose_by_time(const struct claims *claims, double lasted_s)
{
	double least_s = claims->cost_s * chunk_costs;
	uint64_t size = claims->size, ended = atomic_load(&claims->over) - claims->over_then;

	if (least_s < chunk_s)
		least_s = chunk_s;
	if (size == 0)
		return atomic_load(claims->slots);
	if (lasted_s > 2 * least_s && size > 1)
		return size / 2;
	return lasted_s < least_s && ended >= size && size < most_jobs ? size * 2 : size;
}

/* How many jobs are taken next, with the file locked. */
static uint64_t choose_size(struct claims *claims, double now_s, int64_t total)
{
	double lasted_s = now_s - claims->got_s;
	uint64_t parts = claim_file_active(&claims->file), size = choose_by_time(claims, lasted_s);

	if (claims->shard.count > parts)
		parts = claims->shard.count;
	if (total < 0)
		return size;
	uint64_t left =
	    (uint64_t)total >= claims->file.next ? (uint64_t)total - claims->file.next + 1 : 0;
	uint64_t share = left / (2 * parts), least = (uint64_t)total / most_chunks;
	if (size < least)
		size = least;
	/* Through sooner than it is got? Whoever is alone waits for none. */
	bool is_short = (double)share * lasted_s < (double)claims->size * claims->cost_s;
	if (parts > 1 && is_short)
		share = left / parts;
	return share == 0 ? 1 : share < size ? share : size;
}

/*
 * Takes the next jobs that none has, when job `seq` is asked for. Where others have taken all up to
 * the end, nothing is taken: the chunk is empty, and lies there. Returns 0, or -1: that has been
 * said.
 */
static int take_chunk(struct claims *claims, uint64_t seq, int64_t total)
{
	struct claim_file *file = &claims->file;
	double began_s = clock_seconds(CLOCK_MONOTONIC);
	int result = 0;

	if (claim_file_begin(file) != 0)
		return -1;
	struct claim_range chunk = {.first = file->next, .last = (uint64_t)total};
	bool none_left = total >= 0 && file->next > chunk.last && seq <= chunk.last;
	if (!none_left) {
		claims->size = choose_size(claims, began_s, total);
		chunk.last = chunk.first + claims->size - 1;
		result = claim_file_take(file, chunk);
	}
	claim_file_finish(file);
	claims->got_s = clock_seconds(CLOCK_MONOTONIC);
	claims->cost_s = claims->got_s - began_s;
	claims->over_then = atomic_load(&claims->over);
	claims->chunk = chunk;
	return result;
}

void claims_job_over(struct claims *claims)
{
	if (claims)
		atomic_fetch_add(&claims->over, 1);
}

/* Is the job one of those that are taken over? */
static bool is_lost(struct claims *claims, uint64_t seq)
{
	const struct claim_lost *lost = &claims->lost;

	while (claims->at < lost->count && lost->ranges[claims->at].last < seq)
		claims->at++;
	return claims->at < lost->count && lost->ranges[claims->at].first <= seq;
}

enum claims_verdict claims_ask(struct claims *claims, uint64_t seq, int64_t total)
{
	if (claims->takes_over)
		return is_lost(claims, seq) ? CLAIMS_OWN : CLAIMS_OTHERS;
	if (seq > claims->chunk.last && take_chunk(claims, seq, total) != 0)
		return CLAIMS_FAILED;
	return seq >= claims->chunk.first ? CLAIMS_OWN : CLAIMS_OTHERS;
}

/* --- taking over --- */

/* Says whose jobs these are. */
static void say_lost(const struct claims *claims, const char *what)
{
	const struct claim_lost *lost = &claims->lost;
	char shown[ESCAPED_NAME];

	escape_name(shown, claims->file.name);
	for (size_t i = 0; i < lost->dead_count; i++)
		message("--share %s: part %" PRIu64 " is dead, and had taken jobs: %s", shown,
		    lost->dead[i], what);
}

/* Takes over what the dead had taken, where that can be done. */
static enum claims_rest take_over(struct claims *claims, struct journal *journal, bool can_reread)
{
	const struct claim_lost *lost = &claims->lost;
	bool can_be = can_reread && journal && journal_has_parts(journal);

	claim_lost_free(&claims->lost);
	if (claim_file_begin(&claims->file) != 0)
		return CLAIMS_REST_FAILED;
	/* From here on, also where it fails half-way. */
	claims->owes = can_be;
	int result = claim_lost_find(&claims->file, &claims->lost, can_be);
	claim_file_finish(&claims->file);
	if (result != 0)
		return CLAIMS_REST_FAILED;
	if (lost->count == 0) {
		claims->owes = false;
		return CLAIMS_NO_REST;
	}
	say_lost(claims, can_be ? "those that are not done are run now"
			 : can_reread
			     ? "without a --joblog of {shard} it is not known which are done"
			     : "the input cannot be read again, --resume runs the rest");
	if (!can_be || !journal_read_parts(
			   journal, lost->parts, lost->part_count, (double)claims->file.begun_s))
		return CLAIMS_REST_FAILED;
	claims->takes_over = true;
	claims->at = 0;
	return CLAIMS_REST;
}

enum claims_rest claims_take_over(struct claims *claims, struct journal *journal, bool can_reread)
{
	double now_s = clock_seconds(CLOCK_MONOTONIC);

	/* It has gone through all that it had taken over before. */
	claims->owes = false;
	if (claim_file_begin(&claims->file) != 0)
		return CLAIMS_REST_FAILED;
	claim_file_finish(&claims->file);
	switch (claim_lost_look(&claims->file)) {
	case CLAIM_OTHERS_FAILED:
		return CLAIMS_REST_FAILED;
	case CLAIM_OTHERS_DEAD:
		claims->waits_since_s = 0;
		/* The whole file is read only now, as others wait for it. */
		return take_over(claims, journal, can_reread);
	case CLAIM_OTHERS_DIE:
		if (claims->waits_since_s == 0)
			claims->waits_since_s = now_s;
		/* Or it has come, and not begun yet: that may take as long as it likes. */
		return now_s - claims->waits_since_s < dying_s ? CLAIMS_REST_LATER : CLAIMS_NO_REST;
	case CLAIM_OTHERS_LIVE:
		break;
	}
	return CLAIMS_NO_REST;
}

void claims_leave(struct claims *claims, bool done)
{
	if (!claims)
		return;
	claim_file_leave(&claims->file, done && !claims->owes);
	claim_lost_free(&claims->lost);
	free(claims);
}
