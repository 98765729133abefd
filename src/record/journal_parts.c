#include "record/journal_parts.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>

#include "base/escape.h"
#include "base/message.h"

static int fail(const char *path, int error)
{
	(void)path;
	errno = error;
	return error != ENOENT && error != ENOTDIR;
}

int journal_parts_find(struct journal_parts *parts, const char *pattern, int own)
{
	struct stat status = {0};
	char shown[ESCAPED_NAME];

	*parts = (struct journal_parts){.device = 0};
	if (!pattern)
		return 0;
	errno = 0;
	int result =
	    fstat(own, &status) != 0 ? GLOB_ABORTED : glob(pattern, 0, fail, &parts->found);
	parts->device = status.st_dev;
	parts->inode = status.st_ino;
	if (result == 0 || result == GLOB_NOMATCH)
		return 0;
	if (result == GLOB_NOSPACE)
		errno = ENOMEM;
	message_errno(
	    "--joblog %s: looking for the journals of all parts", escape_name(shown, pattern));
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

bool journal_parts_read(const struct journal_parts *parts, journal_use *use, void *context)
{
	for (size_t i = 0; i < parts->found.gl_pathc; i++) {
		const char *name = parts->found.gl_pathv[i];
		struct journal_fault fault = read_part(parts, name, use, context);
		journal_reader_say(name, &fault);
		if (fault.kind != FAULT_NONE)
			return false;
	}
	return true;
}

void journal_parts_free(struct journal_parts *parts)
{
	globfree(&parts->found);
	*parts = (struct journal_parts){.device = 0};
}
