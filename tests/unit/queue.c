/* queue: batches with items that cannot be arguments in them, and interruptions between any two. */
#undef NDEBUG
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "queue/queue.h"
#include "queue/source.h"

/* The longest command line, so that a few bytes are too many. */
enum { ARGUMENT_BYTES = 100 };

/*
 * What the source gives, a letter each: an item of one byte, but L, one that is too long to be an
 * argument, M, one that memory has no room for, N, one with a NUL in it, and -, an interruption.
 */
static const char *rest;

static struct source *fixed_open(
    const struct queue_options *options, size_t limit, int interrupt_fd)
{
	(void)options, (void)limit, (void)interrupt_fd;
	return NULL;
}

static enum source_status fixed_next(struct source *source, const struct item **item)
{
	static struct value value;
	static struct item shown;

	(void)source;
	if (*rest == '\0')
		return SOURCE_END;
	if (*rest == '-')
		return rest++, SOURCE_INTERRUPTED;
	value = (struct value){*rest == 'N' ? "" : rest, 1};
	shown = (struct item){.values = &value,
	    .count = *rest == 'M' ? 0 : 1,
	    .longest = *rest == 'L' ? ARGUMENT_BYTES + 1 : 1,
	    .without_room = *rest == 'M'};
	*item = &shown;
	rest++;
	return SOURCE_ITEM;
}

static bool fixed_more(struct source *source)
{
	(void)source;
	return *rest != '\0';
}

static const struct strlist *fixed_names(const struct source *source)
{
	static const struct strlist none = {0};

	(void)source;
	return &none;
}

static void fixed_close(struct source *source)
{
	(void)source;
}

static bool fixed_total(const struct source *source, uint64_t *total)
{
	(void)source, (void)total;
	return false;
}

#define source_total      fixed_total
#define source_fetch(...) NULL
#define source_open       fixed_open
#define source_next       fixed_next
#define source_more       fixed_more
#define source_names      fixed_names
#define source_close      fixed_close
#include "../../src/queue/queue.c"
#include "../../src/queue/queue_length.c"

/* Writes a job to `shown`: its items, in brackets when they cannot be arguments. */
static void show(const struct job *job, char *shown)
{
	if (*shown)
		strcat(shown, " ");
	strcat(shown, job->problem ? "[" : "");
	for (size_t i = 0; i < job->items.count; i++)
		strcat(shown, *strlist_at(&job->items, i) ? strlist_at(&job->items, i) : "N");
	strcat(shown, job->problem && job->items.count == 0 ? "M" : "");
	strcat(shown, job->problem ? "]" : "");
}

/* With `batch` items a job (0: as many as fit), and what is left shared out to so many slots (0:
 * not at all), these items become these jobs. */
static void check(size_t batch, size_t shares, const char *items, const char *expected)
{
	struct queue_options options = {.batch = batch, .shares = shares};
	struct memory_budget budget;
	budget_init(&budget, 0);
	struct job *spare = job_new(&budget), *job;
	struct timer timer = {0};
	struct queue queue;
	char shown[256] = "";
	enum queue_status status;

	rest = items;
	queue_open(&queue, &options, &timer);
	queue.batch.cost.passed = (struct line_cost){
	    .fixed = 1, .fixed_words = 1, .each = 1, .each_words = 1, .repeats = 1};
	queue.batch.argument_bytes = ARGUMENT_BYTES;
	STAILQ_INIT(&queue.resume.held);
	while ((status = queue_next(&queue, &spare, &job, queue_interrupts(&queue))) != QUEUE_END) {
		assert(strlen(shown) < sizeof shown - 16);
		if (status == QUEUE_INTERRUPTED)
			continue;
		assert(status == QUEUE_JOB);
		queue_pass_on(&queue);
		show(job, shown);
		job_clear(job);
		spare = job;
	}
	if (strcmp(shown, expected) != 0) {
		fprintf(stderr, "%zu of %s, %zu slots: %s, not %s\n", batch, items, shares, shown,
		    expected);
		exit(1);
	}
	assert(queue_rest(&queue) == 0);
	job_free(spare);
	queue_close(&queue);
}

/* Every size in which items can be shared out comes, each once, the largest first. */
static void check_sizes(size_t count)
{
	size_t size = count, slots = 1;

	for (; size > 0; size = shares_smaller_size(count, size)) {
		assert(shares_size(count, slots) == size);
		while (slots <= count && shares_size(count, slots) == size)
			slots++;
	}
	assert(slots == count + 1);
}

int main(void)
{
	static const struct {
		size_t batch;
		const char *items, *expected;
		size_t shares;
	} rows[] = {
	    {2, "abcde", "ab cd e", 0},
	    {2, "a-b-c", "ab c", 0},
	    /* What comes behind an item that is no argument is not taken for it. */
	    {2, "aLb", "a [L] b", 0},
	    {2, "Lab", "[L] ab", 0},
	    {2, "abL", "ab [L]", 0},
	    {2, "aLbLLcde", "a [L] b [L] [L] cd e", 0},
	    {0, "aLb", "a [L] b", 0},
	    {0, "abLLcd", "ab [L] [L] cd", 0},
	    {3, "a-L-b-c", "a [L] bc", 0},
	    {3, "aL---bc", "a [L] bc", 0},
	    {3, "ab-Nc", "ab [N] c", 0},
	    {3, "aM-bc", "a [M] bc", 0},
	    {3, "MMa", "[M] [M] a", 0},
	    /* 100 bytes: 9 for the command, 10 for each of the items and its pointer. */
	    {0, "abcdefghijklm", "abcdefghi jklm", 0},
	    {0, "abcdefghi-j-k-lm", "abcdefghi jklm", 0},
	    {12, "abcdefghij-L-k", "abcdefghi j [L] k", 0},
	    /* Shares: what is left when the end shows, and nothing before. */
	    {0, "abcde", "abcde", 1},
	    {0, "abcde", "abc de", 2},
	    {0, "a-b--cde-", "ab cd e", 3},
	    {0, "abcde", "a b c d e", 9},
	    {0, "a", "a", 9},
	    {0, "abcdefghijklm", "abcdefghi jk lm", 2},
	    {0, "abcLdeMfghN", "abc [L] de [M] fgh [N]", 2},
	    {0, "abcLdefgh", "abc [L] def gh", 2},
	};

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		check(rows[i].batch, rows[i].shares, rows[i].items, rows[i].expected);
	assert(shares_size(60, 8) == 8 && shares_size(60, 1) == 60 && shares_size(2, 65535) == 1);
	for (size_t count = 1; count < 500; count++)
		check_sizes(count);
}
