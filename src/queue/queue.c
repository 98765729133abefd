#include "queue/queue.h"

#include <assert.h>
#include <err.h>
#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/escape.h"
#include "base/io.h"
#include "base/message.h"
#include "queue/claims.h"
#include "queue/queue_length.h"

/* How often it is looked whether a run that is dying is dead: locks do not tell that by themselves.
 */
enum { DYING_INTERVAL_MS = 50 };

/* After so many skipped items it is asked whether the run goes on. */
enum { SKIP_LOOK = 4096 };

void queue_open(struct queue *queue, const struct queue_options *options, struct timer *retry)
{
	size_t width = options->input_count + (options->files.count > 0);
	uint64_t total;

	*queue =
	    (struct queue){.options = options, .to_skip = options->shuffle ? 0 : options->skip};
	turn_init(&queue->turn);
	ready_init(&queue->ready, retry);
	outstanding_init(&queue->outstanding);
	batch_init(&queue->batch, options);
	shares_open(&queue->shares, width > 0 ? width : 1);
	if (interrupt_open(&queue->interrupt) != 0)
		err(1, "opening the queue");
	item_count_open(&queue->counted, options);
	/* A longer item could not be an argument, nor could all its columns. */
	queue->source = source_open(
	    options, queue->batch.argument_bytes, interrupt_descriptor(&queue->interrupt));
	queue->fetch = source_fetch(queue->source);
	columns_init(&queue->columns, options, source_names(queue->source)->count);
	bool known = source_total(queue->source, &total) && total <= INT64_MAX;
	atomic_init(&queue->left, known ? (int64_t)total : -1);
}

void queue_count_ahead(struct queue *queue)
{
	item_count_begin(&queue->counted);
}

const struct strlist *queue_names(const struct queue *queue)
{
	return source_names(queue->source);
}

void queue_set_template(
    struct queue *queue, const struct template *template, struct journal *journal)
{
	const struct template_cost cost = template_cost(template);

	batch_set_cost(&queue->batch, &cost);
	if (queue->options->misfit == MISFIT_ENDS_RUN &&
	    cost.passed.fixed > queue->batch.batch_bytes)
		errx(1, "%s",
		    cost.adds_items ? "cannot fit single argument within argument list size limit"
				    : "command too long");
	resume_init(&queue->resume, journal, template, queue->options, &queue->ready);
	order_init(&queue->order, queue->options, template);
	queue->resume.holds_none = order_is_used(&queue->order);
	if (queue->options->follow)
		queue->numbered = source_begin(queue->source, journal);
}

void queue_set_width(struct queue *queue, size_t width)
{
	columns_set_width(&queue->columns, width);
}

void queue_set_slots(struct queue *queue, const atomic_uint *slots, const atomic_uint *at_work)
{
	queue->at_work = at_work;
	queue->slots = slots;
}

void queue_set_key(struct queue *queue, const struct template *key)
{
	keys_init(&queue->keys, key, queue->options->per_key);
}

bool queue_is_through(const struct queue *queue)
{
	return queue->has_looked;
}

void queue_close(struct queue *queue)
{
	item_count_close(&queue->counted);
	keys_destroy(&queue->keys);
	resume_destroy(&queue->resume);
	order_free(&queue->order);
	batch_close(&queue->batch);
	shares_close(&queue->shares);
	source_close(queue->source);
	interrupt_close(&queue->interrupt);
	outstanding_destroy(&queue->outstanding);
	ready_destroy(&queue->ready);
	turn_destroy(&queue->turn);
}

/* --- jobs that are made already --- */

/* Makes a queue_next that waits return. */
static void interrupt_reader(struct queue *queue)
{
	interrupt_raise(&queue->interrupt);
}

unsigned queue_interrupts(const struct queue *queue)
{
	return interrupt_count(&queue->interrupt);
}

