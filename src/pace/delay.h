/*
 * delay: the time between two starts (--delay).
 */
#ifndef PEXEC_PACE_DELAY_H
#define PEXEC_PACE_DELAY_H

#include <stdint.h>

#include "base/lock.h"

struct delay {
	int64_t between_ms; /* 0: jobs start as they come */
	struct lock lock;   /* guards what follows */
	int64_t next_ms;    /* of clock_ms(): no job starts before */
};

void delay_init(struct delay *delay, int64_t between_ms);
void delay_destroy(struct delay *delay);

/* When the caller's job may start, in ms of clock_ms(); the next one may later. 0: at once. */
int64_t delay_reserve(struct delay *delay);

#endif
