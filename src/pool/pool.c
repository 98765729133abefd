#include "pool/pool.h"

#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/escape.h"
#include "base/message.h"
#include "base/system_limits.h"
#include "base/system_load.h"
#include "pace/slot_count.h"
#include "pool/attempt_events.h"
#include "record/event_line.h"
#include "record/report.h"

unsigned long pool_init(struct pool *pool, unsigned slots)
{
	unsigned long granted;
	unsigned fitting = descriptors_lift(&pool->needs, slots, &granted);
	unsigned long taken = pool->needs.base + pool->needs.each * fitting;

	lock_init(&pool->lock, LOCK_POOL);
	caller_state_compare_limits(pool->caller);
	pool->wanted = fitting < slots ? slots : 0;
	atomic_flag_clear(&pool->cut_said);
	atomic_store(&pool->limit, fitting);
	return granted > taken ? granted - taken : 0;
}

void pool_free(struct pool *pool)
{
	for (unsigned i = 0; i < pool->slot_count; i++)
		free(pool->slots[i]);
	free(pool->slots);
	lock_destroy(&pool->lock);
}

/* --- how many slots there are --- */

unsigned pool_limit(const struct pool *pool)
{
	return atomic_load(&pool->limit);
}

void pool_begin_with(struct pool *pool, unsigned slots)
{
	atomic_store(&pool->limit, slots);
	/* More of them were asked for by no one. */
	pool->wanted = 0;
	output_set_slots(pool->output, slots);
}

unsigned pool_set_slots(struct pool *pool, unsigned slots)
{
	unsigned before, fitting = slots;
	unsigned long granted;

	lock_take(&pool->lock);
	before = pool_limit(pool);
	if (slots > before)
		fitting = descriptors_lift(&pool->needs, slots, &granted);
	if (slots > before && fitting < before)
		fitting = before;
	atomic_store(&pool->limit, fitting);
	lock_release(&pool->lock);
	if (fitting != before)
		events_tell(pool->events, (struct event){.kind = EVENT_SLOTS, .slots = fitting});
	if (pool->jobserver)
		jobserver_set_total(pool->jobserver, fitting);
	caller_state_compare_limits(pool->caller);
	output_set_slots(pool->output, fitting);
	if (fitting < slots)
		message("%s %u slot%s: no more open files are allowed (ulimit -n)",
		    fitting == before ? "still" : "only", fitting, fitting == 1 ? "" : "s");
	/* A slot that is one too many now may be waiting for its next job. */
	run_state_changed(pool->state);
	progress_changed(pool->progress);
	return fitting;
}

unsigned pool_find_slots(struct pool *pool, struct sizer *sizer, const struct slot_range *range)
{
	unsigned long granted;

	lock_take(&pool->lock);
	unsigned most = descriptors_lift(&pool->needs, range->most, &granted);
	lock_release(&pool->lock);
	unsigned slots = sizer_start(sizer, range, pool_limit(pool), most);
	return slots > 0 ? pool_set_slots(pool, slots) : pool_limit(pool);
}

unsigned long pool_start_descriptors(const struct pool *pool)
{
	bool any_runs = atomic_load(&pool->progress->running) > 0;

	return any_runs && pool->needs.each > START_DESCRIPTORS ? START_DESCRIPTORS
								: pool->needs.each;
}

void pool_resize(struct pool *pool, int change)
{
	unsigned limit = pool_limit(pool);

	if (change > 0 ? limit < MAX_SLOTS : limit > 1)
		pool_set_slots(pool, change > 0 ? limit + 1 : limit - 1);
}

/* Says, once, that there could be more slots, but for the limit of descriptors. */
static void say_cut(struct pool *pool, unsigned limit)
{
	if (pool->wanted > limit && !atomic_flag_test_and_set(&pool->cut_said))
		message("%u slot%s instead of %u: only %lu open files are allowed (ulimit -n)",
		    limit, limit == 1 ? "" : "s", pool->wanted, system_descriptors(0));
}

bool pool_may_grow(struct pool *pool)
{
	unsigned limit = pool_limit(pool);

	if (atomic_load(&pool->busy) < limit)
		return !shortage_holds(pool->shortage);
	say_cut(pool, limit);
	return false;
}

