/*
 * clock: the time.
 */
#ifndef PEXEC_CLOCK_H
#define PEXEC_CLOCK_H

#include <stdint.h>
#include <time.h>

/* The time on a clock that only goes forward, in ms. */
int64_t now(void);

/* The time on a clock, in seconds. */
double seconds(clockid_t clock);

#endif
