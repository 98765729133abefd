/*
 * clock: reads the system's clocks.
 */
#ifndef PEXEC_BASE_CLOCK_H
#define PEXEC_BASE_CLOCK_H

#include <stdint.h>
#include <time.h>

/* CLOCK_MONOTONIC in ms: for deadlines and intervals. */
int64_t clock_ms(void);

/* Clock `clock` of clock_gettime(2) in seconds. */
double clock_seconds(clockid_t clock);

#endif