void queue_put_back(struct queue *queue, struct job *job)
{
	job->put_back = true;
	ready_put(&queue->ready, job);
	interrupt_reader(queue); /* the slot that waits for an item can have this one */
}

void queue_put_back_until(struct queue *queue, struct job *job, int64_t due_ms)
{
	job->put_back = true;
	ready_put_delayed(&queue->ready, job, due_ms);
}

unsigned queue_release(struct queue *queue, int64_t now_ms)
{
	unsigned count = ready_release(&queue->ready, now_ms);

	if (count > 0)
		interrupt_reader(queue);
	return count;
}

unsigned queue_ready(const struct queue *queue)
{
	return ready_count(&queue->ready);
}

unsigned queue_delayed(const struct queue *queue)
{
	return ready_delayed(&queue->ready);
}

/* Numbers a job that was a block for another one, and put back. */
static void number_late(struct queue *queue, struct job *job)
{
	if (job->record.seq == 0)
		job->record.seq = ++queue->numbered;
}

struct job *queue_take_rest(struct queue *queue)
{
	struct job *job = ready_take_any(&queue->ready);

	if (!job)
		job = keys_take_any(&queue->keys);
	if (job)
		number_late(queue, job);
	return job;
}

/* --- keys --- */

bool queue_admit(struct queue *queue, struct job *job)
{
	return keys_admit(&queue->keys, job);
}

bool queue_job_ended(struct queue *queue, struct job *job)
{
	struct job *next = keys_leave(&queue->keys, job);

	claims_job_over(queue->options->claims);
	if (next)
		queue_put_back(queue, next);
	return next != NULL;
}

unsigned queue_aside(const struct queue *queue)
{
	return keys_aside(&queue->keys);
}

bool queue_is_blocked(const struct queue *queue)
{
	return queue_aside(queue) >= MOST_ASIDE ||
	       (queue->options->pipe && queue_delayed(queue) >= QUEUE_MOST_BLOCKS);
}

bool queue_seal(struct queue *queue)
{
	return ready_seal(&queue->ready);
}

/* --- new jobs: read, gather, number, decide by the journal --- */

/* One item fewer is left that no job has got. */
static void count_item(struct queue *queue)
{
	if (atomic_load(&queue->left) > 0)
		atomic_fetch_sub(&queue->left, 1);
	if (queue->options->counts_ahead)
		atomic_fetch_add(&queue->taken, 1);
}

/* The next item that is shared out, or else the next one that is not skipped. */
static enum source_status read_item(struct queue *queue, unsigned seen)
{
	queue->item = shares_next(&queue->shares);
	if (queue->item)
		count_item(queue);
	while (!queue->item) {
		enum source_status status = source_next(queue->source, &queue->item);
		if (status != SOURCE_ITEM) {
			queue->item = NULL;
			return status;
		}
		count_item(queue);
		if (queue->to_skip == 0)
			break;
		queue->item = NULL;
		/* There may be very many of them, and nothing that the source waits for. */
		if (--queue->to_skip % SKIP_LOOK == 0 && queue_interrupts(queue) != seen)
			return SOURCE_INTERRUPTED;
	}
	return SOURCE_ITEM;
}

/* How many items there is room for: as many for each free slot as -n says, or one. */
static unsigned long long count_wanted(const struct queue *queue)
{
	unsigned slots = queue->slots ? atomic_load(queue->slots) : 1;
	unsigned taken = queue->slots ? atomic_load(queue->at_work) : 0;
	unsigned free = slots > taken ? slots - taken : 1;

	if (queue->batch.most == 0)
		return free;
	return (unsigned long long)free * queue->batch.most - queue->batch.count;
}

/* Waits for so many ms, or until something else has to be looked at; -1: until then. */
static void await_interrupt(struct queue *queue, int timeout_ms)
{
	struct pollfd interrupt = {.fd = interrupt_descriptor(&queue->interrupt), .events = POLLIN};
	char byte;

	io_await(&interrupt, 1, timeout_ms);
	if (interrupt.revents && read(interrupt.fd, &byte, 1) < 0 && errno != EAGAIN)
		message_errno("waiting at the queue");
}

