#include "queue/queue.h"

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/escape.h"
#include "base/message.h"
#include "base/system.h"
#include "command/shell_quote.h"
#include "queue/split.h"

/* What -X puts into one command line unless -s says otherwise: as xargs, so that several slots get
 * their share of a queue, and a job its output out, long before the system's limit is reached. */
enum { FILL_BYTES = 128 * 1024 };

/* After so many skipped items it is asked whether the run goes on. */
enum { SKIP_LOOK = 4096 };

/* So many jobs may have been put back or added when another one is added. */
enum { MOST_ADDED = 10000 };

static int compare_due(const struct job *a, const struct job *b)
{
	if (a->due != b->due)
		return a->due < b->due ? -1 : 1;
	return (a->seq > b->seq) - (a->seq < b->seq);
}

RB_PROTOTYPE(job_tree, job, by_time, compare_due)
RB_GENERATE(job_tree, job, by_time, compare_due)

void queue_open(struct queue *queue, const struct queue_options *options)
{
	*queue =
	    (struct queue){.options = options, .to_skip = options->shuffle ? 0 : options->skip};
	pthread_mutex_init(&queue->lock, NULL);
	pthread_mutex_init(&queue->returned_lock, NULL);
	STAILQ_INIT(&queue->returned);
	STAILQ_INIT(&queue->unproved);
	RB_INIT(&queue->delayed);
	atomic_store(&queue->due, INT64_MAX);
	if (pipe2(queue->interrupt, O_CLOEXEC | O_NONBLOCK) != 0)
		err(1, "opening the queue");
	queue->argument_bytes = system_argument_bytes();
	queue->word_bytes = system_word_bytes();
	queue->batch_bytes = options->batch_bytes;
	if (queue->batch_bytes == 0)
		queue->batch_bytes = options->batch == 0 ? FILL_BYTES : queue->argument_bytes;
	/* A longer item could not be an argument, nor could all its columns. */
	queue->source = source_open(options, queue->argument_bytes, queue->interrupt[0]);
	uint64_t total;
	bool known = source_total(queue->source, &total) && total <= INT64_MAX;
	atomic_store(&queue->left, known ? (int64_t)total : -1);
	queue->fetch = source_fetch(queue->source);
}

const struct strlist *queue_names(const struct queue *queue)
{
	return source_names(queue->source);
}

void queue_set_template(
    struct queue *queue, const struct template *template, struct journal *journal)
{
	queue->cost = template_cost(template);
	queue->template = template;
	queue->journal = journal;
	if (queue->options->follow)
		queue->jobs = source_begin(queue->source, journal);
}

void queue_interrupt(struct queue *queue)
{
	/* A full pipe has interrupted already. */
	if (write(queue->interrupt[1], "", 1) < 0 && errno != EAGAIN)
		message_errno("interrupting the queue");
}

void queue_report_rest(const struct queue *queue)
{
	source_report_rest(queue->source, &queue->held, queue->held_items);
}

void queue_close(struct queue *queue)
{
	for (struct job *job; (job = STAILQ_FIRST(&queue->unproved));) {
		STAILQ_REMOVE_HEAD(&queue->unproved, next);
		job_free(job);
	}
	source_close(queue->source);
	strlist_free(&queue->held);
	strlist_free(&queue->command);
	strlist_free(&queue->printed);
	close(queue->interrupt[0]);
	close(queue->interrupt[1]);
	pthread_mutex_destroy(&queue->lock);
	pthread_mutex_destroy(&queue->returned_lock);
}

/* The next item of the source; there is one fewer left. */
static enum source_status take_item(struct queue *queue, struct strlist *items, size_t *length)
{
	enum source_status status = source_next(queue->source, items, length);

	if (status == SOURCE_ITEM && atomic_load(&queue->left) > 0)
		atomic_fetch_sub(&queue->left, 1);
	return status;
}

/* The next item that is not skipped. */
static enum source_status next_item(struct queue *queue, struct strlist *items, size_t *length)
{
	enum source_status status = take_item(queue, items, length);

