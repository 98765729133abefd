/*
 * system_idle: what the machine has left: how much of its processors idled, and how long processes
 * have waited for memory.
 *
 * Both are sums since the machine was started; two readings tell what was between them.
 */
#ifndef PEXEC_BASE_SYSTEM_IDLE_H
#define PEXEC_BASE_SYSTEM_IDLE_H

#include <stdbool.h>

struct system_idle {
	bool is_known;     /* of the processors */
	double idle_ticks; /* of all processors, waiting for disks included */
	double all_ticks;  /* of any kind */
	double
	    memory_wait_s; /* in which some process waited for memory (PSI "some"); 0: not known */
};

/*
 * Reads it, where the system tells (HAVE_LOAD: the first line of /proc/stat, and
 * /proc/pressure/memory). Never fails. Any thread may ask.
 */
struct system_idle system_idle_now(void);

/* The share of the processors' time that was idle between two readings; below 0: not known, also
 * where less than a tenth of a second of one processor lies between them. */
double system_idle_share(const struct system_idle *from, const struct system_idle *to);

#endif
