/*
 * clock: the time.
 */
#ifndef PEXEC_BASE_CLOCK_H
#define PEXEC_BASE_CLOCK_H

#include <stdint.h>
#include <time.h>

/* The time on a clock that only goes forward, in ms. */
int64_t clock_ms(void);

/* The time on a clock, in seconds. */
double clock_seconds(clockid_t clock);

#endif