	while (status == SOURCE_ITEM && queue->to_skip > 0) {
		queue->to_skip--;
		strlist_clear(items); /* no item has come before */
		/* There may be very many of them, and nothing that the source waits for. */
		if (queue->to_skip % SKIP_LOOK == 0 && !queue->may_wait(queue->context))
			return SOURCE_INTERRUPTED;
		status = take_item(queue, items, length);
	}
	return status;
}

/* Puts the item that begins at value `first` back, for the next job. */
static void hold(struct queue *queue, struct strlist *items, size_t first, size_t length)
{
	for (size_t i = first; i < items->count; i++)
		strlist_add(&queue->held, strlist_at(items, i), strlist_length(items, i));
	queue->held_items = 1;
	queue->held_length = length;
	/* What memory had no room for is missing there, not in this job. */
	queue->held.failed |= items->failed;
	items->failed = false;
	strlist_drop(items, items->count - first);
}

/* Swaps what is held with what a job has gathered; one of the two is empty. */
static void swap_held(struct queue *queue, struct job *job)
{
	struct strlist held = queue->held;

	queue->held = job->items;
	job->items = held;
}

/* Why can the items from number `first` on not be arguments? */
static enum problem find_problem(
    const struct queue *queue, const struct strlist *items, size_t first, size_t length)
{
	if (strlist_failed(items))
		return PROBLEM_MEMORY;
	for (size_t i = first; i < items->count; i++)
		if (memchr(strlist_at(items, i), '\0', strlist_length(items, i)))
			return PROBLEM_NUL;
	return length > queue->argument_bytes ? PROBLEM_TOO_LONG : PROBLEM_NONE;
}

/* What a batch comes to. */
struct size {
	size_t strings; /* bytes, without what columns take */
	size_t each;    /* bytes for each item, beside the item itself */
	size_t words;
	size_t values;
	size_t longest; /* value */
};

/* That of a batch without items, for the next job. */
static struct size command_size(const struct queue *queue)
{
	const struct template_cost *cost = &queue->cost;
	size_t digits = 1;

	for (uint64_t seq = queue->jobs + 1; seq >= 10; seq /= 10)
		digits++;
	return (struct size){.strings = cost->fixed + cost->fixed_numbers * digits,
	    .each = cost->each + cost->each_numbers * digits,
	    .words = cost->fixed_words};
}

static struct size add_size(
    const struct queue *queue, struct size size, const struct strlist *items, size_t first)
{
	for (size_t i = first; i < items->count; i++) {
		size_t length = strlist_length(items, i);
		size.strings += size.each + queue->cost.repeats * length;
		size.words += queue->cost.each_words;
		size.values++;
		size.longest = length > size.longest ? length : size.longest;
	}
	return size;
}

/* A column is at most as long as the longest value. With one item alone the system shall judge. */
static bool fits(const struct queue *queue, struct size size, bool one)
{
	const struct template_cost *cost = &queue->cost;
	size_t columns = one ? 0 : cost->fixed_columns + cost->each_columns * size.values;
	size_t strings = size.strings + columns * size.longest;

	return strings <= queue->batch_bytes &&
	       strings + size.words * sizeof(char *) <= queue->argument_bytes;
}

/* May the words made of a value of this length exceed what one argument can have? */
static bool wide(const struct queue *queue, struct size size, size_t length)
{
	const struct template_cost *cost = &queue->cost;

	return size.each + cost->repeats * length + cost->each_columns * size.longest >
	       queue->word_bytes;
}

/* The item that begins at value `first` cannot be in this batch. What now? */
static enum queue_status refuse(struct queue *queue, struct job *job, size_t first, size_t length)
{
	char item[ESCAPED];

	/* As in xargs: a line that -X has filled is no reason, N items that do not fit are. */
	bool too_large = job->problem == PROBLEM_TOO_LONG || job->problem == PROBLEM_NO_ROOM;

