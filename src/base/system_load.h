/*
 * system_load: how much room this machine has at the moment.
 *
 * All of it is read from /proc and from control groups (HAVE_LOAD); another system does not tell,
 * and then each number is SYSTEM_UNKNOWN. Nothing is remembered, and any thread may ask.
 */
#ifndef PEXEC_BASE_SYSTEM_LOAD_H
#define PEXEC_BASE_SYSTEM_LOAD_H

#include <sys/types.h>

/* The system does not tell. No number is negative otherwise. */
#define SYSTEM_UNKNOWN (-1.0)

/*
 * The memory, in bytes, that new processes can have: MemAvailable of /proc/meminfo, or what is left
 * in a control group of ours, where that is less.
 */
double system_memory_free(void);

/*
 * The memory, in bytes, that a process and its descendants have to themselves: their resident pages
 * but for those of files (/proc/PID/statm). What a thread other than the first one has started is
 * not found. 0 when the process is not there.
 */
double system_process_memory(pid_t process);

/*
 * How many threads on this machine run or wait for a processor or for a disk, beside the caller
 * (procs_running and procs_blocked of /proc/stat): the load at this instant, not an average.
 */
double system_running(void);

enum system_resource { SYSTEM_CPU, SYSTEM_MEMORY, SYSTEM_IO, SYSTEM_RESOURCES };

/* What --pressure and the kernel call them. */
extern const char *const system_resource_names[SYSTEM_RESOURCES];

/*
 * The share of the last 10 s, in percent, in which at least one task stood still for want of the
 * resource ("some avg10"): in our control group of version 2, or else on this machine
 * (/proc/pressure).
 */
double system_pressure(enum system_resource resource);

#endif