/*
 * There is nothing until the command that gives the items is run again. Runs it when that is due,
 * or waits for it. (The jobs of other slots go on, and those that are put back are taken.)
 */
static void await_fetch(struct queue *queue)
{
	int64_t due_ms = fetch_due(queue->fetch, outstanding_count(&queue->outstanding) == 0);
	int timeout_ms = clock_poll_timeout(due_ms);

	if (timeout_ms == 0) {
		queue->to_skip = queue->options->skip;
		source_run_command(queue->source, count_wanted(queue));
		return;
	}
	await_interrupt(queue, timeout_ms);
}

/*
 * Is the command that gives the items to be waited for? A job that has some is not kept waiting: it
 * gets others only from a --next that has just given some.
 */
static bool may_fetch(const struct queue *queue)
{
	return !queue->closing && (queue->batch.count == 0 || fetch_due(queue->fetch, false) == 0);
}

/*
 * Is the job complete with what it has: with its share of what is left, with as many as a record of
 * the table has, or as -X does not wait for more of a queue that grows?
 */
static bool is_enough(struct queue *queue, const struct job *job)
{
	if (queue->is_sharing)
		return shares_are_enough(&queue->shares, queue->batch.count);
	if (columns_are_full(&queue->columns, job, queue->batch.count))
		return true;
	return queue->options->follow && queue->batch.most == 0 && queue->batch.count > 0 &&
	       !queue->item && !source_ready(queue->source);
}

/* Says that an item that does not fit ends the run. */
static void say_too_large(const struct queue *queue)
{
	static const char *const reasons[] = {
	    [MISFIT_ITEM] = "argument line too long",
	    [MISFIT_WORD] = "command too long",
	    [MISFIT_LINE] = "argument list too long",
	};
	const struct value *value = queue->item->values;
	char shown[ESCAPED];

	if (queue->options->misfit == MISFIT_ENDS_RUN) {
		message("%s", reasons[queue->batch.kind]);
		return;
	}
	message("job %" PRIu64 ": no room for '%s' in the command line; %s the run",
	    queue->numbered + 1, escape(shown, sizeof shown, value->bytes, value->length),
	    queue->options->misfit == MISFIT_FAILS ? "-x ends" : "this ends");
}

/*
 * The end has shown, and the job has all that is left: may it be shared out to all slots? Then the
 * job is made anew.
 */
static bool share_out(struct queue *queue, struct job *job)
{
	size_t count = queue->batch.count, size = shares_size(count, queue->options->shares);
	uint64_t seq = queue->numbered + 1;

	if (queue->options->shares == 0 || count < 2)
		return false;
	size = resume_share_size(&queue->resume, seq, &job->items, count, size);
	if (size == count)
		return false;
	shares_take(&queue->shares, &job->items, count, size);
	queue->is_sharing = true;
	if (atomic_load(&queue->left) >= 0)
		atomic_fetch_add(&queue->left, (int64_t)count);
	atomic_fetch_sub(&queue->taken, (int64_t)count);
	batch_begin(&queue->batch, job, seq);
	return true;
}

/* The input is broken: is a job left out for which there are not as many items as there should be?
 */
static bool drops_rest(const struct queue *queue, enum source_status status)
{
	const struct queue_options *options = queue->options;

	return status == SOURCE_FAILED && options->misfit == MISFIT_ENDS_RUN &&
	       options->exit_on_size;
}

/* Gathers the items of one job. */
static enum queue_status gather(struct queue *queue, struct job *job, unsigned seen)
{
	enum batch_verdict verdict = BATCH_TAKEN;

