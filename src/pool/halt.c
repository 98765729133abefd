#include "pool/halt.h"

#include <inttypes.h>

#include "base/message.h"

/* A percentage of those that have ended says nothing before so many jobs have ended. */
enum { PERCENT_LEAST = 3 };

/* More jobs that have failed are not told apart by an exit status. */
enum { MOST_COUNTED = 101 };

/* Is `value` this share of `all`, or more? No product of what users give may overflow. */
static bool is_share(uint64_t value, unsigned long long percent, uint64_t all)
{
	uint64_t least = all / 100 * percent + (all % 100 * percent + 99) / 100;

	return value >= least;
}

/* Is the condition true for `value` jobs of the kind it is about, and `ended` of all kinds? */
static bool is_true(const struct halt *halt, uint64_t value, uint64_t ended, uint64_t total)
{
	if (halt->when == HALT_NEVER)
		return false;
	if (!halt->percent)
		return value >= halt->count;
	if (total > 0)
		return is_share(value, halt->count, total);
	return ended >= PERCENT_LEAST && is_share(value, halt->count, ended);
}

/* What GNU parallel makes the exit status of a run that ends with this job: its own where one job
 * is enough, the share of those that have failed, or their number. */
static int status_of_halt(
    const struct halt *halt, const struct job_record *record, uint64_t failed, uint64_t all)
{
	if (halt->why == HALT_SUCCESS)
		return 0;
	if (halt->percent)
		return all > 0 ? (int)((failed * 100 + all - 1) / all) : 0;
	if (halt->count > 1)
		return failed < MOST_COUNTED ? (int)failed : MOST_COUNTED;
	/* One that was ended for its time, or by hand, has -1, whatever signal did it. */
	return record->exit_value == 0 && record->signal ? 128 + record->signal
							 : record->exit_value & 255;
}

void halt_look(const struct halt *halt, struct run_state *state, struct progress *progress,
    uint64_t total, const struct job_record *record)
{
	uint64_t seq = record->seq;
	static const char *const whys[] = {
	    [HALT_FAIL] = "failed", [HALT_SUCCESS] = "succeeded", [HALT_DONE] = "ended"};
	uint64_t failed = atomic_load(&progress->failed), done = atomic_load(&progress->done);
	uint64_t value = halt->why == HALT_FAIL      ? failed
			 : halt->why == HALT_SUCCESS ? done
						     : failed + done;

	if (is_true(halt, value, failed + done, total) && halt->sets_status)
		run_state_set_halt_status(
		    state, status_of_halt(halt, record, failed, total > 0 ? total : failed + done));
	if (!is_true(halt, value, failed + done, total) ||
	    !run_state_halt(state, halt->when == HALT_NOW ? RUN_ENDS : RUN_DRAINS) ||
	    halt->is_unsaid)
		return;
	message("--halt: %" PRIu64 " job%s %s, the last of them was job %" PRIu64 "; %s", value,
	    value == 1 ? "" : "s", whys[halt->why], seq,
	    halt->when == HALT_NOW ? "ending those that run" : "starting no more");
}