	if (too_large && queue->options->exit_on_size &&
	    (first == 0 || queue->options->batch > 0)) {
		message("job %llu: no room for '%s' in the command line; -x ends the run",
		    (unsigned long long)queue->jobs + 1, escape_item(item, &job->items, first));
		return QUEUE_TOO_LARGE;
	}
	if (first > 0) {
		/* The batch goes without it, and it is the first of the next one. */
		hold(queue, &job->items, first, length);
		job->problem = PROBLEM_NONE;
	}
	job->problem_bytes = length;
	job->problem_limit = queue->word_bytes - 1;
	if (job->problem == PROBLEM_NO_ROOM)
		job->problem_limit = queue->batch_bytes < queue->argument_bytes
					 ? queue->batch_bytes
					 : queue->argument_bytes;
	return QUEUE_JOB;
}

/*
 * There is nothing until the command that gives the items is run again. Runs it when that is due,
 * or waits for it. (The jobs of others go on, and those that are put back are taken.)
 */
static void await_fetch(struct queue *queue)
{
	int64_t due = fetch_due(queue->fetch, atomic_load(&queue->outstanding) == 0);
	int64_t left = due == INT64_MAX ? INT64_MAX : due - clock_ms();
	struct pollfd interrupt = {.fd = queue->interrupt[0], .events = POLLIN};
	char byte;

	if (left <= 0) {
		queue->to_skip = queue->options->skip;
		source_run_command(queue->source);
		return;
	}
	poll(&interrupt, 1, left == INT64_MAX ? -1 : left > INT_MAX ? INT_MAX : (int)left);
	if (interrupt.revents && read(queue->interrupt[0], &byte, 1) < 0 && errno != EAGAIN)
		message_errno("waiting for the next items");
}

/*
 * Is the command that gives the items to be waited for? A job that has some is not kept waiting: it
 * gets others only from a --next that has just given one.
 */
static bool may_fetch(const struct queue *queue, bool have_some)
{
	return !queue->closing && (!have_some || fetch_due(queue->fetch, false) == 0);
}

/* Gathers the items of one job. What was gathered when somebody interrupts is held. */
static enum queue_status gather(struct queue *queue, struct job *job)
{
	const struct queue_options *options = queue->options;
	bool alone = options->batch == 1 && options->batch_bytes == 0; /* the system shall judge */
	struct size size = command_size(queue);
	size_t first = 0, taken = queue->held_items, length = queue->held_length;

	if (taken > 0)
		swap_held(queue, job);
	queue->held_items = queue->held_length = 0;
	for (;;) {
		size = add_size(queue, size, &job->items, first);
		job->problem = find_problem(queue, &job->items, first, length);
		if (!job->problem && !alone && taken > 0 && !fits(queue, size, first == 0))
			job->problem = queue->cost.repeats > 0 && length >= queue->word_bytes
					   ? PROBLEM_TOO_LONG
					   : PROBLEM_NO_ROOM;
		if (job->problem)
			return refuse(queue, job, first, length);
		if (taken > 0 && wide(queue, size, length)) {
			/* It may fail in exec, and shall not take others with it. */
			if (first > 0)
				hold(queue, &job->items, first, length);
			return QUEUE_JOB;
		}
		first = job->items.count;
		if (options->batch > 0 && taken == options->batch)
			return QUEUE_JOB;
		if (options->follow && options->batch == 0 && taken > 0 &&
		    !source_ready(queue->source))
			return QUEUE_JOB; /* -X does not wait for more */
		enum source_status status = next_item(queue, &job->items, &length);
		if (status == SOURCE_LATER && may_fetch(queue, taken > 0)) {
			await_fetch(queue);
			status = SOURCE_INTERRUPTED;
		}
		if (status == SOURCE_INTERRUPTED) {
			queue->held_items = taken;
			swap_held(queue, job);
			return QUEUE_INTERRUPTED;
		}
		if (status != SOURCE_ITEM && taken > 0)
			return QUEUE_JOB;
		if (status != SOURCE_ITEM)
			return status == SOURCE_FAILED ? QUEUE_FAILED : QUEUE_END;
		taken++;
	}
}

