/*
 * time_limit: how long a job may run (--timeout): a fixed time, or a share of the median run time.
 */
#ifndef PEXEC_POOL_TIME_LIMIT_H
#define PEXEC_POOL_TIME_LIMIT_H

#include <stdatomic.h>
#include <stdint.h>

#include "base/timers.h"

struct time_limit {
	unsigned percent;           /* of the median; 0: the time is fixed */
	_Atomic int64_t timeout_ms; /* that a job has; 0: as long as it likes, or not known yet */
	atomic_bool kill_requested; /* a job is to be ended, however long it has run */
	struct timer *expiry;       /* due when the time of a job may have run out */
};

void time_limit_init(
    struct time_limit *limit, int64_t timeout_ms, unsigned percent, struct timer *expiry);

/* The time that a job has, in ms; 0: there is no limit (yet). */
int64_t time_limit_ms(const struct time_limit *limit);

/* A process has been started just now: the supervisor looks when its time runs out. */
void time_limit_begin(struct time_limit *limit);

/* The median run time is so many seconds now; 0: it is not known. */
void time_limit_set_median(struct time_limit *limit, double median_s);

/* A running job is to be ended at once: the supervisor looks now. */
void time_limit_request_kill(struct time_limit *limit);

#endif
