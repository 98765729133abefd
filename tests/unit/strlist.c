/* words: running out of memory at any allocation is remembered, and does no harm. */
#undef NDEBUG
#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* How many more allocations succeed. */
static unsigned granted;

static void *scarce_reallocarray(void *memory, size_t count, size_t size)
{
	return granted > 0 ? granted--, reallocarray(memory, count, size) : NULL;
}

#define realloc(memory, size) scarce_reallocarray(memory, 1, size)
#define reallocarray          scarce_reallocarray
#include "../../src/base/strlist.c"

enum { WORDS = 200 };

/* Builds a list; returns whether it is complete. */
static bool build(struct strlist *words)
{
	char text[WORDS];

	memset(text, 'x', sizeof text);
	for (size_t i = 0; i < WORDS; i++)
		strlist_add(words, text, i);
	return !strlist_failed(words);
}

static void check(const struct strlist *words)
{
	for (size_t i = 0; i < words->count; i++)
		assert(strlist_length(words, i) == i && strlen(strlist_at(words, i)) == i);
}

static void fails_at_any_allocation(void)
{
	for (unsigned grants = 0, complete = 0; !complete; grants++) {
		struct strlist words = {0};
		granted = grants;
		complete = build(&words);
		assert((words.count == WORDS) == complete);
		check(&words);
		/* What was asked for later has not slipped in behind the gap. */
		granted = 100;
		strlist_add(&words, "late", 4);
		assert((words.count == WORDS + 1) == complete);
		strlist_clear(&words);
		assert(build(&words));
		check(&words);
		strlist_free(&words);
		assert(grants < 100);
	}
}

static void refuses_what_no_memory_holds(void)
{
	struct strlist words = {0};

	granted = 100;
	strlist_add(&words, "a", 1);
	strlist_append(&words, "", SIZE_MAX);
	strlist_append(&words, "", SIZE_MAX - 255);
	assert(strlist_failed(&words) && words.count == 1);
	strlist_clear(&words);
	strlist_append(&words, "", SIZE_MAX / 2 + 1);
	assert(strlist_failed(&words) && words.count == 0);
	strlist_free(&words);
}

static void drops(void)
{
	struct strlist words = {0};

	strlist_drop(&words, 0);
	granted = 100;
	build(&words);
	strlist_append(&words, "begun", 5);
	strlist_drop(&words, WORDS - 2);
	assert(words.count == 2);
	strlist_add(&words, "yy", 2);
	assert(strcmp(strlist_at(&words, 2), "yy") == 0);
	strlist_drop(&words, 1);
	check(&words);
	strlist_free(&words);
}

int main(void)
{
	fails_at_any_allocation();
	refuses_what_no_memory_holds();
	drops();
}
