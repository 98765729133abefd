/* capture: what memory and budget have no room for is in the file, and the budget is given back. */
#undef NDEBUG
#include <assert.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

static bool scarce;

static void *scarce_realloc(void *memory, size_t size)
{
	return scarce ? NULL : realloc(memory, size);
}

#define realloc scarce_realloc
#include "../../src/capture.c"

enum { OUT = 30000, ERR = 100, BUDGET = 20000 };

/* Collects OUT bytes of o and ERR of e. */
static int collect(struct capture *capture)
{
	char bytes[OUT];
	int ends[2];

	assert(capture_open(capture, ends) == 0);
	memset(bytes, 'o', OUT);
	assert(write(ends[0], bytes, OUT) == OUT);
	memset(bytes, 'e', ERR);
	assert(write(ends[1], bytes, ERR) == ERR);
	close(ends[0]);
	close(ends[1]);
	return capture_collect(capture);
}

static void check_stream(const struct stream *stream, size_t length, char byte)
{
	char bytes[OUT];
	size_t spilled = (size_t)stream->spilled;

	assert(stream->used + spilled == length);
	memcpy(bytes, stream->memory ? stream->memory : "", stream->used);
	if (spilled > 0)
		assert(pread(stream->spill, bytes + stream->used, spilled, 0) == (ssize_t)spilled);
	for (size_t i = 0; i < length; i++)
		assert(bytes[i] == byte);
}

static void check_collected(struct capture *capture, size_t least_spilled)
{
	assert(collect(capture) == 0);
	check_stream(&capture->streams[0], OUT, 'o');
	check_stream(&capture->streams[1], ERR, 'e');
	assert((size_t)capture->streams[0].spilled >= least_spilled);
	capture_clear(capture);
	assert(atomic_load(capture->budget) == BUDGET);
}

int main(void)
{
	atomic_size_t budget = BUDGET;
	struct capture capture;

	capture_init(&capture, &budget);
	scarce = true;
	check_collected(&capture, OUT);
	scarce = false;
	check_collected(&capture, OUT - BUDGET - FIRST);
	/* Memory for one page is there from the last time, and no more to be had. */
	scarce = true;
	check_collected(&capture, OUT - FIRST);
	/* Nowhere to put it: an error, and no descriptor stays open. */
	setenv("TMPDIR", "/dev/null", 1);
	errno = 0;
	assert(collect(&capture) == -1 && errno == ENOTDIR);
	assert(capture.streams[0].fd == -1 && capture.streams[1].fd == -1);
	capture_free(&capture);
	assert(atomic_load(&budget) == BUDGET);
}