	while (verdict == BATCH_TAKEN && !is_enough(queue, job)) {
		enum source_status status = queue->item ? SOURCE_ITEM : read_item(queue, seen);
		if (status == SOURCE_LATER && may_fetch(queue)) {
			await_fetch(queue);
			return QUEUE_INTERRUPTED;
		}
		if (status == SOURCE_INTERRUPTED)
			return QUEUE_INTERRUPTED;
		if (status != SOURCE_ITEM && queue->batch.count > 0 && !drops_rest(queue, status)) {
			if (!share_out(queue, job))
				return QUEUE_JOB;
			continue;
		}
		if (status != SOURCE_ITEM)
			return status == SOURCE_FAILED ? QUEUE_FAILED : QUEUE_END;
		verdict = batch_offer(&queue->batch, job, queue->item);
		if (verdict == BATCH_TOO_LARGE) {
			say_too_large(queue);
			return QUEUE_TOO_LARGE;
		}
		if (verdict != BATCH_KEPT)
			queue->item = NULL;
	}
	return QUEUE_JOB;
}

/* Gathers the next job and numbers it. An interrupt leaves it half gathered. */
static enum queue_status make_job(struct queue *queue, struct job *job, unsigned seen)
{
	const struct journal *journal = queue->resume.journal;

	if (queue->ended)
		return QUEUE_END;
	if (shares_left(&queue->shares) == 0 && !queue->item)
		queue->is_sharing = false;
	batch_begin(&queue->batch, job, queue->numbered + 1);
	enum queue_status status = gather(queue, job, seen);
	if (status == QUEUE_END && queue->options->runs_without_items && queue->numbered == 0)
		status = QUEUE_JOB;
	/* What the job has so far is for the next one, or was given by --next and is in no job. */
	if (status == QUEUE_INTERRUPTED || status == QUEUE_TOO_LARGE)
		batch_put_aside(&queue->batch, job);
	if (status == QUEUE_JOB) {
		job->record.seq = ++queue->numbered;
		columns_make(&queue->columns, job, queue->batch.count);
		if (queue->options->pipe || queue->options->tees)
			source_take_block(queue->source, &job->block);
		if (queue->options->follow && !source_mark(queue->source))
			status = QUEUE_FAILED;
	}
	if (status == QUEUE_END && journal && !journal_end_of_queue(journal, queue->numbered))
		status = QUEUE_FAILED;
	queue->ended = status != QUEUE_JOB && status != QUEUE_INTERRUPTED;
	return status;
}

/*
 * Does the job have fewer items than it should, as there was no room for more? There may be more in
 * another run, whose environment is another one: then it would have other jobs.
 */
static bool differs_elsewhere(const struct queue *queue, const struct job *job)
{
	const struct queue_options *options = queue->options;

	if ((options->shard.count == 0 && !options->claims) || !queue->item)
		return false;
	message("job %" PRIu64 ": not all of its items fit into the command line here: with "
		"--shard and --share a job is the same in all runs; -n is to be smaller",
	    job->record.seq);
	return true;
}

/* What becomes of a job that was made: is it of this run's part of the queue, and to be run? */
static enum resume_verdict judge(struct queue *queue, struct job *job)
{
	struct claims *claims = queue->options->claims;
	uint64_t seq = job->record.seq;

	if (differs_elsewhere(queue, job))
		return RESUME_OTHER;
	if (!shard_has(&queue->options->shard, seq))
		return RESUME_SKIP;
	enum claims_verdict verdict =
	    claims ? claims_ask(claims, seq, queue_known_jobs(queue)) : CLAIMS_OWN;
	if (verdict == CLAIMS_FAILED)
		return RESUME_OTHER;
	if (verdict == CLAIMS_OTHERS)
		return resume_check(&queue->resume, job);
	return queue->resume.journal ? resume_judge(&queue->resume, job) : RESUME_RUN;
}