void queue_put_back(struct queue *queue, struct job *job)
{
	pthread_mutex_lock(&queue->returned_lock);
	STAILQ_INSERT_TAIL(&queue->returned, job, next);
	atomic_fetch_add(&queue->returned_count, 1);
	pthread_mutex_unlock(&queue->returned_lock);
	queue_interrupt(queue); /* whoever waits for an item can have this one */
}

/* The time of the first job that waits. With the lock held. */
static void set_due(struct queue *queue)
{
	const struct job *first = RB_MIN(job_tree, &queue->delayed);

	atomic_store(&queue->due, first ? first->due : INT64_MAX);
}

void queue_put_back_until(struct queue *queue, struct job *job, int64_t due)
{
	job->due = due;
	pthread_mutex_lock(&queue->returned_lock);
	RB_INSERT(job_tree, &queue->delayed, job);
	atomic_fetch_add(&queue->delayed_count, 1);
	set_due(queue);
	pthread_mutex_unlock(&queue->returned_lock);
}

unsigned queue_release(struct queue *queue, int64_t time)
{
	unsigned count = 0;

	pthread_mutex_lock(&queue->returned_lock);
	for (struct job *job; (job = RB_MIN(job_tree, &queue->delayed)) && job->due <= time;) {
		RB_REMOVE(job_tree, &queue->delayed, job);
		STAILQ_INSERT_TAIL(&queue->returned, job, next);
		count++;
	}
	atomic_fetch_add(&queue->returned_count, count);
	atomic_fetch_sub(&queue->delayed_count, count);
	set_due(queue);
	pthread_mutex_unlock(&queue->returned_lock);
	if (count > 0)
		queue_interrupt(queue);
	return count;
}

int64_t queue_due(const struct queue *queue)
{
	return atomic_load(&queue->due);
}

unsigned queue_returned(const struct queue *queue)
{
	return atomic_load(&queue->returned_count);
}

unsigned queue_delayed(const struct queue *queue)
{
	return atomic_load(&queue->delayed_count);
}

/* Takes a job that was put back, if there is one. */
static bool take_returned(struct queue *queue, struct job **job)
{
	if (queue_returned(queue) == 0)
		return false;
	pthread_mutex_lock(&queue->returned_lock);
	struct job *first = STAILQ_FIRST(&queue->returned);
	if (first) {
		STAILQ_REMOVE_HEAD(&queue->returned, next);
		atomic_fetch_sub(&queue->returned_count, 1);
	}
	pthread_mutex_unlock(&queue->returned_lock);
	if (!first)
		return false;
	job_free(*job);
	*job = first;
	return true;
}

struct job *queue_take_rest(struct queue *queue)
{
	struct job *job = NULL;

	queue_release(queue, INT64_MAX - 1);
	return take_returned(queue, &job) ? job : NULL;
}

/* What the columns of a job are. */
static void split_columns(const struct queue *queue, struct job *job)
{
	job->columns = &job->items;
	if (!queue->options->column_separator)
		return;
	job->columns = &job->split;
	for (size_t i = 0; i < job->items.count; i++)
		split_item(queue->options, strlist_at(&job->items, i),
		    strlist_length(&job->items, i), &job->split);
}

/* Is the job the one that the journal has? As journal_compare. */
static enum journal_verdict compare(struct queue *queue, const struct job *job)
{
	struct template_values values = {
	    .items = &job->items, .columns = job->columns, .seq = job->seq};

	template_fill(queue->template, &values, &queue->command);
	shell_quote_line(&queue->command, &queue->printed);
	if (!strlist_failed(&queue->command) && !strlist_failed(&queue->printed))
		return journal_compare(queue->journal, job->seq, &queue->printed);
	message("job %llu: comparing it with the journal: %s", (unsigned long long)job->seq,
	    strerror(ENOMEM));
	return JOURNAL_COMPARE;
}

