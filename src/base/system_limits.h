/*
 * system_limits: how much of what this machine has pexec may use.
 *
 * Processors bound the slots by default, processes and descriptors bound them at most, the bytes of
 * a command line bound a batch. Each limit is asked for anew by each call, and none of the calls
 * fails: where the system does not tell, the answer is what most systems grant. Any thread may ask.
 */
#ifndef PEXEC_BASE_SYSTEM_LIMITS_H
#define PEXEC_BASE_SYSTEM_LIMITS_H

#include <stddef.h>

/*
 * The processors that this process may use, at least 1: its affinity mask (HAVE_AFFINITY; else the
 * processors that are online), bounded by the quota of its control groups, rounded up.
 */
unsigned system_cpus(void);

/*
 * The processes that this user may still be able to start: the lower of RLIMIT_NPROC and of what
 * the control groups allow; 10^9 without a limit. It is an upper bound: other processes use up the
 * same limits.
 */
unsigned long system_processes(void);

/*
 * Makes the soft limit of descriptors at least `needed`, as far as the hard one allows; never lower
 * than it is. Returns how many descriptors there may be now; `needed` where there is no limit to
 * ask for.
 */
unsigned long system_descriptors(unsigned long needed);

/*
 * The bytes that one argument may have, its NUL included. Linux has a limit of its own for that: 32
 * pages, MAX_ARG_STRLEN in linux/binfmts.h (HAVE_ARGUMENT_LIMIT). Elsewhere an argument may fill
 * the command line.
 */
size_t system_word_bytes(void);

/*
 * The bytes that a command line may have beside the environment of pexec, with a NUL and a pointer
 * for each word: ARG_MAX, less the environment, less what POSIX leaves for the command to change it
 * (2048), less what the kernel adds (4096: the file's name, the line of its interpreter).
 */
size_t system_argument_bytes(void);

#endif
