#include "pace/gate.h"

#include "base/clock.h"

/* So many failed jobs may wait for their next attempt before others have to wait, too. */
enum { MOST_DELAYED = 16384 };

void gate_init(struct gate *gate, struct run_state *state, struct queue *queue, int64_t delay_ms,
    bool items_are_gone, struct timer *retry)
{
	*gate = (struct gate){.state = state, .queue = queue, .items_are_gone = items_are_gone};
	delay_init(&gate->delay, delay_ms);
	shortage_init(&gate->shortage, retry);
}

void gate_destroy(struct gate *gate)
{
	delay_destroy(&gate->delay);
}

static void set(struct gate *gate, atomic_bool *condition, bool holds)
{
	if (atomic_exchange(condition, holds) != holds)
		run_state_changed(gate->state);
}

void gate_set_stopped(struct gate *gate, bool stopped)
{
	set(gate, &gate->stopped, stopped);
}

void gate_set_held(struct gate *gate, bool held)
{
	set(gate, &gate->held, held);
}

void gate_set_backlog(struct gate *gate, bool backlog)
{
	if (atomic_exchange(&gate->backlog, backlog) && !backlog)
		eventcount_signal(&gate->state->changed);
}

bool gate_may_take(const struct gate *gate)
{
	if (!run_state_goes_on(gate->state) || atomic_load(&gate->held))
		return false;
	return queue_ready(gate->queue) > 0 ||
	       (!atomic_load(&gate->backlog) && queue_delayed(gate->queue) < MOST_DELAYED);
}

/* May a job that was taken be run? As long as the run goes on, or it would be lost. */
static bool may_run(const struct gate *gate)
{
	enum run_phase phase = run_state_phase(gate->state);

	return phase == RUN_GOES_ON || (phase == RUN_DRAINS && gate->items_are_gone);
}

/* A drain ends what --ctl holds: what --next has given already is still to be done. */
static bool is_paused(const struct gate *gate)
{
	return atomic_load(&gate->stopped) ||
	       (atomic_load(&gate->held) && run_state_goes_on(gate->state));
}

bool gate_may_start(const struct gate *gate)
{
	return may_run(gate) && !is_paused(gate);
}

bool gate_await_end_of_pause(struct gate *gate)
{
	unsigned seen = eventcount_read(&gate->state->changed);

	while (may_run(gate) && is_paused(gate)) {
		eventcount_wait(&gate->state->changed, seen, INT64_MAX);
		seen = eventcount_read(&gate->state->changed);
	}
	return may_run(gate);
}

bool gate_await_start(struct gate *gate)
{
	int64_t start_ms = delay_reserve(&gate->delay);
	unsigned seen = eventcount_read(&gate->state->changed);

	while (start_ms > 0 && may_run(gate) && clock_ms() < start_ms) {
		eventcount_wait(&gate->state->changed, seen, start_ms);
		seen = eventcount_read(&gate->state->changed);
	}
	return may_run(gate);
}

enum gate_room gate_await_room(struct gate *gate, int error)
{
	unsigned seen = eventcount_read(&gate->state->changed);

	shortage_begin(&gate->shortage);
	if (!run_state_goes_on(gate->state))
		return GATE_CLOSED;
	if (!shortage_enter(&gate->shortage))
		return GATE_CROWDED;
	shortage_say(&gate->shortage, error);
	eventcount_wait(&gate->state->changed, seen, clock_ms() + SHORTAGE_RETRY);
	shortage_leave(&gate->shortage);
	return GATE_MAYBE;
}

void gate_process_ended(struct gate *gate)
{
	if (shortage_is_felt(&gate->shortage))
		eventcount_signal(&gate->state->changed);
}
