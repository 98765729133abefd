/*
 * run: what a run is made of, and how its parts are put together.
 */
#ifndef PEXEC_RUN_H
#define PEXEC_RUN_H

#include <stdbool.h>

#include "cli/options.h"
#include "command/command.h"
#include "control/ctl_server.h"
#include "output/output.h"
#include "pace/gate.h"
#include "pace/run_state.h"
#include "pace/sizer.h"
#include "pool/attempt.h"
#include "pool/deadlines.h"
#include "pool/guardian.h"
#include "pool/pool.h"
#include "pool/settle.h"
#include "pool/slot.h"
#include "pool/supervisor.h"
#include "pool/time_limit.h"
#include "process/caller_state.h"
#include "queue/queue.h"
#include "record/event_files.h"
#include "record/events.h"
#include "record/record.h"

struct run {
	struct options options;
	struct caller_state caller;     /* what jobs get from the process that started pexec */
	struct deadlines deadlines;     /* what is due, and when */
	struct queue queue;             /* the items */
	struct command command;         /* what is run for each */
	struct records records;         /* what is kept of them */
	struct events events;           /* what happens, for those who want to know; */
	struct event_files event_files; /* and for files */
	struct output output;           /* what they print */
	struct run_state state;         /* whether the run goes on */
	struct gate gate;               /* whether one more job may start */
	struct jobserver jobserver; /* with whom jobs share their slots, where `shares` says so; */
	struct shared_semaphore semaphore; /* and by a name */
	bool shares;
	bool is_typed;              /* the user types the items, in the terminal */
	struct sizer sizer;         /* how many slots there are: -j auto */
	struct progress progress;   /* how far it has come */
	struct progress_line line;  /* and how that is shown */
	struct time_limit limit;    /* how long a job may run */
	struct settle settle;       /* the order of jobs, and their end */
	struct orphan_list orphans; /* processes that have left their job's group */
	struct guardian guardian;   /* their end when pexec is killed */
	struct pool pool;           /* the slots */
	struct supervisor supervisor;
	struct ctl_server control;

	/* which of these each part works with */
	struct attempt_parts attempt_parts;
	struct slot_parts slot_parts;
	struct status_parts status_parts;
	struct ctl_parts ctl_parts;
};

/*
 * Finds and opens all that the run needs, in the process that was typed. Whatever is wrong with it
 * ends pexec here, with a message.
 */
void run_open(struct run *run);

/* Puts the parts together, in the process that stays, and opens what earlier runs have left. */
void run_begin(struct run *run);

/*
 * The run is over. Returns the exit status; `*signal` is the one that pexec dies of, 0: none. Where
 * not `all_ended`, a slot could not be waited for: it may still write to what would be closed here.
 */
int run_end(struct run *run, bool all_ended, int *signal);

#endif
