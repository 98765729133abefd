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
#include "base/path.h"

/* The bytes of the longest name of a job's folder: its number. */
enum { NAME_BYTES = 24 };

/* Ours, or root's: no other user can put links there, or take files away. */
static bool is_safe(int folder)
{
	struct stat status;

	if (fstat(folder, &status) != 0)
		return false;
	errno = EPERM;
	return status.st_uid == geteuid() || status.st_uid == 0;
}

int results_dir_open(const char *name)
{
	char shown[ESCAPED_NAME];

	path_make_folders(name);
	int folder = open(name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (folder < 0)
		err(1, "--results %s", escape_name(shown, name));
	if (!is_safe(folder))
		errx(1, "--results %s: the folder belongs to another user",
		    escape_name(shown, name));
	return folder;
}

/* --- the folder of a job --- */

/* Opens the folder of a job, which is made when `makes` says so. Returns -1 with errno. */
static int open_job(int folder, uint64_t seq, bool makes)
{
	char name[NAME_BYTES];

	snprintf(name, sizeof name, "%" PRIu64, seq);
	if (makes && mkdirat(folder, name, 0777) != 0 && errno != EEXIST)
		return -1;
	int job = openat(folder, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (job >= 0 && !is_safe(job)) {
		close(job);
		errno = EPERM;
		return -1;
	}
	return job;
}

/* Opens a file of a job to write it. Returns its descriptor, or -1 with errno. */
static int open_result(int job, const char *name, int flags)
{
	return openat(job, name, O_WRONLY | O_CREAT | O_NOFOLLOW | O_CLOEXEC | flags, 0666);
}

/* Closes a file that was written: some file systems say only then that there was no room. `result`
 * and errno are what came of writing it. Returns the same, or -1 with errno. */
static int close_result(int file, int result)
{
	int error = errno;

	if (close(file) != 0 && result == 0)
		return -1;
	errno = error;
	return result;
}

static int write_number(int job, const char *name, uint64_t number)
{
	char digits[24];
	int length = snprintf(digits, sizeof digits, "%" PRIu64 "\n", number);
	int file = open_result(job, name, O_TRUNC);

	return file < 0 ? -1 : close_result(file, io_write(file, digits, (size_t)length));
}

/* Writes `item`: the values of the item, each with a newline. */
static int write_item(int job, const struct strlist *items)
{
	int file = open_result(job, "item", O_TRUNC), result = 0;

	if (file < 0)
		return -1;
	for (size_t i = 0; i < items->count && result == 0; i++)
		if (io_write(file, strlist_at(items, i), strlist_length(items, i)) ||
		    io_write(file, "\n", 1))
			result = -1;
	return close_result(file, result);
}

/* Opens the files that become copies of what the job prints, unless they are open. */
static int open_copies(int job, struct job_output *output, bool keeps_output)
{
	static const char *const names[] = {"stdout", "stderr"};

	for (int i = 0; i < 2; i++) {
		int *copy = &output->streams[i].copy;
		if (*copy < 0)
			*copy = open_result(job, names[i], keeps_output ? O_APPEND : O_TRUNC);
		if (*copy < 0)
			return -1;
	}
	return 0;
}

/* Closes the folder of a job, and keeps errno. */
static void close_job(int job)
{
	int error = errno;

	close(job);
	errno = error;
}

int results_dir_begin(
    int folder, const struct job_record *record, struct job_output *output, bool keeps_output)
{
	int job = open_job(folder, record->seq, true), result = -1;

	if (job < 0)
		return -1;
	if ((unlinkat(job, "exitval", 0) == 0 || errno == ENOENT) &&
	    write_number(job, "seq", record->seq) == 0 && write_item(job, record->items) == 0)
		result = open_copies(job, output, keeps_output);
	close_job(job);
	return result;
}

int results_dir_end(int folder, const struct job_record *record)
{
	int value = record->signal ? 128 + record->signal : record->exit_value;
	int job = open_job(folder, record->seq, false), result = -1;

	if (job < 0)
		return -1;
	/* By a rename: `exitval` is there whole or not at all. */
	if (write_number(job, ".exitval", (uint64_t)(value < 0 ? 255 : value)) == 0)
		result = renameat(job, ".exitval", job, "exitval");
	close_job(job);
	return result;
}
