/*
 * system_processes: what a system tells of processes beside wait(2).
 *
 * pexec waits for the first process of each job and ends all that is in its group. Two things are
 * left that POSIX has no call for. A process of a job may have gone into a group of its own; it is
 * found among the children of its parent, or when it has become an orphan and pexec has adopted it
 * (HAVE_SUBREAPER, HAVE_CHILDREN). And a slot may wait for a process and for a descriptor at the
 * same time (HAVE_PIDFD). Without the first, such a process outlives a job that was ended; without
 * the second, the caller looks now and then.
 */
#ifndef PEXEC_BASE_SYSTEM_PROCESSES_H
#define PEXEC_BASE_SYSTEM_PROCESSES_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/* From now on orphans among our descendants become our children, not those of process 1. */
void system_adopt_orphans(void);

/*
 * Lists the children of the first thread of a process. Of ours these are orphans that it has
 * adopted, the companion (system_companion.h), and children that pexec was started with; children
 * of the slots' threads are not among them. Returns how many it has put into `children`, `most` at
 * most; 0 where the system does not tell.
 */
size_t system_children(pid_t process, pid_t *children, size_t most);

/* The same of all threads of a process. */
size_t system_children_of(pid_t process, pid_t *children, size_t most);

/*
 * Returns a child of the main thread, which calls it, that has ended, and does not reap it; 0:
 * there is none, or the system does not make orphans our children.
 */
pid_t system_ended_child(void);

/* A process, and what tells it from a later one with its number. */
struct system_process {
	pid_t pid;
	pid_t group;
	unsigned long long born; /* in clock ticks since the system has started */
};

/* Finds out about a process. Returns false where it has ended, or the system does not tell. */
bool system_look_at_process(pid_t pid, struct system_process *process);

/* Does the process still run? */
bool system_process_lives(const struct system_process *process);

/* Signals that process and no later one; a stopped one wakes up. Returns 0, or -1 with errno. */
int system_signal_process(const struct system_process *process, int signal);

/* Writes the variable NAME=VALUE that the process was started with, by its `name` with the "=", to
 * `variable`; empty: it has none, none that fits, or that is not told. Async-signal-safe. */
void system_variable(pid_t pid, const char *name, char *variable, size_t size);

/* Does the process have a pipe open that we have open as well, other than our stdout and stderr? */
bool system_shares_pipe(pid_t pid);

/* Writes the name of the process's program to `name`. False where that is not told. */
bool system_process_name(pid_t pid, char *name, size_t size);

/* The parent of a process; 0: there is none, or that is not told. */
pid_t system_parent(pid_t pid);

/* Writes the first word that the process was started with, as it may call itself, to `word`. False
 * where that is not told. */
bool system_first_word(pid_t pid, char *word, size_t size);

/*
 * A descriptor that becomes readable when `child`, which must not be reaped yet, has ended. It is
 * close-on-exec, and the caller closes it. Returns -1 where there is none to be had. Any other
 * process can have one, too, as long as it lives. Async-signal-safe.
 */
int system_process_descriptor(pid_t child);

/* Kills the process of such a descriptor, and no later one with its number. Returns 0, or -1 with
 * errno. Async-signal-safe. */
int system_kill(int process);

#endif
