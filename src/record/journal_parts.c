#include "record/journal_parts.h"

#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/escape.h"
#include "base/message.h"
#include "base/shard_name.h"

static int fail(const char *path, int error)
{
	(void)path;
	errno = error;
	return error != ENOENT && error != ENOTDIR;
}

int journal_parts_open(struct journal_parts *parts, const char *name, int own)
{
	struct stat status;

	*parts = (struct journal_parts){.name = name};
	if (name && fstat(own, &status) != 0)
		return -1;
	if (name) {
		parts->device = status.st_dev;
		parts->inode = status.st_ino;
	}
	return 0;
}

/* Finds all files whose names may fit. Returns 0, or -1 when that cannot be done: it has been said.
 */
static int find_files(const struct journal_parts *parts, glob_t *found)
{
	char shown[ESCAPED_NAME], *pattern = shard_name_pattern(parts->name);

	*found = (glob_t){.gl_pathc = 0};
	errno = 0;
	int result = pattern ? glob(pattern, 0, fail, found) : GLOB_NOSPACE;
	int error = result == GLOB_NOSPACE ? ENOMEM : errno;
	free(pattern);
	if (result == 0 || result == GLOB_NOMATCH)
		return 0;
	errno = error;
	message_errno(
	    "--joblog %s: looking for the journals of all parts", escape_name(shown, parts->name));
	globfree(found);
	return -1;
}

/* Reads one of them; it may be our own one, or gone by now. */
static struct journal_fault read_part(
    const struct journal_parts *parts, const char *name, journal_use *use, void *context)
{
	struct journal_fault fault = {.kind = FAULT_NONE};
	struct stat status;
	int columns, fd = open(name, O_RDONLY | O_NONBLOCK | O_CLOEXEC);

	if (fd < 0 && errno == ENOENT)
		return fault;
	if (fd < 0 || fstat(fd, &status) != 0)
		fault = (struct journal_fault){.kind = FAULT_OPENING, .error = errno};
	else if (S_ISREG(status.st_mode) &&
		 (status.st_dev != parts->device || status.st_ino != parts->inode))
		fault = journal_reader_lines(
		    &(struct journal_text){name, fd, status.st_size}, &columns, use, context);
	if (fd >= 0)
		close(fd);
	return fault;
}

/* Reads one of them, and says why that cannot be. */
static bool read_named(
    const struct journal_parts *parts, const char *name, journal_use *use, void *context)
{
	struct journal_fault fault = read_part(parts, name, use, context);

	journal_reader_say(name, &fault);
	return fault.kind == FAULT_NONE;
}

bool journal_parts_read(const struct journal_parts *parts, journal_use *use, void *context)
{
	bool are_read = true;
	glob_t found;

	if (!parts->name)
		return true;
	if (find_files(parts, &found) != 0)
		return false;
	for (size_t i = 0; i < found.gl_pathc && are_read; i++) {
		const char *name = found.gl_pathv[i];
		are_read =
		    !shard_name_fits(parts->name, name) || read_named(parts, name, use, context);
	}
	globfree(&found);
	return are_read;
}

bool journal_parts_read_one(
    const struct journal_parts *parts, uint64_t part, journal_use *use, void *context)
{
	char *name = shard_name_fill(parts->name, part, true), shown[ESCAPED_NAME];

	if (!name)
		message("--joblog %s: %s", escape_name(shown, parts->name), strerror(ENOMEM));
	bool is_read = name && read_named(parts, name, use, context);
	free(name);
	return is_read;
}