/* Keeps a job from being run, and makes an empty one in its place. */
static enum queue_status keep_unproved(struct queue *queue, struct job **job)
{
	struct job *another = job_another(*job);

	if (!another) {
		message("job %llu: holding it back: %s", (unsigned long long)(*job)->seq,
		    strerror(ENOMEM));
		queue->ended = true;
		return QUEUE_FAILED;
	}
	STAILQ_INSERT_TAIL(&queue->unproved, *job, next);
	*job = another;
	return QUEUE_INTERRUPTED;
}

/* The queue is the journal's up to here: what was kept is taken next. */
static void release_unproved(struct queue *queue)
{
	unsigned count = 0;

	for (const struct job *job = STAILQ_FIRST(&queue->unproved); job;
	     job = STAILQ_NEXT(job, next))
		count++;
	if (count == 0)
		return;
	pthread_mutex_lock(&queue->returned_lock);
	STAILQ_CONCAT(&queue->returned, &queue->unproved);
	atomic_fetch_add(&queue->returned_count, count);
	pthread_mutex_unlock(&queue->returned_lock);
}

/*
 * What does the journal say of a job? It is asked while the queue is taken, so that nobody else
 * gets a job further on before it is certain that the queue is the one that the journal speaks of.
 * That shows only at jobs that the journal has: others wait for the next one of these.
 */
static enum queue_status ask_journal(struct queue *queue, struct job **job)
{
	enum journal_verdict verdict = journal_ask(queue->journal, (*job)->seq);
	bool known = verdict == JOURNAL_COMPARE;

	if (known)
		verdict = compare(queue, *job);
	if (verdict == JOURNAL_COMPARE) {
		job_clear(*job);
		queue->ended = true;
		return QUEUE_FAILED;
	}
	enum queue_status status = QUEUE_INTERRUPTED;
	if (verdict == JOURNAL_SKIP)
		job_clear(*job);
	else
		(*job)->output.turn = ++queue->to_run;
	if (verdict == JOURNAL_RUN && STAILQ_EMPTY(&queue->unproved))
		status = QUEUE_JOB;
	else if (verdict != JOURNAL_SKIP)
		status = keep_unproved(queue, job); /* behind those before it */
	if (known)
		release_unproved(queue);
	return status;
}

/* Gathers the next job, and gives it its number. */
static enum queue_status next_job(struct queue *queue, struct job *job)
{
	if (queue->ended)
		return QUEUE_END;
	enum queue_status status = gather(queue, job);
	if (status == QUEUE_JOB)
		job->seq = ++queue->jobs;
	else
		queue->ended = status != QUEUE_INTERRUPTED;
	if (status == QUEUE_END && queue->journal &&
	    !journal_end_of_queue(queue->journal, queue->jobs))
		status = QUEUE_FAILED;
	return status;
}

uint64_t queue_total(const struct queue *queue)
{
	size_t batch = queue->options->batch;
	uint64_t items;

	/* How many fit into a command shows when they are there. */
	if (batch == 0 || queue->options->batch_bytes > 0 || !source_total(queue->source, &items))
		return 0;
	items = items > queue->to_skip ? items - queue->to_skip : 0;
	return items / batch + (items % batch > 0);
}

const char *queue_add(struct queue *queue, struct job *job)
{
	const char *problem = NULL;

	if (queue->options->input_count + (queue->options->files.count > 0) > 1)
		return "the items of this queue have several values";
	job->problem_bytes = strlist_length(&job->items, 0);
	job->problem = find_problem(queue, &job->items, 0, job->problem_bytes);
	split_columns(queue, job);
	pthread_mutex_lock(&queue->returned_lock);
	if (queue->sealed)
		problem = "the run is at its end";
	else if (queue_returned(queue) >= MOST_ADDED)
		problem = "too many have been added, and not taken yet";
	else
		job->seq = JOB_ADDED + ++queue->added;
	if (!problem) {
		STAILQ_INSERT_TAIL(&queue->returned, job, next);
		atomic_fetch_add(&queue->returned_count, 1);
	}
	pthread_mutex_unlock(&queue->returned_lock);
	if (!problem)
		queue_interrupt(queue);
	return problem;
}