/* Makes another slot. NULL with errno: there is no room. With the lock held. */
static struct slot *make_slot(struct pool *pool)
{
	if (pool->slot_count == POOL_SLOTS) {
		errno = EAGAIN;
		return NULL;
	}
	struct slot **slots =
	    reallocarray(pool->slots, pool->slot_count + 1, sizeof(struct slot *));
	if (!slots)
		return NULL;
	pool->slots = slots;
	struct slot *slot = calloc(1, sizeof *slot);
	if (!slot)
		return NULL;
	slot->pool = pool;
	slot->parts = pool->slot_parts;
	slot->number = pool->slot_count + 1;
	attempt_init(
	    &slot->attempt, pool->attempt_parts, slot->number, &pool->processes[pool->slot_count]);
	slots[pool->slot_count++] = slot;
	return slot;
}

/* The lowest slot that has no thread, made if need be. NULL with errno: there is no room. With the
 * lock held. */
static struct slot *free_slot(struct pool *pool)
{
	for (unsigned i = 0; i < pool->slot_count; i++)
		if (!pool->slots[i]->alive)
			return pool->slots[i];
	return make_slot(pool);
}

/* Counts one more slot that waits, if it is so many that do. */
static bool count_waiting(struct pool *pool, unsigned waiting)
{
	return atomic_compare_exchange_strong(&pool->waiting, &waiting, waiting + 1);
}

struct slot *pool_claim(struct pool *pool, bool extra, unsigned waiting)
{
	struct slot *slot = NULL;

	errno = 0;
	lock_take(&pool->lock);
	if (!pool->closed && (extra || atomic_load(&pool->busy) < pool_limit(pool)))
		slot = free_slot(pool);
	if (slot && extra)
		atomic_fetch_add(&pool->waiting, 1);
	else if (slot && !count_waiting(pool, waiting))
		slot = NULL, errno = EBUSY;
	if (slot) {
		slot->extra = extra;
		slot->alive = slot->counted = true;
		atomic_fetch_add(&pool->busy, 1);
	}
	lock_release(&pool->lock);
	return slot;
}

void pool_unclaim(struct pool *pool, struct slot *slot)
{
	lock_take(&pool->lock);
	slot->alive = slot->counted = false;
	atomic_fetch_sub(&pool->busy, 1);
	atomic_fetch_sub(&pool->waiting, 1);
	lock_release(&pool->lock);
}

/* With the lock held. */
static void count_out(struct pool *pool, struct slot *slot)
{
	assert(slot->counted);
	slot->counted = false;
	atomic_fetch_sub(&pool->busy, 1);
}

enum pool_verdict pool_ask(struct pool *pool, struct slot *slot, bool extra_has_work)
{
	if (atomic_load(&pool->busy) <= pool_limit(pool) || (slot->extra && extra_has_work))
		return POOL_STAY;
	/* The low numbers stay. When there are too many, one of them is above the limit. */
	if (slot->number <= pool_limit(pool))
		return POOL_WAIT;
	lock_take(&pool->lock);
	bool leaves = atomic_load(&pool->busy) > pool_limit(pool);
	if (leaves) {
		/* At once: what adds a slot looks for one that waits. */
		atomic_fetch_sub(&pool->waiting, 1);
		count_out(pool, slot);
	}
	lock_release(&pool->lock);
	if (!leaves)
		return POOL_STAY;
	run_state_changed(pool->state);
	return POOL_LEAVE;
}

void pool_count_out(struct pool *pool, struct slot *slot)
{
	lock_take(&pool->lock);
	count_out(pool, slot);
	lock_release(&pool->lock);
	run_state_changed(pool->state);
}

bool pool_leave(struct pool *pool, struct slot *slot)
{
	lock_take(&pool->lock);
	if (slot->counted)
		count_out(pool, slot);
	slot->alive = false;
	bool last = atomic_load(&pool->busy) == 0;
	lock_release(&pool->lock);
	run_state_changed(pool->state);
	return last;
}

bool pool_close(struct pool *pool)
{
	lock_take(&pool->lock);
	bool idle = pool->closed = atomic_load(&pool->busy) == 0;
	lock_release(&pool->lock);
	return idle;
}

