/*
 * supervisor: the main thread. It alone sees signals, looks at the timers, and decides when the run
 * is over. It never waits for a reader of our output.
 */
#ifndef PEXEC_POOL_SUPERVISOR_H
#define PEXEC_POOL_SUPERVISOR_H

#include <stdbool.h>
#include <sys/types.h>

#include "pool/deadlines.h"
#include "pool/guardian.h"
#include "pool/orphans.h"
#include "pool/pool_options.h"
#include "pool/progress_line.h"
#include "pool/report_watch.h"
#include "pool/room_watch.h"
#include "pool/signals.h"
#include "pool/slot.h"
#include "pool/status.h"
#include "record/record.h"

/* How far the end of the run has come. Each stage has its time, then comes the next one. */
enum ending {
	NOT_ENDING,
	TOLD,      /* the jobs were told to end */
	KILLED,    /* and killed */
	ABANDONED, /* and their output is waited for no longer */
	GAVE_UP    /* and not even that has ended the run */
};

struct supervisor {
	const struct pool_options *options;
	const struct slot_parts *slot_parts;
	const struct status_parts *status_parts;
	struct pool *pool;
	struct queue *queue;
	struct gate *gate;
	struct sizer *sizer;
	struct run_state *state;
	struct output *output;
	struct settle *settle;
	struct progress *progress;
	struct progress_line *line;
	struct time_limit *limit;
	struct records *records;
	struct deadlines *deadlines;
	bool reopens_log; /* SIGHUP opens the log anew; without one it ends the run */
	struct guardian *guardian;

	/* its own */
	struct signal_watch watch;
	struct orphans orphans;
	struct room_watch room;
	struct report_watch report;
	enum run_phase phase; /* as it was seen last */
	enum ending ending;
	bool refused;       /* a process could not be signalled */
	bool wait_said;     /* --verbose: what jobs wait for was said */
	bool awaits_reader; /* the time of a stage of the end was over, but nothing ran */
	bool by_itself;     /* the run ends for a reason of its own, not by a signal to pexec */
};

/*
 * Gets ready to look after slots: call it before another thread can start one. The parts of the run
 * have to be set.
 */
void supervisor_begin(struct supervisor *supervisor);

/*
 * Starts the first slot and runs the pool to its end. Returns false when a slot could not be waited
 * for: then its thread may still be there.
 */
bool supervise(struct supervisor *supervisor);

#endif
