#include "pace/room.h"

#include <err.h>
#include <string.h>

#include "base/clock.h"
#include "pace/memory_room.h"

/* The system has to tell what a condition is about. */
static void check(const struct room_options *options)
{
	if (memory_room_wanted(options) > 0 && system_memory_free() < 0)
		errx(1, "--memfree and --memsuspend: this system does not tell how much memory is "
			"free");
	if (options->load > 0 && system_running() < 0)
		errx(1, "--load: this system does not tell how many processes run");
	for (enum system_resource i = 0; i < SYSTEM_RESOURCES; i++)
		if (options->pressure[i] > 0 && system_pressure(i) < 0)
			errx(1, "--pressure %s: this system does not tell it",
			    system_resource_names[i]);
}

void room_init(struct room *room, const struct room_options *options, struct timer *timer)
{
	bool pressure = false;

	for (enum system_resource i = 0; i < SYSTEM_RESOURCES; i++)
		pressure |= options->pressure[i] > 0;
	*room = (struct room){.options = options, .timer = timer};
	limit_command_init(&room->limit, options->limit);
	lock_init(&room->lock, LOCK_PACE);
	room->used[ROOM_BY_SUPERVISOR] =
	    memory_room_wanted(options) > 0 || options->load > 0 || pressure;
	room->used[ROOM_BY_SLOT] = options->limit != NULL;
	room->any_used = room->used[ROOM_BY_SUPERVISOR] || room->used[ROOM_BY_SLOT];
	room->watches = options->memfree_kill || options->memsuspend > 0;
	for (int i = 0; i < ROOM_SAMPLERS; i++)
		room->sampled_ms[i] = INT64_MIN / 2; /* there is none yet */
	if (room->any_used)
		check(options);
}

void room_destroy(struct room *room)
{
	limit_command_destroy(&room->limit);
	lock_destroy(&room->lock);
}

/* --- whether a job may start --- */

/* Does a sample say that `jobs` more may start? Asks for another one where it is old. With the lock
 * held. */
static bool allows(struct room *room, enum room_sampler sampler, unsigned jobs, int64_t now_ms)
{
	const struct verdict *verdict = &room->verdicts[sampler];
	int64_t until_ms = room->sampled_ms[sampler] + ROOM_INTERVAL;
	bool fresh = now_ms < until_ms;

	if (fresh && !verdict->closed && verdict->more >= (int)jobs)
		return true;
	if (sampler == ROOM_BY_SUPERVISOR)
		timer_set_by(room->timer, fresh ? until_ms : now_ms);
	return false;
}

/* May a job start behind `before` others that were taken and have not started? With the lock held.
 */
static bool is_open(struct room *room, unsigned before)
{
	int64_t now_ms = clock_ms();
	bool open = true, asks = room->options->first_waits || room->running + before > 0;

	for (int i = 0; i < ROOM_SAMPLERS && asks; i++)
		if (room->used[i] && !allows(room, i, before + 1, now_ms))
			open = false;
	atomic_store(&room->waits, !open);
	return open;
}

bool room_is_open(struct room *room)
{
	if (!room->any_used)
		return true;
	lock_take(&room->lock);
	bool open = is_open(room, 0);
	lock_release(&room->lock);
	return open;
}

bool room_is_open_to_another(struct room *room)
{
	if (!room->any_used)
		return true;
	lock_take(&room->lock);
	/* The first one is taken whatever the room, and waits: else a queue without items never
	 * ends. */
	bool open = room->taken == 0 || is_open(room, room->taken - room->running);
	lock_release(&room->lock);
	return open;
}

void room_take(struct room *room)
{
	if (!room->any_used)
		return;
	lock_take(&room->lock);
	room->taken++;
	lock_release(&room->lock);
}

bool room_drop(struct room *room)
{
	if (!room->any_used)
		return false;
	lock_take(&room->lock);
	room->taken--;
	lock_release(&room->lock);
	return atomic_load(&room->waits);
}

