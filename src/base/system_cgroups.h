/*
 * system_cgroups: what the control groups of this process allow, in both versions of them.
 *
 * A process is in one group of version 2, and in one for each controller of version 1; every group
 * above those binds it as well, up to the root. In a container the groups above its own are hidden,
 * and the folder that /proc/self/cgroup names may not exist: what can be read is what counts, and
 * nothing here fails. Without control groups (HAVE_CGROUPS) there is no limit.
 */
#ifndef PEXEC_BASE_SYSTEM_CGROUPS_H
#define PEXEC_BASE_SYSTEM_CGROUPS_H

#include <stdbool.h>
#include <stddef.h>

/*
 * The processor time that the groups allow, in processors: 1.5 is the time of one and a half. It is
 * the least of quota / period at any level (cpu.max, cpu.cfs_quota_us). Returns `most` where they
 * allow more than that, or set no limit.
 */
double system_cgroup_cpus(double most);

/* As system_cgroup_cpus, for the processes and threads that there may be at a time (pids.max). */
double system_cgroup_processes(double most);

/*
 * As system_cgroup_cpus, for the memory that is free, in bytes: the limit (memory.max, memory.high;
 * memory.limit_in_bytes) less what is used, where the pages of files and what else the kernel takes
 * back by itself (memory.stat) count as free.
 */
double system_cgroup_memory(double most);

/* The first line of a file of our own group of version 2. Returns false when it is not there. */
bool system_cgroup_line(const char *name, char *line, size_t size);

#endif
