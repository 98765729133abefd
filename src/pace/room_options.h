/*
 * room_options: what the machine must have free for another job to start.
 */
#ifndef PEXEC_PACE_ROOM_OPTIONS_H
#define PEXEC_PACE_ROOM_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/system_load.h"

struct room_options {
	size_t memfree;    /* bytes that are free where a job starts; 0: no condition */
	bool memfree_kill; /* below half of that the youngest job is put back */
	size_t memsuspend; /* bytes: below twice that the youngest job is stopped; 0: never */
	double load;       /* processes that run: fewer than that, or no job starts; 0: no limit */
	double pressure[SYSTEM_RESOURCES]; /* percent: less than that; 0: no limit */
	bool first_waits;                  /* also where no job runs; else one may always start */
	const char *limit; /* a command that tells whether a job may start; NULL: there is none */
};

#endif
