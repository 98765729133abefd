#include "record/results_dir.h"

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/escape.h"
#include "base/io.h"

/* The bytes of the longest path in the folder: SEQ/ and the name of a file. */
enum { PATH_BYTES = 48 };

/* Makes a folder and those above it that are missing. Failures are seen when it is opened. */
static void make_folders(const char *name)
{
	char *path = strdup(name);

	for (char *slash = path; path && *slash && (slash = strchr(slash + 1, '/'));) {
		*slash = '\0';
		mkdir(path, 0777);
		*slash = '/';
	}
	mkdir(name, 0777);
	free(path);
}

int results_dir_open(const char *name)
{
	char shown[ESCAPED_NAME];

	make_folders(name);
	int folder = open(name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (folder < 0)
		err(1, "--results %s", escape_name(shown, name));
	return folder;
}

/* Opens a file of a job to write it. Returns its descriptor, or -1 with errno. */
static int open_result(int folder, uint64_t seq, const char *name, int flags)
{
	char path[PATH_BYTES];

	snprintf(path, sizeof path, "%" PRIu64 "/%s", seq, name);
	return openat(folder, path, O_WRONLY | O_CREAT | O_CLOEXEC | flags, 0666);
}

static int write_result(
    int folder, uint64_t seq, const char *name, const char *bytes, size_t length)
{
	int file = open_result(folder, seq, name, O_TRUNC);

	if (file < 0)
		return -1;
	int result = io_write(file, bytes, length);
	int error = errno;
	if (close(file) != 0 && result == 0)
		return -1;
	errno = error;
	return result;
}

static int write_number(int folder, uint64_t seq, const char *name, uint64_t number)
{
	char digits[24];
	int length = snprintf(digits, sizeof digits, "%" PRIu64 "\n", number);

	return write_result(folder, seq, name, digits, (size_t)length);
}

/* Writes `item`: the values of the item, each with a newline. */
static int write_item(int folder, const struct job_record *record)
{
	const struct strlist *items = record->items;
	int file = open_result(folder, record->seq, "item", O_TRUNC), result = 0;

	if (file < 0)
		return -1;
	for (size_t i = 0; i < items->count && result == 0; i++)
		if (io_write(file, strlist_at(items, i), strlist_length(items, i)) ||
		    io_write(file, "\n", 1))
			result = -1;
	int error = errno;
	close(file);
	errno = error;
	return result;
}

int results_dir_begin(
    int folder, const struct job_record *record, struct job_output *output, bool keeps_output)
{
	static const char *const names[] = {"stdout", "stderr"};
	char path[PATH_BYTES];

	snprintf(path, sizeof path, "%" PRIu64, record->seq);
	if (mkdirat(folder, path, 0777) != 0 && errno != EEXIST)
		return -1;
	snprintf(path, sizeof path, "%" PRIu64 "/exitval", record->seq);
	if (unlinkat(folder, path, 0) != 0 && errno != ENOENT)
		return -1;
	if (write_number(folder, record->seq, "seq", record->seq) != 0 ||
	    write_item(folder, record) != 0)
		return -1;
	for (int i = 0; i < 2; i++) {
		int *copy = &output->streams[i].copy;
		if (*copy < 0)
			*copy = open_result(
			    folder, record->seq, names[i], keeps_output ? O_APPEND : O_TRUNC);
		if (*copy < 0)
			return -1;
	}
	return 0;
}

int results_dir_end(int folder, const struct job_record *record)
{
	char from[PATH_BYTES], to[PATH_BYTES];
	int value = record->signal ? 128 + record->signal : record->exit_value;

	/* By a rename: `exitval` is there whole or not at all. */
	if (write_number(folder, record->seq, ".exitval", (uint64_t)(value < 0 ? 255 : value)) != 0)
		return -1;
	snprintf(from, sizeof from, "%" PRIu64 "/.exitval", record->seq);
	snprintf(to, sizeof to, "%" PRIu64 "/exitval", record->seq);
	return renameat(folder, from, folder, to);
}
