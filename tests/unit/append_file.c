/*
 * Appends that fail are taken back, and torn ends are found and taken off; what no command line
 * reaches is a write that stops half way, and a file that cannot be made shorter then.
 */
#include "record/append_file.h"

#undef NDEBUG
#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/io.h"
#include "base/message.h"

static size_t room = (size_t)-1; /* bytes that may still be written */
static int truncate_error;       /* errno of ftruncate; 0: it is made */

static int short_write(int fd, const char *bytes, size_t length)
{
	size_t part = length < room ? length : room;

	assert(write(fd, bytes, part) == (ssize_t)part);
	room -= part;
	errno = ENOSPC;
	return part == length ? 0 : -1;
}

static int failing_ftruncate(int fd, off_t size)
{
	errno = truncate_error;
	return truncate_error ? -1 : ftruncate(fd, size);
}

static char said[256];

static void remember(
    const char *format, const char *option, const char *name, const char *record, const char *torn)
{
	assert(strcmp(format, "%s%s: its last %s was torn by a crash and is taken off%s") == 0);
	snprintf(said, sizeof said, "%s%s: %s%s", option, name, record, torn);
}

#define io_write  short_write
#define ftruncate failing_ftruncate
#define message   remember
#include "../../src/record/append_file.c"
#undef message
#undef ftruncate
#undef io_write

static bool begins(const char *bytes, size_t length, bool is_first)
{
	(void)is_first;
	return length > 0 && *bytes == 'r';
}

static const struct append_file_kind kind = {.option = "--file ",
    .record = "row",
    .begins_record = begins,
    .foreign_end = " is foreign",
    .torn = ": why"};
static const struct append_file_kind silent = {.option = "", .record = "row", .quotes = true};

static struct append_file open_with(const struct append_file_kind *of, const char *content)
{
	struct append_file file = {.kind = of,
	    .name = "f",
	    .fd = memfd_create("file", MFD_CLOEXEC),
	    .size = (off_t)strlen(content)};

	assert(file.fd >= 0 && fcntl(file.fd, F_SETFL, O_APPEND) == 0);
	assert(write(file.fd, content, strlen(content)) == file.size);
	return file;
}

static off_t size_of(const struct append_file *file)
{
	struct stat status;

	assert(fstat(file->fd, &status) == 0);
	return status.st_size;
}

static void check_appends(void)
{
	struct append_file file = open_with(&kind, "r1\n");
	int tail_error = -1;

	assert(append_file_add(&file, "r2\n", 3, &tail_error) == 0 && tail_error == 0);
	assert(file.size == 6 && size_of(&file) == 6);
	room = 2;
	assert(append_file_add(&file, "r3\n", 3, &tail_error) == -1 && errno == ENOSPC);
	assert(tail_error == 0 && file.size == 6 && size_of(&file) == 6);
	room = 2;
	truncate_error = EIO;
	assert(append_file_add(&file, "r3\n", 3, &tail_error) == -1 && errno == ENOSPC);
	assert(tail_error == EIO && file.size == 6 && size_of(&file) == 8);
	truncate_error = 0;
	room = (size_t)-1;
	assert(append_file_take_back(&file) == 0 && size_of(&file) == 6);
	append_file_empty(&file);
	assert(file.size == 0 && size_of(&file) == 0);
	assert(write(file.fd, "r\n", 2) == 2);
	append_file_accept(&file);
	assert(file.size == size_of(&file));
	close(file.fd);
}

/* What is left of `content` is `whole` bytes, and whether that was said. */
static void check_mend(
    const struct append_file_kind *of, const char *content, off_t whole, bool is_said)
{
	struct append_file file = open_with(of, content);

	said[0] = '\0';
	append_file_look(&file, file.fd);
	assert(file.size == whole && size_of(&file) == (off_t)strlen(content) && !*said);
	append_file_mend(&file);
	assert(file.size == whole && size_of(&file) == whole);
	assert(strcmp(said, is_said ? "--file f: row: why" : "") == 0);
	close(file.fd);
}

int main(void)
{
	char lines[10000] = "r";

	check_appends();
	check_mend(&kind, "r1\nr2\n", 6, false);
	check_mend(&kind, "r1\nr2", 3, true);
	check_mend(&kind, "r", 0, true);
	check_mend(&silent, "a,\"b\n\"\n\"c\n", 7, false);
	check_mend(&silent, "\"\"\"\n\"\nx", 6, false);
	/* The newline stands at the edges of a block that is read from the end. */
	memset(lines, 'r', sizeof lines - 1);
	for (size_t torn = 4094; torn <= 4098; torn++) {
		lines[sizeof lines - 2 - torn] = '\n';
		check_mend(&kind, lines, (off_t)(sizeof lines - 1 - torn), true);
		lines[sizeof lines - 2 - torn] = 'r';
	}
	return 0;
}