/* Begins again with the first job. */
static enum queue_status begin_again(struct queue *queue)
{
	atomic_store(&queue->numbered, 0);
	atomic_store(&queue->ended, false);
	atomic_store(&queue->is_read, false);
	atomic_store(&queue->taken, 0);
	queue->to_skip = queue->options->skip;
	queue->item = NULL;
	queue->has_looked = false;
	if (source_begin_again(queue->source))
		return QUEUE_INTERRUPTED;
	message_errno("--share: the input cannot be read again");
	atomic_store(&queue->ended, true);
	return QUEUE_FAILED;
}

/* The queue has been read to its end. What runs that are dead have left of it is taken over. */
static enum queue_status look_for_rest(struct queue *queue)
{
	queue->has_looked = true;
	switch (claims_take_over(
	    queue->options->claims, queue->resume.journal, source_can_begin_again(queue->source))) {
	case CLAIMS_REST:
		return begin_again(queue);
	case CLAIMS_REST_LATER:
		queue->has_looked = false;
		await_interrupt(queue, DYING_INTERVAL_MS);
		return QUEUE_INTERRUPTED;
	case CLAIMS_REST_FAILED:
		return QUEUE_FAILED;
	case CLAIMS_NO_REST:
		break;
	}
	return QUEUE_END;
}

/* Fills `*job` with the next one of the queue that is this run's, and that the journal does not
 * leave out. */
static enum queue_status next_in_queue(struct queue *queue, struct job **job, unsigned seen)
{
	for (;;) {
		enum queue_status status = make_job(queue, *job, seen);
		if (status == QUEUE_END && queue->options->claims && !queue->has_looked)
			return look_for_rest(queue);
		if (status != QUEUE_JOB)
			return status;
		enum resume_verdict verdict = judge(queue, *job);
		if (verdict == RESUME_RUN)
			return QUEUE_JOB;
		if (verdict == RESUME_HELD) {
			*job = NULL;
			return QUEUE_INTERRUPTED; /* the slot comes again, with another empty job */
		}
		job_drop_items(*job);
		if (verdict == RESUME_OTHER) {
			queue->ended = true;
			return QUEUE_FAILED;
		}
		/*
		 * Jobs that were held back may be ready now, and a run that ends shall not skip on:
		 * there may be very many of them, and nothing that the source waits for.
		 */
		if (queue_ready(queue) > 0 || queue_interrupts(queue) != seen)
			return QUEUE_INTERRUPTED;
	}
}

/* Reads the whole queue, to run it in another order; `job` is an empty one. QUEUE_END: it is read.
 */
static enum queue_status read_all(struct queue *queue, struct job *job, unsigned seen)
{
	enum queue_status status;

	while ((status = next_in_queue(queue, &job, seen)) == QUEUE_JOB) {
		if (!order_put(&queue->order, job)) {
			message("--order: the queue does not fit into memory");
			queue->ended = true;
			status = QUEUE_FAILED;
		}
		job_drop_items(job);
		if (status == QUEUE_FAILED)
			break;
	}
	if (status == QUEUE_END) {
		order_complete(&queue->order);
		atomic_store(&queue->left, 0);
	}
	return status;
}

/* Fills `*job` with the next one that was not taken yet. */
static enum queue_status next_new(struct queue *queue, struct job **job, unsigned seen)
{
	if (!order_is_used(&queue->order))
		return next_in_queue(queue, job, seen);
	if (!queue->order.complete) {
		enum queue_status status = read_all(queue, *job, seen);
		if (status != QUEUE_END)
			return status;
	}
	if (!order_take(&queue->order, *job))
		return QUEUE_END;
	columns_make(&queue->columns, *job, 0);
	return QUEUE_JOB;
}

/* --- handing out --- */

enum queue_status queue_next(
    struct queue *queue, struct job **spare, struct job **job, unsigned seen)
{
	enum queue_status status = QUEUE_INTERRUPTED;

