#include "pool/halt.h"

#include <inttypes.h>

#include "base/message.h"

/* A percentage of those that have ended says nothing before so many jobs have ended. */
enum { PERCENT_LEAST = 3 };

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

void halt_look(const struct halt *halt, struct run_state *state, struct progress *progress,
    uint64_t total, uint64_t seq)
{
	static const char *const whys[] = {
	    [HALT_FAIL] = "failed", [HALT_SUCCESS] = "succeeded", [HALT_DONE] = "ended"};
	uint64_t failed = atomic_load(&progress->failed), done = atomic_load(&progress->done);
	uint64_t value = halt->why == HALT_FAIL      ? failed
			 : halt->why == HALT_SUCCESS ? done
						     : failed + done;

	if (!is_true(halt, value, failed + done, total) ||
	    !run_state_halt(state, halt->when == HALT_NOW ? RUN_ENDS : RUN_DRAINS))
		return;
	message("--halt: %" PRIu64 " job%s %s, the last of them was job %" PRIu64 "; %s", value,
	    value == 1 ? "" : "s", whys[halt->why], seq,
	    halt->when == HALT_NOW ? "ending those that run" : "starting no more");
}
