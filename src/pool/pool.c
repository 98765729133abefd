#include "pool/pool.h"
#include "cli/options.h"
#include "pace/slot_count.h"

#include <err.h>
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>

#include "base/clock.h"
#include "base/message.h"
#include "base/system.h"
#include "follow/follow.h"
#include "pool/guardian.h"

/* Descriptors that pexec has open beside those of its slots; what it was started with comes on top.
 */
enum { OWN_DESCRIPTORS = 8, INHERITED_DESCRIPTORS = 8 };

/* And those of the control: the socket and its clients; the file of -j. */
enum { CONTROL_DESCRIPTORS = 20, FILE_DESCRIPTORS = 4 };

/* A command that gives items takes both ends of a pipe, and one that tells of its end. */
enum { FETCH_DESCRIPTORS = 3 };

/*
 * Descriptors of a slot: while a job is started both ends of its two pipes. (Files for output that
 * exceeds the memory replace the write ends.) With -k there is a pipe to wake it by; a folder of
 * results gets a copy of both outputs.
 */
enum { SLOT_DESCRIPTORS = 4, WAKE_DESCRIPTORS = 2, COPY_DESCRIPTORS = 2 };

/* A percentage of those that have ended says nothing before so many jobs have ended. */
enum { PERCENT_LEAST = 3 };

/* So many failed jobs may wait for their next attempt before others have to wait, too. */
enum { MOST_DELAYED = 16384 };

/* How long to wait, in ms, when nothing of ours can make room, but others on the machine may. */
enum { RETRY = 1000 };

/* Processes at a time: those of the slots, and before them the one that gives the items. */
enum { FETCH_PROCESS, SLOT_PROCESSES, PROCESSES = SLOT_PROCESSES + MAX_SLOTS };

/* The descriptors that a slot needs. */
static unsigned long slot_descriptors(const struct pool *pool)
{
	unsigned long count = SLOT_DESCRIPTORS;

	if (pool->options->output.ungroup)
		return pool->options->record.acknowledge.done ||
			       pool->options->record.acknowledge.failed
			   ? 1
			   : 0;
	if (pool->options->output.ordered)
		count += WAKE_DESCRIPTORS;
	if (pool->results >= 0)
		count += COPY_DESCRIPTORS;
	return count;
}

/* The descriptors that there are beside those of the slots. */
static unsigned long base_descriptors(const struct pool *pool)
{
	unsigned long count = OWN_DESCRIPTORS + INHERITED_DESCRIPTORS;

	if (pool->options->control.socket)
		count += CONTROL_DESCRIPTORS;
	if (pool->options->control.slots_file)
		count += FILE_DESCRIPTORS;
	if (pool->options->queue.follow)
		count += FOLLOW_DESCRIPTORS;
	if (pool->queue->fetch)
		count += FETCH_DESCRIPTORS;
	return count;
}

/* Lifts the limit of descriptors for so many slots. Returns how many of them, at least 1, it fits.
 */
static unsigned lift_descriptors(struct pool *pool, unsigned slots, unsigned long *granted)
{
	unsigned long each = slot_descriptors(pool), base = base_descriptors(pool);

	*granted = system_descriptors(base + each * slots);
	caller_state_compare_limits(&pool->caller);
	if (each == 0 || *granted >= base + each * slots)
		return slots;
	return *granted > base + each ? (unsigned)((*granted - base) / each) : 1;
}

/* Bounds the slots by the descriptors there can be. */
static void fit_descriptors(struct pool *pool, unsigned slots)
{
	unsigned long each = slot_descriptors(pool), base = base_descriptors(pool), granted;
	unsigned fitting = lift_descriptors(pool, slots, &granted);

	atomic_store(&pool->cut, fitting < slots);
	atomic_store(&pool->limit, fitting);
	/* The rest may be taken by jobs that are over, but whose turn to write has not come. */
	if (granted > base + each * fitting)
		pool->output.most_files = (unsigned)(granted - base - each * fitting);
}

