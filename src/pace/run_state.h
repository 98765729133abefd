/*
 * run_state: whether the run goes on, and how it ends.
 *
 * The phase only moves forward. Of several reasons to end the first one counts, but a signal counts
 * more than a status.
 */
#ifndef PEXEC_PACE_RUN_STATE_H
#define PEXEC_PACE_RUN_STATE_H

#include <stdatomic.h>
#include <stdbool.h>

#include "base/eventcount.h"
#include "base/interrupt.h"
#include "base/lock.h"
#include "base/timers.h"
#include "record/events.h"

/* The exit status of a run that leaves work undone. */
enum { RUN_LEFT_UNDONE = 125 };

enum run_phase {
	RUN_GOES_ON,
	RUN_DRAINS, /* no job is started any more; those that run may finish */
	RUN_ENDS    /* the jobs are being ended */
};

struct run_state {
	struct eventcount changed; /* slots wait for it: a phase, a pause, room, less backlog */
	struct interrupt *reader;  /* makes the slot that waits for an item look up */
	struct timers *timers;     /* the supervisor's */
	struct events *events;     /* are told when the phase moves */
	_Atomic enum run_phase phase;
	atomic_bool killed;      /* SIGKILL was sent to all jobs: none is started any more */
	atomic_bool gives_up;    /* and so was --back: it is not started any more either */
	atomic_flag output_lost; /* it was said that our output cannot be written */
	struct lock lock;        /* guards what follows */
	int status;              /* the exit status that ends the run; 0: the jobs decide */
	int signal;              /* the signal that pexec dies of; 0: none */
	bool halted;             /* by --halt: `status` is its */
	int halt_status;         /* what --halt says the status is; -1: nothing */
};

/* `reader`, `timers` and `events` are those that are told when the run ends. */
void run_state_init(struct run_state *state, struct interrupt *reader, struct timers *timers,
    struct events *events);
void run_state_destroy(struct run_state *state);

enum run_phase run_state_phase(const struct run_state *state);
bool run_state_goes_on(const struct run_state *state);

/*
 * Moves on to `phase`, if that is further than the present one, and tells all that wait.
 * `status` is the exit status that results, `signal` the signal that pexec dies of, 0 for neither.
 * Returns whether this call is the reason. Safe from any thread.
 */
bool run_state_stop(struct run_state *state, enum run_phase phase, int status, int signal);

/* As run_state_stop with status 125: --halt has come true. */
bool run_state_halt(struct run_state *state, enum run_phase phase);

/* What --halt makes the exit status of the run, in the place of 125: the first call counts. -1: it
 * has not come true, or says nothing. */
void run_state_set_halt_status(struct run_state *state, int status);
int run_state_halt_status(struct run_state *state);

/*
 * Ends the run as our stdout or stderr cannot be written to: `error` is the errno, 0 when another
 * call has been told it. It is said once. Without a reader pexec dies of SIGPIPE, as a program
 * without slots would.
 */
void run_state_lose_output(struct run_state *state, int error);

/* Has --halt ended it? */
bool run_state_is_halted(struct run_state *state);

/* Was the run told to drain, and has it no other reason to end? */
bool run_state_is_drained(struct run_state *state);

/* The signal that the run has got; 0: none. */
int run_state_signal(struct run_state *state);

/*
 * The exit status of a run that is over. `all_begun`: nothing of the queue is left, so that --halt
 * came true behind the last job; `undone`: the run leaves what it should have done.
 */
int run_state_exit_status(struct run_state *state, bool any_failed, bool all_begun, bool undone);

/* Lets everything that waits for a change of the run look again. Safe from any thread. */
void run_state_changed(struct run_state *state);

#endif
