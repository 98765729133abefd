#include "pace/gate.h"

#include <stdio.h>

#include "base/clock.h"

/* A job that waits for others for so long, in ms, is shown. */
enum { WAIT_SHOWN_AFTER = 1000 };

/* So many failed jobs may wait for their next attempt before others have to wait, too. */
enum { MOST_DELAYED = 16384 };

void gate_init(struct gate *gate, struct run_state *state, struct queue *queue,
    struct events *events, int64_t delay_ms, bool items_are_gone, struct timer *shortage,
    struct timer *waiting)
{
	*gate = (struct gate){.state = state,
	    .queue = queue,
	    .events = events,
	    .items_are_gone = items_are_gone,
	    .waiting = waiting};
	delay_init(&gate->delay, delay_ms);
	shortage_init(&gate->shortage, shortage);
}

void gate_destroy(struct gate *gate)
{
	tokens_close(&gate->jobserver);
	tokens_close(&gate->semaphore);
	delay_destroy(&gate->delay);
	room_destroy(&gate->room);
	weights_destroy(&gate->weights);
}

static void set(struct gate *gate, atomic_bool *condition, bool holds)
{
	if (atomic_exchange(condition, holds) == holds)
		return;
	run_state_changed(gate->state);
	gate_tell(gate);
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
		run_state_changed(gate->state);
}

bool gate_may_run(const struct gate *gate)
{
	enum run_phase phase = run_state_phase(gate->state);

	return phase == RUN_GOES_ON || (phase == RUN_DRAINS && gate->items_are_gone);
}

bool gate_is_held(const struct gate *gate)
{
	/* A drain ends what --ctl holds: what --next has given already is still to be done. */
	bool held = atomic_load(&gate->held) && run_state_goes_on(gate->state);

	return atomic_load(&gate->stopped) || held;
}

/* What keeps jobs from starting: the conditions. */
static bool is_closed(struct gate *gate)
{
	return gate_is_held(gate) || !room_is_open(&gate->room);
}

/* Has so much piled up that nothing new is begun? */
static bool is_piled_up(const struct gate *gate)
{
	return atomic_load(&gate->backlog) || queue_delayed(gate->queue) >= MOST_DELAYED ||
	       queue_is_blocked(gate->queue);
}

void gate_lend_descriptors(struct gate *gate, int64_t until_ms)
{
	atomic_store(&gate->lent_until_ms, until_ms);
}

bool gate_lends_descriptors(const struct gate *gate)
{
	return clock_ms() < atomic_load(&gate->lent_until_ms);
}

bool gate_may_take(struct gate *gate)
{
	return run_state_goes_on(gate->state) && !gate_is_held(gate) &&
	       !events_are_full(gate->events) && room_is_open_to_another(&gate->room) &&
	       (queue_ready(gate->queue) > 0 || !is_piled_up(gate));
}

void gate_job_taken(struct gate *gate, struct weight_place *place)
{
	room_take(&gate->room);
	weights_line_up(&gate->weights, place);
}

void gate_job_dropped(struct gate *gate, struct weight_place *place)
{
	bool next = weights_step_out(&gate->weights, place);

	if (room_drop(&gate->room) || next)
		run_state_changed(gate->state);
}

void gate_ask(struct gate *gate, const struct side_process *by)
{
	if (!gate_may_run(gate) || gate_is_held(gate) || !room_ask(&gate->room, by))
		return;
	run_state_changed(gate->state);
	gate_tell(gate);
}

bool gate_is_asking(const struct gate *gate)
{
	return limit_command_is_asked(&gate->room.limit);
}

void gate_drop_question(struct gate *gate, bool alone)
{
	if (gate_is_asking(gate) && (alone || !gate_may_run(gate)))
		limit_command_drop(&gate->room.limit);
}

int64_t gate_next_ask(struct gate *gate)
{
	return gate_is_held(gate) ? TIMER_NEVER : room_next_ask(&gate->room);
}

int64_t gate_reserve_start(struct gate *gate)
{
	return delay_reserve(&gate->delay);
}

/* A job waits for others: what lasts is shown. Short waits are many, and cost nothing. */
static void note_wait(struct gate *gate)
{
	timer_set_by(gate->waiting, clock_ms() + WAIT_SHOWN_AFTER);
}

void gate_job_aside(struct gate *gate)
{
	note_wait(gate);
}

/* Takes one for the job, or lets it be known that one is wanted. */
static bool hold(struct tokens *tokens, bool *held, bool *wanted)
{
	if (*held || !tokens_are_needed(tokens))
		return true;
	if (!*wanted)
		tokens_want(tokens);
	*held = tokens_take(tokens);
	*wanted = !*held;
	if (*held)
		tokens_want_no_more(tokens);
	return *held;
}

/*
 * Has the job what it has to hold? The unit of a semaphore comes first: a token of the jobserver is
 * held only for what runs at once.
 */
static bool hold_all(struct gate *gate, struct gate_pass *pass, struct gate_pass *wanted)
{
	return hold(&gate->semaphore, &pass->unit, &wanted->unit) &&
	       hold(&gate->jobserver, &pass->token, &wanted->token);
}

