#include "pool/room_watch.h"

#include <inttypes.h>

#include "base/clock.h"
#include "base/message.h"
#include "pace/load_room.h"
#include "pace/memory_room.h"
#include "pace/pressure_room.h"

/* --- what the slots go by --- */

static void judge_memory(struct room_watch *watch, struct verdict *verdict, double free)
{
	struct room *room = &watch->gate->room;
	double wanted = memory_room_wanted(room->options), each = room_promise(room);

	if (wanted == 0)
		return;
	memory_room_judge(verdict, free, pool_untaken_memory(watch->pool, room_running(room), each),
	    wanted, each);
	if (atomic_load(&room->suspended) > 0)
		verdict_close(verdict, "jobs that are suspended");
}

/* Takes a sample of all conditions that are the supervisor's. */
static void sample(struct room_watch *watch, double free)
{
	struct room *room = &watch->gate->room;
	const struct room_options *options = room->options;
	struct verdict verdict = verdict_open();

	judge_memory(watch, &verdict, free);
	if (options->load > 0)
		load_room_judge(&verdict, system_running(), options->load);
	for (enum system_resource i = 0; i < SYSTEM_RESOURCES; i++)
		if (options->pressure[i] > 0)
			pressure_room_judge(&verdict, i, system_pressure(i), options->pressure[i]);
	room_set(room, &verdict);
}

/* Says, once, what the slots wait for. */
static void say_reason(struct room_watch *watch)
{
	char reason[GATE_REASON];

	if (watch->said || watch->quiet || !gate_room_reason(watch->gate, reason))
		return;
	watch->said = true;
	message("%s", reason);
}

/* --- the jobs that run --- */

/* Ends the youngest job, which is put back, unless it is the only one. */
static void put_back_youngest(struct room_watch *watch, const char *why)
{
	struct waitable_jobs jobs = pool_waitable(watch->pool);
	const struct waitable_job *job = &jobs.youngest;

	if (jobs.going + jobs.suspended < 2 || !process_preempt(job->process, job->started_ms))
		return;
	time_limit_request_kill(watch->limit);
	message("job %" PRIu64 ": ended, to be started again later: %s", job->seq, why);
}

/* Stops the youngest job, or lets the oldest that is stopped go on. */
static void suspend_or_resume(struct room_watch *watch, double free)
{
	struct room *room = &watch->gate->room;
	struct waitable_jobs jobs = pool_waitable(watch->pool);
	bool short_of_memory = free < 2 * (double)room->options->memsuspend;
	const struct waitable_job *job = &jobs.stop_next;

	if (short_of_memory && jobs.going > 1 && process_suspend(job->process, job->started_ms)) {
		message("job %" PRIu64 ": suspended, as memory is short", job->seq);
		jobs.suspended++;
	}
	job = &jobs.wake_next;
	if ((!short_of_memory || jobs.going == 0) && jobs.suspended > 0 &&
	    process_resume(job->process, job->started_ms)) {
		message("job %" PRIu64 ": goes on", job->seq);
		jobs.suspended--;
	}
	atomic_store(&room->suspended, jobs.suspended);
}

/* Makes room where there is none. */
static void make_room(struct room_watch *watch, double free)
{
	struct room *room = &watch->gate->room;
	const struct room_options *options = room->options;

	if (options->memsuspend > 0)
		suspend_or_resume(watch, free);
	if (options->memfree_kill && free < (double)options->memfree / 2)
		put_back_youngest(watch, "memory is short");
}

void room_watch_look(struct room_watch *watch, int64_t now_ms)
{
	struct room *room = &watch->gate->room;
	bool due = watch->sampled_ms == 0 || now_ms >= watch->sampled_ms + ROOM_INTERVAL;
	double free = SYSTEM_UNKNOWN;

	if (atomic_exchange(&room->demands, false))
		put_back_youngest(watch, "--limit asks for it");
	if (due) {
		if (memory_room_wanted(room->options) > 0)
			free = system_memory_free();
		make_room(watch, free);
		watch->sampled_ms = now_ms;
		sample(watch, free);
	} else if (atomic_load(&room->suspended) > 0) {
		/* The last job that went on may have ended. */
		suspend_or_resume(watch, 0);
	}
	if (gate_is_asking(watch->gate))
		timer_set_by(room->timer, now_ms + ROOM_INTERVAL);
	/* Jobs that have ended may have been the last ones that are to be looked at. */
	if (room->watches && room_running(room) > 1)
		timer_set_by(room->timer, watch->sampled_ms + ROOM_INTERVAL);
	run_state_changed(watch->gate->state);
	progress_changed(watch->progress);
	gate_tell(watch->gate);
	say_reason(watch);
}