bool queue_seal(struct queue *queue)
{
	pthread_mutex_lock(&queue->returned_lock);
	queue->sealed = queue_returned(queue) == 0;
	pthread_mutex_unlock(&queue->returned_lock);
	return queue->sealed;
}

int64_t queue_left(const struct queue *queue)
{
	int64_t left = atomic_load(&queue->left);

	return left < 0 ? -1 : left + queue_returned(queue) + queue_delayed(queue);
}

bool queue_more(struct queue *queue)
{
	if (pthread_mutex_trylock(&queue->lock) != 0)
		return false;
	bool more = queue_returned(queue) > 0 ||
		    (!queue->ended && (queue->held_items > 0 || source_more(queue->source)));
	pthread_mutex_unlock(&queue->lock);
	return more;
}

bool queue_is_done(struct queue *queue)
{
	pthread_mutex_lock(&queue->lock);
	bool done = (queue->ended || !source_more(queue->source)) && queue->held_items == 0 &&
		    STAILQ_EMPTY(&queue->unproved);
	pthread_mutex_unlock(&queue->lock);
	return done && queue_returned(queue) == 0 && queue_delayed(queue) == 0;
}

void queue_job_over(struct queue *queue)
{
	/* Somebody may wait for the end of a round. */
	if (queue->fetch && atomic_fetch_sub(&queue->outstanding, 1) == 1)
		queue_interrupt(queue);
}

void queue_signal(struct queue *queue, int signal)
{
	if (queue->fetch)
		fetch_signal(queue->fetch, signal);
}

bool queue_is_process(struct queue *queue, pid_t pid, const struct timespec *until)
{
	return queue->fetch && fetch_is_process(queue->fetch, pid, until);
}

/* A new job is handed out. */
static void hand_out(struct queue *queue, struct job *job)
{
	job->output.turn = ++queue->to_run;
	if (queue->fetch)
		atomic_fetch_add(&queue->outstanding, 1);
}

enum queue_status queue_last(struct queue *queue, struct job **job, bool patience)
{
	enum queue_status status = QUEUE_INTERRUPTED;

	pthread_mutex_lock(&queue->lock);
	queue->closing = true;
	source_finish(queue->source, patience && queue->options->next);
	if (queue->options->next && !queue->ended) {
		status = next_job(queue, *job);
		queue->ended = false; /* there may be more in it */
	}
	if (status == QUEUE_JOB) {
		split_columns(queue, *job);
		hand_out(queue, *job);
	}
	pthread_mutex_unlock(&queue->lock);
	return status;
}

enum queue_status queue_next(
    struct queue *queue, struct job **job, bool (*may_wait)(void *context), void *context)
{
	enum queue_status status = QUEUE_INTERRUPTED;

	pthread_mutex_lock(&queue->lock);
	queue->may_wait = may_wait;
	queue->context = context;
	while (status == QUEUE_INTERRUPTED && may_wait(context)) {
		if (take_returned(queue, job)) {
			if ((*job)->output.turn == 0)
				hand_out(queue, *job);
			pthread_mutex_unlock(&queue->lock);
			return QUEUE_JOB;
		}
		status = next_job(queue, *job);
		if (status != QUEUE_JOB)
			continue;
		if (queue->options->follow && !source_mark(queue->source, (*job)->seq)) {
			queue->ended = true;
			status = QUEUE_FAILED;
			break;
		}
		split_columns(queue, *job);
		if (queue->journal)
			status = ask_journal(queue, job);
		else
			(*job)->output.turn = ++queue->to_run;
	}
	if (status == QUEUE_JOB && queue->fetch)
		atomic_fetch_add(&queue->outstanding, 1);
	pthread_mutex_unlock(&queue->lock);
	return status;
}
