/*
 * Batches: items of any length, some that cannot be arguments, and interruptions between them.
 * Every item comes exactly once, in order, alone where it cannot be in a command, and otherwise
 * with as many others as there is room for. The queue is included here, with a source in the place
 * of its own.
 *
 * Input: items a job, bytes a job, the cost of the command and of an item, how many to skip, then
 * the items: below 0xc0 one of twice as many bytes, below 0xe0 one with a NUL in it, below 0xf0 one
 * that memory has no room for, and else an interruption.
 */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "feed.h"
#include "queue/claims.h"
#include "queue/fetch.h"
#include "queue/item_count.h"
#include "queue/job.h"
#include "queue/outstanding.h"
#include "queue/source.h"
#include "record/journal.h"

#define source_open                              fuzz_source_open
#define source_names                             fuzz_source_names
#define source_next                              fuzz_source_next
#define source_more                              fuzz_source_more
#define source_close                             fuzz_source_close
#define source_total                             fuzz_source_total
#define source_fetch(...)                        NULL
#define source_begin(...)                        (abort(), 0)
#define source_mark(...)                         (abort(), true)
#define source_ready(...)                        (abort(), true)
#define source_take_block(...)                   abort()
#define source_finish(source, patience)          ((void)(patience), abort())
#define source_run_command(source, wanted)       ((void)(wanted), abort())
#define fetch_due(...)                           (abort(), 0)
#define fetch_signal(fetch, signal)              ((void)(signal), abort())
#define fetch_is_process(fetch, pid)             ((void)(pid), abort(), true)
#define source_report_rest(source, first, count) ((void)(first), (void)(count), abort(), false)
#define source_combinations(...)                 (abort(), 1)
#define source_has_given(...)                    (abort(), false)
#define source_can_begin_again(...)              (abort(), true)
#define source_begin_again(...)                  (abort(), true)
#define outstanding_init(outstanding)            ((void)(outstanding))
#define outstanding_destroy(outstanding)         ((void)(outstanding))
#define outstanding_count(...)                   (abort(), 0)
#define outstanding_add(outstanding, job)        ((void)(job), abort())
#define outstanding_remove(outstanding, job)     ((void)(job), abort(), false)
#define outstanding_name(outstanding, text)      ((void)(text), abort(), (size_t)0)
#define claims_ask(claims, seq, total)           ((void)(seq), (void)(total), abort(), CLAIMS_OWN)
#define claims_job_over(claims)                  ((void)(claims))
#define claims_take_over(...)                    (abort(), CLAIMS_NO_REST)
#define item_count_open(count, options)          ((void)(count))
#define item_count_begin(count)                  ((void)(count), abort())
#define item_count_get(count)                    ((void)(count), -1)
#define item_count_close(count)                  ((void)(count))
#define clock_ms()                               (abort(), 0)
#define journal_ask(...)                         (abort(), JOURNAL_RUN)
#define journal_compare(...)                     (abort(), JOURNAL_RUN)
#define journal_end_of_queue(...)                (abort(), true)
#define journal_recall(...)                      (abort(), false)

/* The system's limits, small enough to be met often. */
enum { ARGUMENT_BYTES = 300, WORD_BYTES = 120, KEPT = 8, MOST_ITEMS = 600 };

struct given_item {
	size_t length, kept;
	bool with_nul, without_memory;
	char byte; /* that it is made of */
};

static struct {
	struct feed feed; /* what the source still has */
	struct given_item items[MOST_ITEMS];
	size_t count; /* of them, so far */
} given;

static struct source *fuzz_source_open(const struct queue_options *options, size_t limit, int fd)
{
	(void)options, (void)limit, (void)fd;
	return NULL;
}

static const struct strlist *fuzz_source_names(const struct source *source)
{
	static const struct strlist none = {0};

	(void)source;
	return &none;
}

static void fuzz_source_close(struct source *source)
{
	(void)source;
}

static bool fuzz_source_more(struct source *source)
{
	(void)source;
	return given.feed.at < given.feed.end;
}

static enum source_status fuzz_source_next(struct source *source, const struct item **shown)
{
	static char bytes[2 * 0xc0];
	static struct value value;
	static struct item item;

	if (!fuzz_source_more(source))
		return SOURCE_END;
	uint8_t byte = feed_byte(&given.feed);
	if (byte >= 0xf0)
		return SOURCE_INTERRUPTED;
	struct given_item *next = &given.items[given.count];
	*next = (struct given_item){.byte = (char)('a' + given.count % 26)};
	given.count++;
	next->without_memory = byte >= 0xe0;
	next->with_nul = byte >= 0xc0 && byte < 0xe0;
	next->length = next->kept = byte < 0xc0 ? byte * 2u : byte - 0xbfu;
	if (next->length > ARGUMENT_BYTES)
		next->kept = KEPT;
	memset(bytes, next->byte, sizeof bytes);
	if (next->with_nul)
		bytes[next->length / 2] = '\0';
	value = (struct value){bytes, next->kept};
	item = (struct item){.values = &value,
	    .count = next->without_memory ? 0 : 1,
	    .longest = next->length,
	    .without_room = next->without_memory};
	*shown = &item;
	return SOURCE_ITEM;
}