	*job = NULL;
	turn_take(&queue->turn);
	if (queue_interrupts(queue) == seen) {
		*job = ready_take(&queue->ready);
		status = *job ? QUEUE_JOB : next_new(queue, spare, seen);
	}
	if (status == QUEUE_JOB && !*job) {
		*job = *spare;
		*spare = NULL;
	}
	if (status == QUEUE_JOB)
		number_late(queue, *job);
	/* Feeders that wait for the turn may have to look up, too. */
	if (status == QUEUE_INTERRUPTED && queue->options->spreads)
		turn_give_all(&queue->turn);
	else if (status != QUEUE_JOB)
		turn_give(&queue->turn);
	return status;
}

enum queue_status queue_next_block(
    struct queue *queue, struct job **spare, struct job **job, unsigned seen)
{
	*job = NULL;
	if (!turn_take_unless(&queue->turn, &queue->interrupt.count, seen))
		return QUEUE_INTERRUPTED;
	enum queue_status status = next_new(queue, spare, seen);
	if (status == QUEUE_JOB) {
		queue->numbered--;
		*job = *spare;
		(*job)->record.seq = 0;
		*spare = NULL;
	}
	if (status == QUEUE_INTERRUPTED)
		turn_give_all(&queue->turn);
	else
		turn_give(&queue->turn);
	return status;
}

enum queue_status queue_last(struct queue *queue, struct job **spare, struct job **job)
{
	enum queue_status status = QUEUE_END;

	*job = NULL;
	turn_take(&queue->turn);
	queue->closing = true;
	source_finish(queue->source, true);
	if (queue->options->next && !queue->ended) {
		status = make_job(queue, *spare, queue_interrupts(queue));
		queue->ended = false; /* there may be more in it */
	}
	if (status == QUEUE_JOB) {
		*job = *spare;
		*spare = NULL;
	} else {
		turn_give(&queue->turn);
	}
	return status;
}

/* Takes an item that is to be left out into an empty job. */
static void take_alone(struct queue *queue, struct job *job, const struct item *item)
{
	char shown[ESCAPED];

	for (size_t i = 0; i < item->count; i++)
		strlist_add(&job->items, item->values[i].bytes, item->values[i].length);
	batch_judge_alone(&queue->batch, job, item);
	if (strlist_keep(&job->items, 0))
		return;
	job_set_problem(job, PROBLEM_MEMORY, 0, 0);
	message("job %" PRIu64 ": no memory for '%s'", queue->numbered + 1,
	    escape(shown, sizeof shown, item->values[0].bytes, item->values[0].length));
}

/* Fills an empty job with something that --next has given. Returns false when nothing is left. */
static bool take_given(struct queue *queue, struct job *job)
{
	/* First the items of a job that has not become complete. */
	batch_begin(&queue->batch, job, queue->numbered + 1);
	if (queue->batch.count > 0)
		return true;
	if (queue->item || source_next(queue->source, &queue->item) == SOURCE_ITEM)
		take_alone(queue, job, queue->item);
	else
		job = NULL;
	queue->item = NULL;
	return job != NULL;
}

struct job *queue_take_given(struct queue *queue, struct job **spare, bool patience)
{
	struct job *job = NULL;

	turn_take(&queue->turn);
	queue->closing = true;
	source_finish(queue->source, patience);
	if (queue->options->next && take_given(queue, *spare)) {
		job = *spare;
		*spare = NULL;
		job->record.seq = ++queue->numbered;
	}
	turn_give(&queue->turn);
	return job;
}

bool queue_has_given(struct queue *queue)
{
	if (!queue->options->next || !turn_try(&queue->turn))
		return false;
	bool any = queue->item || queue->batch.has_aside || source_has_given(queue->source);
	turn_give(&queue->turn);
	return any;
}

/* Ends the command that gives the items. What --next has given is an item, or behind one, then. */
static void end_command(struct queue *queue)
{
	queue->closing = true;
	source_finish(queue->source, false);
	if (queue->options->next && !queue->item &&
	    source_next(queue->source, &queue->item) != SOURCE_ITEM)
		queue->item = NULL;
}

