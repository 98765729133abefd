/* reader: it goes on where the system cannot wait for two descriptors at once. */
#undef NDEBUG
#include <assert.h>
#include <fcntl.h>
#include <stdint.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/reader.h"

static struct reader reader;

/* The next record is this one. It may take some calls, as the wait is cut short. */
static void gives(const char *expected)
{
	struct record record;
	enum reader_status status;

	do
		status = reader_next(&reader, &record);
	while (status == READER_INTERRUPTED);
	assert(status == READER_RECORD && record.length == strlen(expected));
	assert(memcmp(record.bytes, expected, record.length) == 0);
}

int main(void)
{
	int input[2], interrupt[2];
	struct rlimit limit, few;
	struct record record;
	char byte;

	assert(pipe2(input, O_CLOEXEC) == 0 && pipe2(interrupt, O_CLOEXEC | O_NONBLOCK) == 0);
	assert(getrlimit(RLIMIT_NOFILE, &limit) == 0);
	/* From here on poll(2) takes no two entries. */
	few = (struct rlimit){.rlim_cur = 1, .rlim_max = limit.rlim_max};
	assert(setrlimit(RLIMIT_NOFILE, &few) == 0);

	reader_open(&reader, input[0], interrupt[0], '\n', SIZE_MAX);
	assert(write(input[1], "a\nb\n", 4) == 4);
	gives("a");
	gives("b");
	/* It lets go of the thread, and has taken the byte where there was one. */
	assert(write(interrupt[1], "", 1) == 1);
	assert(reader_next(&reader, &record) == READER_INTERRUPTED);
	assert(read(interrupt[0], &byte, 1) == -1);
	assert(reader_next(&reader, &record) == READER_INTERRUPTED);
	assert(write(input[1], "c", 1) == 1);
	close(input[1]);
	gives("c");
	assert(reader_next(&reader, &record) == READER_END);
	reader_free(&reader);
	/* The leak sanitizer looks when it ends, and opens files for that. */
	assert(setrlimit(RLIMIT_NOFILE, &limit) == 0);
}