void pool_join(struct pool *pool)
{
	for (unsigned i = 0; i < pool->slot_count; i++)
		if (pool->slots[i]->joinable)
			pthread_join(pool->slots[i]->thread, NULL);
}

/* --- what is done to all jobs --- */

/* The slot with this index; NULL behind the last. Slots stay: none goes away while it is used. */
static struct slot *slot_at(struct pool *pool, unsigned index)
{
	lock_take(&pool->lock);
	struct slot *slot = index < pool->slot_count ? pool->slots[index] : NULL;
	lock_release(&pool->lock);
	return slot;
}

void pool_signal(struct pool *pool, int signal)
{
	struct slot *slot;

	for (unsigned i = 0; (slot = slot_at(pool, i)); i++)
		process_signal(&slot->attempt.process, signal);
}

void pool_stop_jobs(struct pool *pool)
{
	int64_t until_ms = process_patience();
	struct slot *slot;

	pool_signal(pool, SIGSTOP);
	for (unsigned i = 0; (slot = slot_at(pool, i)); i++)
		process_settle(&slot->attempt.process, until_ms);
}

void pool_fit_terminals(struct pool *pool)
{
	struct slot *slot;

	if (!pool->output->options->pty)
		return;
	struct terminal_size size = terminal_own_size();
	for (unsigned i = 0; (slot = slot_at(pool, i)); i++)
		attempt_fit_terminal(&slot->attempt, size);
}

int64_t pool_expire(struct pool *pool, int64_t timeout_ms, const struct termination *termination)
{
	int64_t due_ms = TIMER_NEVER;
	struct slot *slot;

	for (unsigned i = 0; (slot = slot_at(pool, i)); i++) {
		int64_t next_ms = attempt_expire(&slot->attempt, timeout_ms, termination);
		if (next_ms < due_ms)
			due_ms = next_ms;
	}
	return due_ms;
}

bool pool_report_refusals(struct pool *pool)
{
	char name[JOB_NAME];
	bool any = false;
	struct slot *slot;
	pid_t refused;

	for (unsigned i = 0; (slot = slot_at(pool, i)); i++)
		if ((refused = process_take_refusal(&slot->attempt.process)) != 0) {
			any = true;
			message("%s: process %d cannot be signalled: %s",
			    attempt_name_job(&slot->attempt, name), (int)refused, strerror(EPERM));
		}
	return any;
}

/* The first process of the slot's job has ended. Returns whether it has to be looked at again. */
static bool note_lingering(struct slot *slot, pid_t pid, bool signals_come, int64_t now_ms)
{
	char holder[HOLDER_TEXT], name[JOB_NAME];

	/* What holds its output may end by a signal that is still to come. */
	if (slot->lingers != pid || signals_come) {
		slot->lingers = pid;
		slot->lingers_since_ms = now_ms;
		slot->linger_said = false;
	}
	if (slot->linger_said || now_ms < slot->lingers_since_ms + LINGER_SAID_AFTER)
		return !slot->linger_said;
	process_name_holder(&slot->attempt.process, holder);
	attempt_name_job(&slot->attempt, name);
	/* It may have been over just now. */
	if (process_that_lingers(&slot->attempt.process, &signals_come) == pid)
		message("%s: its process has ended, but %s holds its output: waiting for that "
			"(--linger says how long)",
		    name, holder);
	slot->linger_said = true;
	return false;
}

bool pool_report_lingering(struct pool *pool)
{
	int64_t now_ms = clock_ms();
	bool again = false, signals_come;
	struct slot *slot;

	for (unsigned i = 0; (slot = slot_at(pool, i)); i++) {
		pid_t pid = process_that_lingers(&slot->attempt.process, &signals_come);
		if (pid > 0)
			again |= note_lingering(slot, pid, signals_come, now_ms);
		else
			slot->lingers = 0;
	}
	return again;
}

void pool_report_abandoned(struct pool *pool)
{
	char name[JOB_NAME];
	bool signals_come;
	struct slot *slot;

	for (unsigned i = 0; (slot = slot_at(pool, i)); i++)
		if (process_that_lingers(&slot->attempt.process, &signals_come) > 0)
			message("%s: not waiting any longer for output of processes that have left "
				"its group",
			    attempt_name_job(&slot->attempt, name));
		else if (process_lives(&slot->attempt.process))
			message("%s: not waiting any longer for its end",
			    attempt_name_job(&slot->attempt, name));
}

