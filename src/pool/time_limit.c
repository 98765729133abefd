#include "pool/time_limit.h"

#include "base/clock.h"

void time_limit_init(
    struct time_limit *limit, int64_t timeout_ms, unsigned percent, struct timer *expiry)
{
	*limit = (struct time_limit){
	    .percent = percent, .timeout_ms = percent ? 0 : timeout_ms, .expiry = expiry};
}

int64_t time_limit_ms(const struct time_limit *limit)
{
	return atomic_load(&limit->timeout_ms);
}

void time_limit_begin(struct time_limit *limit)
{
	int64_t timeout_ms = time_limit_ms(limit);

	if (timeout_ms > 0)
		timer_set_by(limit->expiry, clock_ms() + timeout_ms);
}

void time_limit_set_median(struct time_limit *limit, double median_s)
{
	if (limit->percent == 0)
		return;
	int64_t timeout_ms = (int64_t)(median_s * 10 * limit->percent);
	/* A limit is at least 1: 0 would be none. */
	atomic_store(&limit->timeout_ms, median_s > 0 && timeout_ms == 0 ? 1 : timeout_ms);
	timer_set(limit->expiry, 0);
}

void time_limit_request_kill(struct time_limit *limit)
{
	atomic_store(&limit->kill_requested, true);
	timer_set(limit->expiry, 0);
}