static bool fuzz_source_total(const struct source *source, uint64_t *total)
{
	(void)source, (void)total;
	return false;
}

#include "../../src/queue/queue.c"
#include "../../src/queue/queue_length.c"
#include "../../src/queue/resume.c"

/* The bytes of a command of `count` items from number `first` on. */
static size_t command_bytes(const struct queue *queue, size_t first, size_t count)
{
	size_t bytes = queue->batch.cost.passed.fixed;

	for (size_t i = first; i < first + count; i++)
		bytes += queue->batch.cost.passed.each +
			 queue->batch.cost.passed.repeats * given.items[i].length;
	return bytes;
}

static bool has_room(const struct queue *queue, size_t first, size_t count)
{
	size_t bytes = command_bytes(queue, first, count);
	size_t words =
	    queue->batch.cost.passed.fixed_words + count * queue->batch.cost.passed.each_words;

	return bytes <= queue->batch.batch_bytes &&
	       bytes + words * sizeof(char *) <= ARGUMENT_BYTES;
}

/* Can the item be no argument, whatever the others are? */
static bool is_bad(const struct queue *queue, size_t index)
{
	const struct given_item *item = &given.items[index];
	bool system_judges = queue->options->batch == 1 && queue->options->batch_bytes == 0;

	return item->with_nul || item->without_memory || item->length > ARGUMENT_BYTES ||
	       (!system_judges && !has_room(queue, index, 1));
}

/* May its word be too long, so that it has to be alone? */
static bool is_wide(const struct queue *queue, size_t index)
{
	return queue->batch.cost.passed.each +
		   queue->batch.cost.passed.repeats * given.items[index].length >
	       WORD_BYTES;
}

/* The job begins with item number `first`, and has no more and no fewer than it should. */
static size_t check_job(const struct queue *queue, const struct job *job, size_t first)
{
	const struct queue_options *options = queue->options;

	assert(first < given.count);
	if (given.items[first].without_memory) {
		assert(job->problem == PROBLEM_MEMORY && job->items.count == 0);
		return 1;
	}
	size_t count = job->items.count;
	assert(count > 0 && first + count <= given.count && !strlist_failed(&job->items));
	assert(options->batch == 0 || count <= options->batch);
	for (size_t i = 0; i < count; i++) {
		const struct given_item *item = &given.items[first + i];
		assert(strlist_length(&job->items, i) == item->kept);
		assert(item->kept == 0 || *strlist_at(&job->items, i) == item->byte ||
		       (item->with_nul && item->length == 1));
		assert(count == 1 || (!is_bad(queue, first + i) && !is_wide(queue, first + i)));
	}
	assert((job->problem != PROBLEM_NONE) == is_bad(queue, first));
	assert(!job->problem || job->problem_size == given.items[first].length);
	assert(count == 1 || has_room(queue, first, count));
	/* It ends where it has to. */
	size_t next = first + count;
	bool is_share = options->shares > 1 && !fuzz_source_more(NULL);
	assert(count == options->batch || is_share || is_bad(queue, first) ||
	       is_wide(queue, first) ||
	       (next == given.count ? !fuzz_source_more(NULL)
				    : is_bad(queue, next) || is_wide(queue, next) ||
					  !has_room(queue, first, count + 1)));
	return count;
}

static void check_queue(struct queue *queue)
{
	struct memory_budget budget;
	enum queue_status status;
	size_t taken = queue->to_skip;

	budget_init(&budget, 0);
	struct job *spare = job_new(&budget), *job;
	assert(spare);
	while ((status = queue_next(queue, &spare, &job, queue_interrupts(queue))) != QUEUE_END) {
		assert(status == QUEUE_JOB || status == QUEUE_INTERRUPTED);
		assert(taken >= given.count || status == QUEUE_JOB || queue_more(queue));
		if (status == QUEUE_INTERRUPTED)
			continue;
		queue_pass_on(queue);
		taken += check_job(queue, job, taken);
		job_clear(job);
		spare = job;
	}
	assert(taken >= given.count && queue_rest(queue) == 0 && !queue_more(queue));
	job_free(spare);
	budget_free(&budget);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct queue_options options = {0};
	struct timer timer = {0};
	struct queue queue;

	given.feed = (struct feed){data, data + (size < MOST_ITEMS ? size : MOST_ITEMS)};
	given.count = 0;
	options.batch = feed_byte(&given.feed) % 5;
	options.batch_bytes = feed_byte(&given.feed) % 5 * 70u;
	struct line_cost cost = {.fixed = feed_byte(&given.feed) % 20, .fixed_words = 1};
	cost.each = 1 + feed_byte(&given.feed) % 3;
	cost.repeats = feed_byte(&given.feed) % 3;
	cost.each_words = cost.repeats;
	options.skip = feed_byte(&given.feed) % 3;
	options.shares = options.batch == 0 ? feed_byte(&given.feed) % 5 : 0;
	queue_open(&queue, &options, &timer);
	queue.batch.argument_bytes = ARGUMENT_BYTES;
	queue.batch.word_bytes = WORD_BYTES;
	queue.batch.cost.passed = cost;
	STAILQ_INIT(&queue.resume.held);
	check_queue(&queue);
	queue_close(&queue);
	return 0;
}