void pool_abandon(struct pool *pool)
{
	struct slot *slot;

	for (unsigned i = 0; (slot = slot_at(pool, i)); i++)
		process_abandon(&slot->attempt.process);
}

bool pool_has_living(struct pool *pool)
{
	struct slot *slot;

	for (unsigned i = 0; (slot = slot_at(pool, i)); i++)
		if (process_lives(&slot->attempt.process))
			return true;
	return false;
}

bool pool_has_descendant(struct pool *pool, pid_t pid)
{
	struct slot *slot;

	for (unsigned i = 0; (slot = slot_at(pool, i)); i++)
		if (process_has_descendant(&slot->attempt.process, pid))
			return true;
	return false;
}

void pool_postpone(struct pool *pool, int64_t time_ms)
{
	int64_t until_ms = process_patience();
	struct slot *slot;

	for (unsigned i = 0; (slot = slot_at(pool, i)); i++)
		process_postpone(&slot->attempt.process, time_ms, until_ms);
}

/* Is a job younger than another one? Of those that were started in one ms, the later of the queue.
 */
static bool is_younger(const struct waitable_job *job, const struct waitable_job *other)
{
	if (job->started_ms != other->started_ms)
		return job->started_ms > other->started_ms;
	return job->seq > other->seq;
}

static void count_waitable(struct waitable_jobs *jobs, struct waitable_job job, bool suspended)
{
	*(suspended ? &jobs->suspended : &jobs->going) += 1;
	if (!jobs->youngest.process || is_younger(&job, &jobs->youngest))
		jobs->youngest = job;
	if (!suspended && (!jobs->stop_next.process || is_younger(&job, &jobs->stop_next)))
		jobs->stop_next = job;
	if (suspended && (!jobs->wake_next.process || is_younger(&jobs->wake_next, &job)))
		jobs->wake_next = job;
}

struct waitable_jobs pool_waitable(struct pool *pool)
{
	struct waitable_jobs jobs = {0};
	struct slot *slot;

	for (unsigned i = 0; (slot = slot_at(pool, i)); i++) {
		struct process *process = &slot->attempt.process;
		struct process_view view;
		if (!process_may_wait(process, &view))
			continue;
		uint64_t seq = atomic_load(&slot->attempt.seq);
		count_waitable(
		    &jobs, (struct waitable_job){process, view.started_ms, seq}, view.suspended);
	}
	return jobs;
}

double pool_untaken_memory(struct pool *pool, unsigned running, double each)
{
	double untaken = 0;
	struct slot *slot;

	for (unsigned i = 0; running > 0 && (slot = slot_at(pool, i)); i++) {
		struct process_view view;
		if (!process_may_wait(&slot->attempt.process, &view))
			continue;
		double taken = system_process_memory(view.pid);
		untaken += taken < each ? each - taken : 0;
		running--;
	}
	return untaken + running * each;
}

struct process *pool_find(struct pool *pool, pid_t pid, int64_t until_ms)
{
	struct slot *slot;

	for (unsigned i = 0; (slot = slot_at(pool, i)); i++)
		if (process_is(&slot->attempt.process, pid, until_ms))
			return &slot->attempt.process;
	return NULL;
}

/* What is to be seen of a slot; false: it shows no job. `kill_seq`: a job that is to be ended. */
static bool look(struct slot *slot, struct running_job *seen, uint64_t kill_seq)
{
	struct attempt *attempt = &slot->attempt;

	lock_take(&attempt->shown_lock);
	const struct job *job = attempt->shown;
	seen->slot = slot->number;
	seen->seq = job ? job->record.seq : 0;
	if (job)
		escape_item(seen->item, &job->items, 0);
	bool runs = job && process_look(&attempt->process, &seen->pid, &seen->started_ms);
	if (runs && seen->seq == kill_seq)
		process_request_kill(&attempt->process);
	lock_release(&attempt->shown_lock);
	return runs;
}