void pool_init(struct pool *pool, const struct options *options, struct queue *queue,
    const struct template *template, const struct template *tag)
{
	pool->options = options;
	pool->queue = queue;
	pool->template = template;
	pool->tag = tag;
	pool->supervisor = pthread_self();
	pool->journal_lost.supervisor = pool->supervisor;
	pool->total = queue_total(queue);
	atomic_store(&pool->timeout, options->pool.timeout_percent ? 0 : options->pool.timeout_ms);
	atomic_store(&pool->sleeps_until, INT64_MAX);
	pool->began = clock_ms();
	/* A run of less than that is over before its first status, and nothing is done for it. */
	atomic_store(&pool->news, true);
	atomic_store(&pool->news_due, pool->began + NEWS_INTERVAL);
	statistics_init(&pool->statistics);
	output_init(&pool->output, &options->output);
	pthread_mutex_init(&pool->lock, NULL);
	pthread_condattr_t attributes;
	pthread_condattr_init(&attributes);
	pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
	pthread_cond_init(&pool->changed, &attributes);
	pthread_condattr_destroy(&attributes);
	/* Pages that are never written to cost nothing. */
	pool->processes = mmap(NULL, PROCESSES * sizeof *pool->processes, PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (pool->processes == MAP_FAILED)
		err(1, "preparing the slots");
	/* The guardian goes on to the first that is not used. */
	pool->processes[FETCH_PROCESS].used = true;
	if (queue->fetch)
		fetch_set_process(queue->fetch, &pool->processes[FETCH_PROCESS], &pool->caller);
	fit_descriptors(pool, options->pool.slots);
	if (!options->pool.keep_orphans && !options->attempt.dry_run)
		pool->guardian = guardian_start(pool->processes);
	if (pool->guardian == 0)
		pool->caller.parent = 0;
}

void pool_free(struct pool *pool)
{
	for (unsigned i = 0; i < pool->slot_count; i++)
		free(pool->slots[i]);
	statistics_free(&pool->statistics);
	free(pool->slots);
	output_free(&pool->output);
	free(pool->path);
	munmap(pool->processes, PROCESSES * sizeof *pool->processes);
}

void pool_wake_supervisor_by(struct pool *pool, int64_t time)
{
	if (time < atomic_load(&pool->sleeps_until))
		pool_wake_supervisor(pool);
}

void pool_wake_supervisor(struct pool *pool)
{
	/* SIGURG: ignored by default, and sent by nobody else to a program without sockets. */
	pthread_kill(pool->supervisor, SIGURG);
}

bool pool_stop(struct pool *pool, enum pool_state state, int status, int signal)
{
	pthread_mutex_lock(&pool->lock);
	bool first = pool->signal == 0 && (signal != 0 || pool->status == 0);
	if (first) {
		pool->status = status;
		pool->signal = signal;
	}
	if (state > atomic_load(&pool->state))
		atomic_store(&pool->state, state);
	pthread_cond_broadcast(&pool->changed);
	pthread_mutex_unlock(&pool->lock);
	queue_interrupt(pool->queue);
	pool_note_news(pool);
	pool_wake_supervisor(pool);
	return first;
}

void pool_give_up_output(struct pool *pool, int error)
{
	struct sigaction action;

	/* The supervisor sees a reader go while a slot writes to it. */
	if (error == 0 || atomic_flag_test_and_set(&pool->output_lost))
		return;
	sigaction(SIGPIPE, NULL, &action);
	if (error == EPIPE && action.sa_handler != SIG_IGN) {
		/* Nobody reads any more: end as a program without slots would. */
		pool_stop(pool, POOL_ENDING, 1, SIGPIPE);
		return;
	}
	message("writing output: %s", strerror(error));
	pool_stop(pool, POOL_ENDING, 1, 0);
}

void pool_pause(struct pool *pool, bool paused)
{
	pthread_mutex_lock(&pool->lock);
	atomic_store(&pool->paused, paused);
	pthread_cond_broadcast(&pool->changed);
	pthread_mutex_unlock(&pool->lock);
}

void pool_hold(struct pool *pool, bool held)
{
	pthread_mutex_lock(&pool->lock);
	atomic_store(&pool->held, held);
	pthread_cond_broadcast(&pool->changed);
	pthread_mutex_unlock(&pool->lock);
	/* A slot that waits for an item shall not take it. */
	queue_interrupt(pool->queue);
	pool_note_news(pool);
}

bool pool_is_paused(const struct pool *pool)
{
	/* A drain ends what holds it: what --next has given already is still to be done. */
	return atomic_load(&pool->paused) ||
	       (atomic_load(&pool->held) && atomic_load(&pool->state) == POOL_RUNNING);
}

bool pool_wait_while_paused(struct pool *pool)
{
	pthread_mutex_lock(&pool->lock);
	while (pool_is_paused(pool) && pool_may_run(pool))
		pthread_cond_wait(&pool->changed, &pool->lock);
	pthread_mutex_unlock(&pool->lock);
	return pool_may_run(pool);
}

bool pool_may_run(const struct pool *pool)
{
	enum pool_state state = atomic_load(&pool->state);

	return state == POOL_RUNNING || (state == POOL_DRAINING && pool->options->queue.next);
}

bool pool_may_take(const struct slot *slot)
{
	const struct pool *pool = slot->pool;
	bool returned = queue_returned(pool->queue) > 0;

	if (atomic_load(&pool->state) != POOL_RUNNING || atomic_load(&pool->held))
		return false;
	if (atomic_load(&pool->busy) > atomic_load(&pool->limit))
		return slot->extra && returned;
	/* A job that was put back may be the one whose turn it is to write. */
	return returned ||
	       (!output_is_full(&pool->output) && queue_delayed(pool->queue) < MOST_DELAYED);
}

/* The slot is not used any longer; its thread may still be there. With the lock held. */
static void discount(struct pool *pool, struct slot *slot)
{
	slot->counted = false;
	atomic_fetch_sub(&pool->busy, 1);
	pthread_cond_broadcast(&pool->changed);
}

bool pool_await_turn(struct pool *pool, struct slot *slot)
{
	if (pool_may_take(slot))
		return true;
	pthread_mutex_lock(&pool->lock);
	/* The low numbers stay. When there are too many, one of them is above the limit. */
	while (!pool_may_take(slot) && atomic_load(&pool->state) == POOL_RUNNING && slot->counted) {
		if (slot->number > atomic_load(&pool->limit)) {
			/* At once: who adds a slot looks for one that waits. */
			atomic_fetch_sub(&pool->waiting, 1);
			discount(pool, slot);
		} else {
			pthread_cond_wait(&pool->changed, &pool->lock);
		}
	}
	bool stays = slot->counted && atomic_load(&pool->state) == POOL_RUNNING;
	pthread_mutex_unlock(&pool->lock);
	return stays;
}

bool pool_may_grow(struct pool *pool)
{
	unsigned limit = atomic_load(&pool->limit);

	if (atomic_load(&pool->busy) < limit)
		return atomic_load(&pool->grow_at) == 0 ||
		       clock_ms() >= atomic_load(&pool->grow_at);
	if (atomic_exchange(&pool->cut, false))
		message("%u slot%s instead of %u: only %lu open files are allowed (ulimit -n)",
		    limit, limit == 1 ? "" : "s", pool->options->pool.slots, system_descriptors(0));
	return false;
}

void pool_hold_growth(struct pool *pool)
{
	atomic_store(&pool->grow_at, clock_ms() + RETRY);
}

unsigned pool_set_slots(struct pool *pool, unsigned slots)
{
	unsigned long granted;

	pthread_mutex_lock(&pool->lock);
	unsigned before = atomic_load(&pool->limit), fitting = slots;
	if (slots > before)
		fitting = lift_descriptors(pool, slots, &granted);
	if (slots > before && fitting < before)
		fitting = before;
	atomic_store(&pool->limit, fitting);
	output_set_slots(&pool->output, fitting);
	pthread_cond_broadcast(&pool->changed);
	pthread_mutex_unlock(&pool->lock);
	if (fitting < slots)
		message("%s %u slot%s: no more open files are allowed (ulimit -n)",
		    fitting == before ? "still" : "only", fitting, fitting == 1 ? "" : "s");
	/* A slot that is one too many now may be waiting for its next job. */
	queue_interrupt(pool->queue);
	pool_note_news(pool);
	return fitting;
}

void pool_resize(struct pool *pool, int change)
{
	unsigned limit = atomic_load(&pool->limit);

	if (change > 0 ? limit < MAX_SLOTS : limit > 1)
		pool_set_slots(pool, change > 0 ? limit + 1 : limit - 1);
}

struct slot *pool_free_slot(struct pool *pool)
{
	for (unsigned i = 0; i < pool->slot_count; i++)
		if (!pool->slots[i]->busy)
			return pool->slots[i];
	struct slot **slots =
	    reallocarray(pool->slots, pool->slot_count + 1, sizeof(struct slot *));
	if (slots)
		pool->slots = slots;
	struct slot *slot = slots ? calloc(1, sizeof *slot) : NULL;
	if (slot) {
		slot->pool = pool;
		slot->number = pool->slot_count + 1;
		process_init(&slot->process, &pool->processes[SLOT_PROCESSES + pool->slot_count]);
		pthread_mutex_init(&slot->shown_lock, NULL);
		slots[pool->slot_count++] = slot;
	}
	return slot;
}

void pool_slot_left(struct pool *pool, struct slot *slot)
{
	pthread_mutex_lock(&pool->lock);
	slot->busy = false;
	if (slot->counted)
		discount(pool, slot);
	/* A job may have been put back when this slot had seen the end of the queue already. */
	bool wanted = atomic_load(&pool->busy) == 0 || queue_returned(pool->queue) > 0;
	pthread_mutex_unlock(&pool->lock);
	if (wanted)
		pool_wake_supervisor(pool);
}

void pool_say_scarce(struct pool *pool, int error)
{
	if (!atomic_flag_test_and_set(&pool->scarce))
		message("no room for another job at the moment: %s; trying again as jobs end, and "
			"every second",
		    strerror(error));
}

void pool_signal(struct pool *pool, int signal)
{
	pthread_mutex_lock(&pool->lock);
	for (unsigned i = 0; i < pool->slot_count; i++)
		process_signal(&pool->slots[i]->process, signal);
	queue_signal(pool->queue, signal);
	pthread_mutex_unlock(&pool->lock);
}

void pool_visit(struct pool *pool,
    bool (*visit)(void *context, struct slot *slot, const struct job *job), void *context)
{
	bool more = true;

	pthread_mutex_lock(&pool->lock);
	for (unsigned i = 0; i < pool->slot_count && more; i++) {
		struct slot *slot = pool->slots[i];
		pthread_mutex_lock(&slot->shown_lock);
		if (slot->shown)
			more = visit(context, slot, slot->shown);
		pthread_mutex_unlock(&slot->shown_lock);
	}
	pthread_mutex_unlock(&pool->lock);
}

/* A job that is looked for. */
struct wanted {
	uint64_t seq;
	bool found;
};

static bool condemn(void *context, struct slot *slot, const struct job *job)
{
	struct wanted *wanted = context;

	wanted->found = job->seq == wanted->seq;
	if (wanted->found)
		process_condemn(&slot->process);
	return !wanted->found;
}

bool pool_condemn(struct pool *pool, uint64_t seq)
{
	struct wanted wanted = {.seq = seq};

	pool_visit(pool, condemn, &wanted);
	if (wanted.found) {
		atomic_store(&pool->condemned, true);
		pool_wake_supervisor(pool);
	}
	return wanted.found;
}

void pool_note_news(struct pool *pool)
{
	if (!atomic_load(&pool->news) && !atomic_exchange(&pool->news, true))
		pool_wake_supervisor_by(pool, atomic_load(&pool->news_due));
}

void pool_stop_jobs(struct pool *pool)
{
	struct timespec until = process_patience();

	pool_signal(pool, SIGSTOP);
	pthread_mutex_lock(&pool->lock);
	for (unsigned i = 0; i < pool->slot_count; i++)
		process_settle(&pool->slots[i]->process, &until);
	pthread_mutex_unlock(&pool->lock);
}

int64_t pool_expire(struct pool *pool, int64_t timeout)
{
	int64_t due = INT64_MAX;

	pthread_mutex_lock(&pool->lock);
	for (unsigned i = 0; i < pool->slot_count; i++) {
		int64_t next = process_expire(
		    &pool->slots[i]->process, timeout, &pool->options->pool.termination);
		if (next < due)
			due = next;
	}
	pthread_mutex_unlock(&pool->lock);
	return due;
}

void pool_postpone(struct pool *pool, int64_t time)
{
	struct timespec until = process_patience();

	pthread_mutex_lock(&pool->lock);
	for (unsigned i = 0; i < pool->slot_count; i++)
		process_postpone(&pool->slots[i]->process, time, &until);
	pthread_mutex_unlock(&pool->lock);
}

struct slot *pool_find(struct pool *pool, pid_t pid, const struct timespec *until)
{
	struct slot *found = NULL;

	pthread_mutex_lock(&pool->lock);
	for (unsigned i = 0; i < pool->slot_count && !found; i++)
		if (process_is(&pool->slots[i]->process, pid, until))
			found = pool->slots[i];
	pthread_mutex_unlock(&pool->lock);
	return found;
}

void pool_process_started(struct pool *pool)
{
	atomic_fetch_add(&pool->running, 1);
	pool_note_news(pool);
}

void pool_process_ended(struct pool *pool)
{
	/* Somebody who waits is rare. One who is just about to looks again after a second. */
	atomic_fetch_sub(&pool->running, 1);
	pool_note_news(pool);
	if (atomic_load(&pool->short_of_room)) {
		pthread_mutex_lock(&pool->lock);
		pthread_cond_broadcast(&pool->changed);
		pthread_mutex_unlock(&pool->lock);
	}
}

void pool_output_moved(struct pool *pool)
{
	pthread_mutex_lock(&pool->lock);
	pthread_cond_broadcast(&pool->changed);
	pthread_mutex_unlock(&pool->lock);
}

bool pool_await_start(struct pool *pool)
{
	int64_t delay = pool->options->pool.delay_ms;

	if (delay == 0)
		return true;
	pthread_mutex_lock(&pool->lock);
	int64_t start = atomic_load(&pool->next_start), time = clock_ms();
	if (start < time)
		start = time;
	atomic_store(&pool->next_start, start + delay);
	struct timespec until = {.tv_sec = start / 1000, .tv_nsec = start % 1000 * 1000000};
	while (pool_may_run(pool) && clock_ms() < start)
		pthread_cond_timedwait(&pool->changed, &pool->lock, &until);
	pthread_mutex_unlock(&pool->lock);
	return pool_may_run(pool);
}

/* Does the run end by what has come of its jobs until now? */
static bool halts(struct pool *pool, uint64_t *value)
{
	const struct halt *halt = &pool->options->pool.halt;
	uint64_t failed = atomic_load(&pool->failed), done = atomic_load(&pool->done);
	uint64_t ended = failed + done;

	*value = halt->why == HALT_FAIL ? failed : halt->why == HALT_SUCCESS ? done : ended;
	if (halt->when == HALT_NEVER)
		return false;
	if (halt->percent && pool->total > 0)
		return *value * 100 >= halt->count * pool->total;
	if (halt->percent)
		return ended >= PERCENT_LEAST && *value * 100 >= halt->count * ended;
	return *value >= halt->count;
}

void pool_job_ended(struct pool *pool, const struct job *job)
{
	static const char *const whys[] = {
	    [HALT_FAIL] = "failed", [HALT_SUCCESS] = "succeeded", [HALT_DONE] = "ended"};
	const struct halt *halt = &pool->options->pool.halt;
	uint64_t value;

	atomic_fetch_add(job->failed ? &pool->failed : &pool->done, 1);
	pool_note_news(pool);
	if (pool->options->pool.timeout_percent || pool->options->pool.summary)
		statistics_add(&pool->statistics, job);
	if (pool->options->pool.timeout_percent) {
		double median = statistics_median(&pool->statistics);
		int64_t timeout = (int64_t)(median * 10 * pool->options->pool.timeout_percent);
		atomic_store(&pool->timeout, median > 0 && timeout == 0 ? 1 : timeout);
		pool_wake_supervisor(pool);
	}
	if (!halts(pool, &value) ||
	    !pool_stop(pool, halt->when == HALT_NOW ? POOL_ENDING : POOL_DRAINING, 125, 0))
		return;
	pthread_mutex_lock(&pool->lock);
	pool->halted = true;
	pthread_mutex_unlock(&pool->lock);
	message("--halt: %llu job%s %s, the last of them was job %llu; %s",
	    (unsigned long long)value, value == 1 ? "" : "s", whys[halt->why],
	    (unsigned long long)job->seq,
	    halt->when == HALT_NOW ? "ending those that run" : "starting no more");
}

void pool_job_left_out(struct pool *pool)
{
	atomic_fetch_add(&pool->left_out, 1);
}

bool pool_close(struct pool *pool)
{
	pthread_mutex_lock(&pool->lock);
	bool idle = atomic_load(&pool->busy) == 0;
	if (idle && atomic_load(&pool->state) == POOL_RUNNING)
		atomic_store(&pool->state, POOL_DRAINING);
	pthread_mutex_unlock(&pool->lock);
	return idle;
}

bool pool_is_idle(const struct pool *pool)
{
	if (atomic_load(&pool->busy) > 0)
		return false;
	return atomic_load(&pool->state) != POOL_RUNNING ||
	       (queue_returned(pool->queue) == 0 && queue_delayed(pool->queue) == 0);
}

/* Waits until something changes, RETRY ms at most. With the lock held. */
static void wait_a_while(struct pool *pool)
{
	struct timespec until;

	clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_sec += RETRY / 1000;
	atomic_fetch_add(&pool->short_of_room, 1);
	pthread_cond_timedwait(&pool->changed, &pool->lock, &until);
	atomic_fetch_sub(&pool->short_of_room, 1);
}

enum room pool_wait_for_room(struct pool *pool, struct slot *slot, struct job *job, int error)
{
	enum room room = ROOM_MAYBE;

	pool_hold_growth(pool);
	pthread_mutex_lock(&pool->lock);
	if (atomic_load(&pool->state) != POOL_RUNNING) {
		room = ROOM_ENDED;
	} else if (atomic_load(&pool->short_of_room) > 0) {
		output_set_wake(&pool->output, &job->output, NULL);
		queue_put_back(pool->queue, job);
		discount(pool, slot);
		room = ROOM_LEAVE;
	} else if (error == EMFILE && atomic_load(&pool->running) == 0 &&
		   atomic_load(&pool->busy) - atomic_load(&pool->waiting) == 1) {
		/* Our own descriptors, and no other slot has any. */
		room = ROOM_NEVER;
	} else {
		pool_say_scarce(pool, error);
		wait_a_while(pool);
	}
	pthread_mutex_unlock(&pool->lock);
	return room;
}

int pool_exit_status(struct pool *pool)
{
	/* A run that --halt would have ended may have been at its end by itself. */
	bool in_vain =
	    pool->halted && atomic_load(&pool->left_out) == 0 && queue_is_done(pool->queue);

	if (pool->status != 0 && !in_vain)
		return pool->status;
	return atomic_load(&pool->failed) > 0 ? 123 : 0;
}
