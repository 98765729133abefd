/*
 * room: does the machine have room for one more job?
 *
 * What is found out, a sample, holds for a second: it says how many jobs may start beside those
 * that run. Each that starts takes one of these, and each that ends gives one back; so many short
 * jobs can start and end between two samples. A sample is made only when a slot wants to start a
 * job and the last one is old: never more than one a second, and none while no slot waits.
 *
 * Two take samples, each of its own conditions. The supervisor looks at memory, load and pressure
 * (the timer is due, and it calls room_set); a slot that waits runs the command of --limit
 * (room_ask). A job may always start where none runs, so that no run comes to a halt, but
 * where that is wanted.
 *
 * Safe from any thread; a lock is held for a moment. Without a condition nothing is done.
 */
#ifndef PEXEC_PACE_ROOM_H
#define PEXEC_PACE_ROOM_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/lock.h"
#include "base/timers.h"
#include "pace/limit_command.h"
#include "pace/room_options.h"
#include "pace/verdict.h"
#include "process/side_process.h"

/* How long a sample holds, in ms. */
enum { ROOM_INTERVAL = 1000 };

/* Who takes a sample. */
enum room_sampler { ROOM_BY_SUPERVISOR, ROOM_BY_SLOT, ROOM_SAMPLERS };

struct room {
	const struct room_options *options;
	struct timer *timer;      /* the supervisor's: it is due when a sample is asked for */
	bool used[ROOM_SAMPLERS]; /* has it any condition? */
	bool any_used;
	bool watches; /* jobs that run are looked at too: --memfree-kill, --memsuspend */
	struct limit_command limit;
	atomic_bool demands;   /* the command wants the youngest job to be put back */
	atomic_bool waits;     /* a slot that wanted to start a job was refused last */
	atomic_uint suspended; /* jobs that are stopped for want of memory */

	struct lock lock; /* guards what follows */
	struct verdict verdicts[ROOM_SAMPLERS];
	unsigned taken; /* jobs that slots have: those that run, and those about to start */
	int64_t sampled_ms[ROOM_SAMPLERS]; /* of clock_ms() */
	unsigned running;                  /* jobs that have started and not ended */
	double largest; /* bytes that a job took so far, at most; 0: none ended */
};

/* Exits with status 1 and a message where the system does not tell what an option is about. */
void room_init(struct room *room, const struct room_options *options, struct timer *timer);
void room_destroy(struct room *room);

/* May a job start? If not, a new sample is asked for as soon as one is due. */
bool room_is_open(struct room *room);

/*
 * The same for one that has yet to be taken from the queue: those that were taken come first. So
 * jobs start in the order of the queue. Where none was taken, one always may be.
 */
bool room_is_open_to_another(struct room *room);

/* A slot has taken a job; it has none any more: returns whether slots that wait have to look. */
void room_take(struct room *room);
bool room_drop(struct room *room);

/* The same, and if so the job counts as one that runs. */
bool room_enter(struct room *room);

/*
 * A job that has entered does not run any more. `bytes`: the memory that it took; 0: it never ran.
 * Returns whether slots that wait have to look again.
 */
bool room_leave(struct room *room, double bytes);

/* The supervisor has taken a sample. */
void room_set(struct room *room, const struct verdict *verdict);

/*
 * Runs the command of --limit, where a slot waits for that and no other slot does it already.
 * Returns whether it was run: slots that wait have to look again.
 */
bool room_ask(struct room *room, const struct side_process *by);

/* When a slot that waits has to look again, as it may have to ask; TIMER_NEVER: it need not. */
int64_t room_next_ask(struct room *room);

/* What each job is promised, in bytes; see memory_room.h. */
double room_promise(struct room *room);

/* How many jobs run? Known only with a condition. */
unsigned room_running(struct room *room);

/* Why the slots wait, "memory: 1.2 of 2 GiB". False: none waits for room. */
bool room_reason(struct room *room, char reason[VERDICT_REASON]);

#endif