/* The job waits for none any more. */
static void want_none(struct gate *gate, struct gate_pass *wanted)
{
	if (wanted->unit)
		tokens_want_no_more(&gate->semaphore);
	if (wanted->token)
		tokens_want_no_more(&gate->jobserver);
	*wanted = (struct gate_pass){false, false};
}

void gate_leave(struct gate *gate, struct gate_pass *pass)
{
	if (pass->token)
		tokens_give(&gate->jobserver);
	if (pass->unit)
		tokens_give(&gate->semaphore);
	*pass = (struct gate_pass){false, false};
}

bool gate_await_start(struct gate *gate, struct weight_place *place, int64_t start_ms,
    struct gate_pass *pass, const struct side_process *by)
{
	struct gate_pass wanted = {false, false};

	for (;;) {
		gate_ask(gate, by);
		unsigned seen = eventcount_read(&gate->state->changed);
		bool early = clock_ms() < start_ms;
		bool runs = gate_may_run(gate);
		bool open = !early && !is_closed(gate) && weights_allow(&gate->weights, place);
		if (!runs || (open && hold_all(gate, pass, &wanted))) {
			want_none(gate, &wanted);
			gate_tell(gate);
			return runs;
		}
		if (!early)
			note_wait(gate);
		/* What it cannot use yet others may need: other runs, or the first in line. */
		if (!open) {
			want_none(gate, &wanted);
			gate_leave(gate, pass);
		}
		gate_tell(gate);
		eventcount_wait(
		    &gate->state->changed, seen, early ? start_ms : gate_next_ask(gate));
	}
}

bool gate_may_start(struct gate *gate, struct weight_place *place)
{
	if (!gate_may_run(gate) || gate_is_held(gate) || !room_is_open(&gate->room) ||
	    !weights_enter(&gate->weights, place))
		return false;
	if (!room_enter(&gate->room)) {
		/* Another slot was quicker. */
		weights_leave(&gate->weights, place);
		return false;
	}
	/* The next in line may start beside this one. */
	if (weights_have_line(&gate->weights))
		run_state_changed(gate->state);
	return true;
}

void gate_start_failed(struct gate *gate, struct weight_place *place)
{
	weights_leave(&gate->weights, place);
	if (room_leave(&gate->room, 0) || weights_have_line(&gate->weights))
		run_state_changed(gate->state);
}

void gate_turn_passed(struct gate *gate)
{
	if (weights_have_line(&gate->weights))
		run_state_changed(gate->state);
}

enum gate_room gate_await_room(struct gate *gate, int error)
{
	unsigned seen = eventcount_read(&gate->state->changed);

	shortage_begin(&gate->shortage);
	if (!gate_may_run(gate))
		return GATE_CLOSED;
	if (!shortage_enter(&gate->shortage))
		return GATE_CROWDED;
	shortage_say(&gate->shortage, error);
	eventcount_wait(&gate->state->changed, seen, clock_ms() + SHORTAGE_RETRY);
	shortage_leave(&gate->shortage);
	return GATE_MAYBE;
}

void gate_process_ended(struct gate *gate, struct weight_place *place, double bytes)
{
	weights_leave(&gate->weights, place);
	/* Its slot may find that all jobs that are left wait for their keys. */
	if (queue_aside(gate->queue) > 0)
		note_wait(gate);
	if (room_leave(&gate->room, bytes) || weights_have_line(&gate->weights) ||
	    shortage_is_felt(&gate->shortage))
		run_state_changed(gate->state);
}

bool gate_room_reason(struct gate *gate, char reason[GATE_REASON])
{
	char text[VERDICT_REASON];

	*reason = '\0';
	if (room_reason(&gate->room, text))
		snprintf(reason, GATE_REASON, "waits for %s", text);
	return *reason != '\0';
}

bool gate_reason(struct gate *gate, bool free, char reason[GATE_REASON])
{
	char text[VERDICT_REASON];
	unsigned aside = queue_aside(gate->queue);

	*reason = '\0';
	if (atomic_load(&gate->stopped))
		snprintf(reason, GATE_REASON, "stopped");
	else if (atomic_load(&gate->held))
		snprintf(reason, GATE_REASON, "paused");
	else if (gate_room_reason(gate, reason))
		return true;
	else if (weights_reason(&gate->weights, text, sizeof text))
		snprintf(reason, GATE_REASON, "waits for %s", text);
	else if (tokens_are_awaited(&gate->semaphore))
		snprintf(reason, GATE_REASON, "waits for a unit of the semaphore");
	else if (tokens_are_awaited(&gate->jobserver))
		snprintf(reason, GATE_REASON, "waits for a token of the jobserver");
	else if (free && aside > 0)
		snprintf(
		    reason, GATE_REASON, "waits for keys: %u job%s", aside, aside == 1 ? "" : "s");
	return *reason != '\0';
}

void gate_tell(struct gate *gate)
{
	char reason[GATE_REASON];

	if (!events_are_wanted(gate->events))
		return;
	gate_reason(gate, false, reason);
	events_tell_reason(gate->events, reason);
}
