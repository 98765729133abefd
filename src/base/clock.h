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

/*
 * The timeout for poll(2), in ms, of what is due at `due_ms` of clock_ms(): 0 when that has passed,
 * -1 (poll waits for ever) for INT64_MAX alone. The bound of an int comes first: look again then.
 */
int clock_poll_timeout(int64_t due_ms);

#endif