bool pool_look(struct pool *pool, unsigned number, struct running_job *seen)
{
	struct slot *slot;

	for (unsigned i = number - 1; (slot = slot_at(pool, i)); i++)
		if (look(slot, seen, 0))
			return true;
	return false;
}

/* The item of the job that the slot shows. */
static void show_item(struct slot *slot, char item[ESCAPED])
{
	struct attempt *attempt = &slot->attempt;

	lock_take(&attempt->shown_lock);
	if (attempt->shown)
		escape_item(item, &attempt->shown->items, 0);
	lock_release(&attempt->shown_lock);
}

struct work_at_hand pool_work_at_hand(struct pool *pool, int64_t now_ms)
{
	struct work_at_hand work = {.item = ""};
	struct slot *slot, *longest = NULL;

	for (unsigned i = 0; (slot = slot_at(pool, i)); i++) {
		int64_t since_ms = atomic_load(&slot->attempt.since_ms);
		double ran_s = (double)(now_ms - since_ms) / 1000;
		if (since_ms == 0)
			continue;
		work.jobs++;
		work.spent_s += ran_s;
		if (longest && ran_s <= work.longest_s)
			continue;
		longest = slot;
		work.longest_s = ran_s;
	}
	if (longest)
		show_item(longest, work.item);
	return work;
}

/* Writes the job that the slot shows. False: it shows none. */
static bool write_job(struct slot *slot, FILE *to)
{
	struct attempt *attempt = &slot->attempt;
	int64_t started_ms;
	pid_t pid;

	lock_take(&attempt->shown_lock);
	const struct job *job = attempt->shown;
	bool runs = job && process_look(&attempt->process, &pid, &started_ms);
	if (runs) {
		fprintf(to,
		    "{\"seq\":%" PRIu64 ",\"attempt\":%u,\"slot\":%u,\"pid\":%d,\"seconds\":%.3f,"
		    "\"items\":",
		    job->record.seq, job->record.attempt, slot->number, (int)pid,
		    (double)(clock_ms() - started_ms) / 1000);
		event_items_put(to, &job->items);
		fputs("}\n", to);
	}
	lock_release(&attempt->shown_lock);
	return runs;
}

unsigned pool_write_job(struct pool *pool, unsigned number, FILE *to)
{
	struct slot *slot;

	for (unsigned i = number - 1; (slot = slot_at(pool, i)); i++)
		if (write_job(slot, to))
			return slot->number;
	return 0;
}

/* Adds the job that runs in a slot to a list. Returns false without memory. */
static bool describe_running(struct slot *slot, struct report_running **all, size_t *count)
{
	struct attempt *attempt = &slot->attempt;
	bool has_memory = true;
	int64_t started_ms;
	pid_t pid;

	lock_take(&attempt->shown_lock);
	if (attempt->shown && process_look(&attempt->process, &pid, &started_ms)) {
		struct report_running *more = reallocarray(*all, *count + 1, sizeof *more);
		has_memory = more != NULL;
		*all = has_memory ? more : *all;
		if (has_memory)
			report_describe(&(*all)[(*count)++], &attempt->shown->record, pid);
	}
	lock_release(&attempt->shown_lock);
	return has_memory;
}

struct report_running *pool_describe_running(struct pool *pool, size_t *count)
{
	struct report_running *all = NULL;
	struct slot *slot;

	*count = 0;
	for (unsigned i = 0; (slot = slot_at(pool, i)) && describe_running(slot, &all, count);)
		i++;
	return all;
}

void pool_let_listen(struct pool *pool, uint64_t seq)
{
	struct slot *slot;

	for (unsigned i = 0; (slot = slot_at(pool, i)); i++) {
		struct attempt *attempt = &slot->attempt;
		lock_take(&attempt->shown_lock);
		if (attempt->shown && attempt->shown->record.seq == seq)
			job_output_let_listen(&attempt->shown->output, seq);
		lock_release(&attempt->shown_lock);
	}
}

bool pool_request_kill(struct pool *pool, uint64_t seq, struct running_job *found)
{
	struct slot *slot;

	for (unsigned i = 0; (slot = slot_at(pool, i)); i++)
		if (look(slot, found, seq) && found->seq == seq)
			return true;
	return false;
}
