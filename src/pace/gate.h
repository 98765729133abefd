/*
 * gate: what decides whether one more job may start now.
 *
 * It is asked before a slot takes a job from the queue (gate_may_take), so that nothing is read
 * that cannot be run; then until the job's process may be started (gate_await_start); and at the
 * last moment before it is (gate_may_start). A condition is a file of its own in this folder, with
 * a function that tells whether it keeps jobs from starting, and a line in is_closed in gate.c: all
 * three ask there. What changes it calls run_state_changed, and what holds only until some time has
 * a timer.
 */
#ifndef PEXEC_PACE_GATE_H
#define PEXEC_PACE_GATE_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "pace/delay.h"
#include "pace/room.h"
#include "pace/run_state.h"
#include "pace/shortage.h"
#include "pace/tokens.h"
#include "pace/weights.h"
#include "queue/queue.h"

struct gate {
	struct run_state *state;
	struct queue *queue;
	struct events *events; /* are told why no job starts */
	bool items_are_gone;   /* --next takes items off their queue, and nothing gives them back:
				  what it gave is started in a drain */
	atomic_bool stopped;   /* with the terminal (Ctrl-Z) */
	atomic_bool held;      /* by --ctl pause */
	_Atomic int64_t lent_until_ms; /* others have some of our descriptors until then */
	atomic_bool backlog;           /* so much output waits that no job is added to it */
	struct delay delay;
	struct shortage shortage;
	struct timer *waiting;              /* set when jobs begin to wait for others */
	struct tokens jobserver, semaphore; /* what jobs hold where others share the slots */
	struct room room;       /* of the machine; initialised by itself, as is what follows */
	struct weights weights; /* how many slots the jobs take that run */
};

/* What a job holds while it may have a process: one of each, where it needs them. */
struct gate_pass {
	bool token, unit; /* of the jobserver, of the semaphore */
};

/*
 * `delay_ms`: between two starts. `shortage` is set where the system has no room, to the time from
 * which slots may be made again; `waiting` where jobs wait for others, to the time at which that
 * has lasted.
 */
void gate_init(struct gate *gate, struct run_state *state, struct queue *queue,
    struct events *events, int64_t delay_ms, bool items_are_gone, struct timer *shortage,
    struct timer *waiting);
void gate_destroy(struct gate *gate);

/* The conditions that others set. */
void gate_set_stopped(struct gate *gate, bool stopped);
void gate_set_held(struct gate *gate, bool held);
void gate_set_backlog(struct gate *gate, bool backlog);

/*
 * Clients of the control have descriptors that a job may need, until then at most, of clock_ms():
 * said before one is let in. And do they?
 */
void gate_lend_descriptors(struct gate *gate, int64_t until_ms);
bool gate_lends_descriptors(const struct gate *gate);

/* May a job that was taken be run? As long as the run goes on, or it would be lost. */
bool gate_may_run(const struct gate *gate);

/* Is no job to be started, whatever room there is? */
bool gate_is_held(const struct gate *gate);

/*
 * May a slot take a job? While the run goes on and the gate is open, and those who are told what
 * happens keep up with it; and not while output or failed
 * jobs have piled up, but for a job that was put back: its output may be the one that the others
 * wait for.
 */
bool gate_may_take(struct gate *gate);

/* The slot has taken a job, which gets its place; it has no job any more. */
void gate_job_taken(struct gate *gate, struct weight_place *place);
void gate_job_dropped(struct gate *gate, struct weight_place *place);

/*
 * Runs the command of --limit when that is due, for a slot that waits. Call it before the number of
 * changes is read: what the command says is a change.
 */
void gate_ask(struct gate *gate, const struct side_process *by);

/* Does a slot run it? */
bool gate_is_asking(const struct gate *gate);

/*
 * Ends the command of --limit when its answer does not matter any more: no job is to be started, or
 * the caller knows that no job runs or is to be run by another slot, `alone`.
 */
void gate_drop_question(struct gate *gate, bool alone);

/* When a slot that waits has to look and ask again, in ms of clock_ms(); TIMER_NEVER: it need not.
 */
int64_t gate_next_ask(struct gate *gate);

/* When the process of the caller's job may be started (--delay), in ms of clock_ms(): asked once.
 */
int64_t gate_reserve_start(struct gate *gate);

/*
 * Waits until then, until the gate is open for the job with this place, and for what the job has to
 * hold: it has that in `pass` until gate_leave. Returns false when the job shall not be run any
 * more. `by` is what gate_ask asks with.
 */
bool gate_await_start(struct gate *gate, struct weight_place *place, int64_t start_ms,
    struct gate_pass *pass, const struct side_process *by);

/* There is no process of the job any more, or there was none: gives back what it holds. */
void gate_leave(struct gate *gate, struct gate_pass *pass);

/*
 * May its process be started this very moment? Asked with the lock of the process: flags and
 * numbers are looked at, and nothing else is done. If it may, it counts as one that runs:
 * gate_start_failed or gate_process_ended follows.
 */
bool gate_may_start(struct gate *gate, struct weight_place *place);

/* There is no such process after all. */
void gate_start_failed(struct gate *gate, struct weight_place *place);

/* -k: it is the turn of another job. Its slot may wait to start it. */
void gate_turn_passed(struct gate *gate);

enum gate_room {
	GATE_MAYBE,   /* try again */
	GATE_CROWDED, /* another slot waits for room already: the caller shall give its job back */
	GATE_CLOSED   /* nothing more is to be started */
};

/*
 * The system has no room for the caller's process; `error` says what ran short. Waits until a
 * process of ours has ended, or a second has gone by.
 */
enum gate_room gate_await_room(struct gate *gate, int error);

/* A process of ours has ended that took so many bytes: what waits for room looks again. */
void gate_process_ended(struct gate *gate, struct weight_place *place, double bytes);

/* A job has stepped aside, as its key is busy. */
void gate_job_aside(struct gate *gate);

/*
 * Why no job starts, for the user: "paused", "waits for memory: 1.2 of 2 GiB". `free`: there are
 * slots without a job. False: there is no reason. Safe from any thread.
 */
enum { GATE_REASON = VERDICT_REASON + 16 };
bool gate_reason(struct gate *gate, bool free, char reason[GATE_REASON]);

/* The same, where it is the machine that has no room. */
bool gate_room_reason(struct gate *gate, char reason[GATE_REASON]);

/* The reason may be another one: tells those who want to know. Safe from any thread. */
void gate_tell(struct gate *gate);

#endif
