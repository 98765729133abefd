#include "pace/run_state.h"

#include <errno.h>
#include <signal.h>
#include <string.h>

#include "base/message.h"

/* At least one job has failed. */
enum { SOME_FAILED = 123 };

void run_state_init(
    struct run_state *state, struct interrupt *reader, struct timers *timers, struct events *events)
{
	*state = (struct run_state){
	    .reader = reader, .timers = timers, .events = events, .halt_status = -1};
	atomic_flag_clear(&state->output_lost);
	eventcount_init(&state->changed);
	lock_init(&state->lock, LOCK_STATE);
}

void run_state_destroy(struct run_state *state)
{
	eventcount_destroy(&state->changed);
	lock_destroy(&state->lock);
}

enum run_phase run_state_phase(const struct run_state *state)
{
	return atomic_load(&state->phase);
}

bool run_state_goes_on(const struct run_state *state)
{
	return run_state_phase(state) == RUN_GOES_ON;
}

void run_state_changed(struct run_state *state)
{
	eventcount_signal(&state->changed);
	interrupt_raise(state->reader);
}

static bool stop(
    struct run_state *state, enum run_phase phase, int status, int signal, bool by_halt)
{
	lock_take(&state->lock);
	bool first = state->signal == 0 && (signal != 0 || state->status == 0);
	if (first) {
		state->status = status;
		state->signal = signal;
		state->halted = by_halt;
	}
	if (phase > run_state_phase(state)) {
		atomic_store(&state->phase, phase);
		events_tell(state->events, (struct event){.kind = EVENT_HALT,
					       .ends = phase == RUN_ENDS,
					       .status = state->status,
					       .signal = state->signal});
	}
	lock_release(&state->lock);
	run_state_changed(state);
	timers_wake(state->timers);
	return first;
}

bool run_state_stop(struct run_state *state, enum run_phase phase, int status, int signal)
{
	return stop(state, phase, status, signal, false);
}

bool run_state_halt(struct run_state *state, enum run_phase phase)
{
	return stop(state, phase, RUN_LEFT_UNDONE, 0, true);
}

void run_state_set_halt_status(struct run_state *state, int status)
{
	lock_take(&state->lock);
	if (state->halt_status < 0)
		state->halt_status = status;
	lock_release(&state->lock);
}

int run_state_halt_status(struct run_state *state)
{
	lock_take(&state->lock);
	int status = state->halted ? state->halt_status : -1;
	lock_release(&state->lock);
	return status;
}

bool run_state_is_halted(struct run_state *state)
{
	lock_take(&state->lock);
	bool halted = state->halted;
	lock_release(&state->lock);
	return halted;
}

void run_state_lose_output(struct run_state *state, int error)
{
	struct sigaction action;

	/* The supervisor sees a reader go while a slot writes to it. */
	if (error == 0 || atomic_flag_test_and_set(&state->output_lost))
		return;
	sigaction(SIGPIPE, NULL, &action);
	if (error == EPIPE && action.sa_handler != SIG_IGN) {
		run_state_stop(state, RUN_ENDS, 1, SIGPIPE);
		return;
	}
	message("writing output: %s", strerror(error));
	run_state_stop(state, RUN_ENDS, 1, 0);
}

bool run_state_is_drained(struct run_state *state)
{
	lock_take(&state->lock);
	bool drained =
	    run_state_phase(state) == RUN_DRAINS && state->signal == 0 && state->status == 0;
	lock_release(&state->lock);
	return drained;
}

int run_state_signal(struct run_state *state)
{
	lock_take(&state->lock);
	int signal = state->signal;
	lock_release(&state->lock);
	return signal;
}

int run_state_exit_status(struct run_state *state, bool any_failed, bool all_begun, bool undone)
{
	lock_take(&state->lock);
	int status = state->halted && all_begun ? 0 : state->status;
	lock_release(&state->lock);
	if (status != 0)
		return status;
	if (undone)
		return RUN_LEFT_UNDONE;
	return any_failed ? SOME_FAILED : 0;
}