void queue_end_command(struct queue *queue)
{
	turn_take(&queue->turn);
	end_command(queue);
	turn_give(&queue->turn);
}

int queue_too_large_status(const struct queue *queue)
{
	static const int statuses[] = {
	    [MISFIT_FAILS] = 125, [MISFIT_ALONE_ENDS_RUN] = 255, [MISFIT_ENDS_RUN] = 1};

	return statuses[queue->options->misfit];
}

bool queue_is_fetched(const struct queue *queue)
{
	return queue->fetch != NULL;
}

bool queue_gives_back(const struct queue *queue)
{
	return queue->options->gives_back;
}

void queue_pass_on(struct queue *queue)
{
	turn_give(&queue->turn);
}

void queue_job_begins(struct queue *queue, struct job *job)
{
	if (queue->fetch)
		outstanding_add(&queue->outstanding, job);
}

void queue_job_over(struct queue *queue, struct job *job)
{
	/* The end of a round may be waited for. */
	if (queue->fetch && outstanding_remove(&queue->outstanding, job))
		interrupt_reader(queue);
}

const char *queue_add(struct queue *queue, struct job *job)
{
	struct value value = {strlist_at(&job->items, 0), strlist_length(&job->items, 0)};
	const struct item item = {.values = &value, .count = 1, .longest = value.length};

	if (queue->options->pipe)
		return "the jobs of this run get blocks of its input (--pipe)";
	if (queue->options->input_count + (queue->options->files.count > 0) > 1)
		return "the items of this queue have several values";
	batch_judge_alone(&queue->batch, job, &item);
	columns_make(&queue->columns, job, 0);
	const char *problem = ready_add(&queue->ready, job);
	if (!problem)
		interrupt_reader(queue);
	return problem;
}

/* --- what may follow, and what is left --- */

/* May a new job follow? By the slot that has the turn. */
static bool may_follow(struct queue *queue)
{
	return queue->item || queue->batch.has_aside || shares_left(&queue->shares) > 0 ||
	       (!queue->ended && source_more(queue->source));
}

bool queue_more(struct queue *queue)
{
	/* With --spread it may be for a job that runs that a thread waits. */
	if (!turn_try(&queue->turn))
		return queue->options->spreads && !queue->ended && !queue->is_read;
	bool more = queue_ready(queue) > 0 || order_left(&queue->order) > 0;
	if (!more) {
		more = !queue->ended && may_follow(queue);
		atomic_store(&queue->is_read, !more);
	}
	turn_give(&queue->turn);
	return more;
}

void queue_signal(struct queue *queue, int signal)
{
	if (queue->fetch)
		fetch_signal(queue->fetch, signal);
}

bool queue_is_process(const struct queue *queue, pid_t pid)
{
	return queue->fetch && fetch_is_process(queue->fetch, pid);
}

/* Says what is no job. By the slot that has the turn. Returns whether items of --next are lost. */
static bool report_given(struct queue *queue)
{
	const struct batch *batch = &queue->batch;
	struct value first = {0};
	size_t count;

	if (queue->options->next)
		end_command(queue);
	count = (batch->has_aside ? batch->count : 0) + (queue->item ? 1 : 0);
	if (batch->has_aside)
		first =
		    (struct value){strlist_at(&batch->aside, 0), strlist_length(&batch->aside, 0)};
	else if (queue->item)
		first = queue->item->values[0];
	return source_report_rest(queue->source, &first, count);
}

bool queue_report_rest(struct queue *queue)
{
	char text[FETCH_LOST];
	bool loses = queue->options->next && outstanding_name(&queue->outstanding, text) > 0;

	if (loses)
		message("--next: taken off its queue, but perhaps not done to its end: %s", text);
	if (turn_try(&queue->turn)) {
		loses |= report_given(queue);
		turn_give(&queue->turn);
	}
	return loses;
}
