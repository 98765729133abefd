/* quoted items: text -> items, whether it comes at once or byte by byte with an interrupt before
 * each. */
#undef NDEBUG
#include "queue/quoted_items.h"

#include <assert.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
enum { TEXTS = 3000, MOST_TEXT = 24, LIMIT = 8 };

/* Where bytes come from. */
struct trickle {
	int ends[2];
	const char *rest; /* of the text, not written yet */
};

/* Writes one byte, or ends the input. */
static void feed(struct trickle *input)
{
	if (*input->rest) {
		assert(write(input->ends[1], input->rest++, 1) == 1);
	} else if (input->ends[1] >= 0) {
		close(input->ends[1]);
		input->ends[1] = -1;
	}
}

/* Reads all items of a text to `shown`: each in brackets, a + where the line goes on. */
static void read_all(const char *text, enum separation separation, bool slowly, char *shown)
{
	const struct queue_options options = {.separation = separation, .end_of_items = "b"};
	struct quoted_items items;
	struct reader reader = {.fd = -1};
	struct record record = {0};
	struct trickle input = {.rest = text};
	enum source_status status;

	assert(pipe2(input.ends, O_NONBLOCK) == 0);
	/* A read that finds nothing is what an interrupt is: the call returns, as there is a
	 * descriptor for that. */
	reader_open(&reader, input.ends[0], input.ends[0], '\n', SIZE_MAX);
	reader.waits = false;
	quoted_items_open(&items, &options, LIMIT);
	while (!slowly && input.ends[1] >= 0)
		feed(&input);
	*shown = '\0';
	do {
		status = quoted_items_next(&items, &reader, &record);
		if (status == SOURCE_INTERRUPTED)
			feed(&input);
		if (status == SOURCE_ITEM)
			shown += sprintf(shown, "[%.*s%s]%s", (int)record.kept, record.bytes,
			    record.length > record.kept ? "..." : "",
			    record.line_goes_on ? "+" : "");
	} while (status == SOURCE_ITEM || status == SOURCE_INTERRUPTED);
	sprintf(shown, "%s", items.is_broken ? "!" : "");
	assert(!quoted_items_more(&items, &reader) || status == SOURCE_FAILED || items.last_seen);
	quoted_items_close(&items);
	reader_free(&reader);
	if (input.ends[1] >= 0)
		close(input.ends[1]);
}

static void check(const char *text, enum separation separation, const char *expected)
{
	char shown[256];

	read_all(text, separation, false, shown);
	if (strcmp(shown, expected) != 0) {
		fprintf(stderr, "%s: %s, not %s\n", text, shown, expected);
		exit(1);
	}
}

/* What comes in pieces is the same as what comes at once. */
static void compare(enum separation separation)
{
	static const char bytes[] = "aab  \t\n\n'\"\\";
	char text[MOST_TEXT + 1], at_once[256], slowly[256];

	for (int i = 0; i < TEXTS; i++) {
		size_t length = (size_t)rand() % MOST_TEXT;
		for (size_t j = 0; j < length; j++)
			text[j] = bytes[(size_t)rand() % (sizeof bytes - 1)];
		text[length] = '\0';
		read_all(text, separation, false, at_once);
		read_all(text, separation, true, slowly);
		if (strcmp(at_once, slowly) != 0) {
			printf("%s: %s, not %s\n", text, slowly, at_once);
			exit(1);
		}
	}
}

int main(void)
{
	check("a c\nd", SEPARATE_BLANKS, "[a]+[c][d]");
	check("a \n c\n", SEPARATE_BLANKS, "[a]+[c]");
	check("'' \"x y\"z\n", SEPARATE_BLANKS, "[]+[x yz]");
	check("12345678 123456789 \n", SEPARATE_BLANKS, "[12345678]+[12345678...]+");
	check("  a c \n\n'd'\n", SEPARATE_QUOTED_LINES, "[a c ]+[d]");
	check("a\nb\nc\n", SEPARATE_BLANKS, "[a]");
	check("a b", SEPARATE_BLANKS, "[a]+[b]");
	/* Quotes that stay open are said. */
	assert(freopen("/dev/null", "w", stderr));
	compare(SEPARATE_BLANKS);
	compare(SEPARATE_QUOTED_LINES);
}
