#include "queue/item_count.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/path.h"
#include "queue/input_file.h"
#include "queue/split.h"

/* The bytes that are read at a time: the end of the run waits for no more. */
enum { BLOCK = 256 * 1024 };

/* What a look at the bytes of a file remembers from one block to the next. */
struct scan {
	char delimiter;
	bool no_empty; /* empty records are no items */
	bool is_open;  /* the last record has bytes, and no delimiter yet */
	int64_t items;
};

/* Does the delimiter alone tell what an item is? */
static bool can_count(const struct queue_options *options)
{
	bool trims = !split_is_on(options) && options->trim != TRIM_NONE;

	return options->counts_ahead && options->files.count > 0 && !options->shuffle &&
	       !options->follow && options->separation == SEPARATE_DELIMITER && !options->csv &&
	       !options->end_of_items && !(options->no_empty && (trims || options->cuts_at_nul));
}

void item_count_open(struct item_count *count, const struct queue_options *options)
{
	*count = (struct item_count){.standard_input = -1};
	atomic_init(&count->items, -1);
	if (!can_count(options))
		return;
	count->options = options;
	for (size_t i = 0; i < options->files.count && count->standard_input < 0; i++)
		if (path_is_stdin(options->files.at[i]))
			count->standard_input =
			    fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
	count->begin = lseek(count->standard_input, 0, SEEK_CUR);
}

static void scan_block(struct scan *scan, const char *bytes, size_t length)
{
	for (const char *end = bytes + length; bytes < end;) {
		const char *delimiter = memchr(bytes, scan->delimiter, (size_t)(end - bytes));
		scan->is_open |= delimiter != bytes;
		if (!delimiter)
			return;
		scan->items += scan->is_open || !scan->no_empty;
		scan->is_open = false;
		bytes = delimiter + 1;
	}
}

/* Counts the items of an open file from `at` on; -1: it is no regular one, or the run ends. */
static int64_t count_file(const struct item_count *count, int file, off_t at, char *block)
{
	struct scan scan = {
	    .delimiter = count->options->delimiter, .no_empty = count->options->no_empty};
	struct stat status;
	ssize_t got;

	if (at < 0 || fstat(file, &status) != 0 || !S_ISREG(status.st_mode))
		return -1;
	while ((got = pread(file, block, BLOCK, at)) > 0) {
		if (atomic_load(&count->stops))
			return -1;
		scan_block(&scan, block, (size_t)got);
		at += got;
	}
	if (got < 0)
		return -1;
	int64_t items = scan.items + (scan.is_open ? 1 : 0);
	return count->options->header && items > 0 ? items - 1 : items;
}

/* Counts the items of the file with this name. */
static int64_t count_named(const struct item_count *count, const char *name, char *block)
{
	bool shared = path_is_stdin(name);
	int file = shared ? count->standard_input : input_file_open(name, -1);
	int64_t items = file < 0 ? -1 : count_file(count, file, shared ? count->begin : 0, block);

	if (file >= 0 && !shared)
		close(file);
	return items;
}

static void *count_all(void *argument)
{
	struct item_count *count = argument;
	const struct strings *files = &count->options->files;
	char *block = malloc(BLOCK);
	int64_t all = 0, items = block ? 0 : -1;

	for (size_t i = 0; i < files->count && items >= 0; i++) {
		items = count_named(count, files->at[i], block);
		all += items;
	}
	free(block);
	if (items >= 0)
		atomic_store(&count->items, all);
	return NULL;
}

void item_count_begin(struct item_count *count)
{
	if (count->options)
		count->has_thread = pthread_create(&count->thread, NULL, count_all, count) == 0;
}

int64_t item_count_get(const struct item_count *count)
{
	return atomic_load(&count->items);
}

void item_count_close(struct item_count *count)
{
	atomic_store(&count->stops, true);
	if (count->has_thread)
		pthread_join(count->thread, NULL);
	if (count->standard_input >= 0)
		close(count->standard_input);
}
