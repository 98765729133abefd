/*
 * system_processes: what a system tells of processes beside wait(2).
 *
 * pexec waits for the first process of each job and ends all that is in its group. Two things are
 * left that POSIX has no call for. A process of a job may have gone into a group of its own; it is
 * found when it becomes an orphan and pexec adopts it (HAVE_SUBREAPER, HAVE_CHILDREN). And a slot
 * may wait for a process and for a descriptor at the same time (HAVE_PIDFD). Without the first,
 * such a process outlives a run that was ended; without the second, the caller looks now and then.
 */
#ifndef PEXEC_BASE_SYSTEM_PROCESSES_H
#define PEXEC_BASE_SYSTEM_PROCESSES_H

#include <stddef.h>
#include <sys/types.h>

/* From now on orphans among our descendants become our children, not those of process 1. */
void system_adopt_orphans(void);

/*
 * Lists the children of the main thread: orphans that it has adopted, the companion
 * (system_companion.h), and children that pexec was started with. Children of the slots' threads
 * are not among them. Returns how many it has put into `children`, `most` at most; 0 where the
 * system does not tell.
 */
size_t system_children(pid_t *children, size_t most);

/*
 * A descriptor that becomes readable when `child`, which must not be reaped yet, has ended. It is
 * close-on-exec, and the caller closes it. Returns -1 where there is none to be had.
 */
int system_process_descriptor(pid_t child);

#endif
