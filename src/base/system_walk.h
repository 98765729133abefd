/*
 * system_walk: all processes there are, one after the other.
 *
 * Async-signal-safe, for a process that may take no lock, nor memory: readdir(3) takes both.
 */
#ifndef PEXEC_BASE_SYSTEM_WALK_H
#define PEXEC_BASE_SYSTEM_WALK_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/* It is on the stack of the companion, which is small. */
enum { WALK_ROOM = 1024 };
struct system_walk {
	int folder;
	size_t at, filled;
	_Alignas(8) char entries[WALK_ROOM];
};

/* False: the system does not tell of processes, or /proc is that of another namespace, where our
 * numbers mean others. */
bool system_walk_begin(struct system_walk *walk);

/* The next process; 0: that was all. */
pid_t system_walk_next(struct system_walk *walk);

void system_walk_end(struct system_walk *walk);

#endif