/* Changes how many may start by one. With the lock held. */
static void count(struct room *room, int change)
{
	for (int i = 0; i < ROOM_SAMPLERS; i++)
		room->verdicts[i].more += change;
}

bool room_enter(struct room *room)
{
	if (!room->any_used)
		return true;
	lock_take(&room->lock);
	bool open = is_open(room, 0);
	if (open) {
		room->running++;
		count(room, -1);
		if (room->watches && room->running > 1)
			timer_set_by(
			    room->timer, room->sampled_ms[ROOM_BY_SUPERVISOR] + ROOM_INTERVAL);
	}
	lock_release(&room->lock);
	return open;
}

bool room_leave(struct room *room, double bytes)
{
	if (!room->any_used)
		return false;
	lock_take(&room->lock);
	room->running--;
	count(room, 1);
	if (bytes > room->largest)
		room->largest = bytes;
	lock_release(&room->lock);
	/* The last one that goes on may have ended. */
	if (atomic_load(&room->suspended) > 0)
		timer_set(room->timer, 0);
	return atomic_load(&room->waits);
}

/* --- samples --- */

/* With the lock held. */
static void set(struct room *room, enum room_sampler sampler, const struct verdict *verdict)
{
	room->verdicts[sampler] = *verdict;
	room->sampled_ms[sampler] = clock_ms();
}

void room_set(struct room *room, const struct verdict *verdict)
{
	lock_take(&room->lock);
	set(room, ROOM_BY_SUPERVISOR, verdict);
	lock_release(&room->lock);
}

/* Is the sample of the command old? */
static bool must_ask(struct room *room)
{
	lock_take(&room->lock);
	bool old = clock_ms() >= room->sampled_ms[ROOM_BY_SLOT] + ROOM_INTERVAL;
	lock_release(&room->lock);
	return old;
}

bool room_ask(struct room *room, const struct side_process *by)
{
	if (!room->used[ROOM_BY_SLOT] || room_is_open(room) || !must_ask(room) ||
	    !limit_command_claim(&room->limit))
		return false;
	/* Should it take long, the supervisor says so, and sees whether it still matters. */
	timer_set_by(room->timer, clock_ms() + ROOM_INTERVAL);
	struct verdict verdict = verdict_open();
	enum limit_answer answer = limit_command_judge(&room->limit, &verdict, by);
	if (answer == LIMIT_DEMANDS)
		atomic_store(&room->demands, true);
	if (answer != LIMIT_DROPPED) {
		lock_take(&room->lock);
		set(room, ROOM_BY_SLOT, &verdict);
		lock_release(&room->lock);
	}
	/* The supervisor does what it demands, and says what the slots wait for. */
	timer_set(room->timer, 0);
	return true;
}

int64_t room_next_ask(struct room *room)
{
	if (!room->used[ROOM_BY_SLOT] || limit_command_is_asked(&room->limit))
		return TIMER_NEVER;
	lock_take(&room->lock);
	int64_t due_ms = room->sampled_ms[ROOM_BY_SLOT] + ROOM_INTERVAL;
	lock_release(&room->lock);
	return due_ms;
}

/* --- what is known --- */

double room_promise(struct room *room)
{
	lock_take(&room->lock);
	double promise = memory_room_promise(room->options, room->largest);
	lock_release(&room->lock);
	return promise;
}

unsigned room_running(struct room *room)
{
	lock_take(&room->lock);
	unsigned running = room->running;
	lock_release(&room->lock);
	return running;
}

bool room_reason(struct room *room, char reason[VERDICT_REASON])
{
	*reason = '\0';
	if (!atomic_load(&room->waits))
		return false;
	lock_take(&room->lock);
	for (int i = 0; i < ROOM_SAMPLERS && !*reason; i++)
		strlcpy(reason, room->verdicts[i].reason, VERDICT_REASON);
	lock_release(&room->lock);
	/* There is no answer of it yet. */
	if (!*reason && limit_command_is_asked(&room->limit))
		strlcpy(reason, "--limit", VERDICT_REASON);
	return *reason != '\0';
}
