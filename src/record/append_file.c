#include "record/append_file.h"

#include <assert.h>
#include <err.h>
#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/io.h"
#include "base/message.h"

/* So many bytes of a file, or of a torn record, are looked at to see whether it is one. */
enum { HEAD_BYTES = 128 };

static _Noreturn void die(const struct append_file *file, const char *doing)
{
	err(1, "%s%s%s", doing, file->kind->option, file->name);
}

/* The end of the last line that a newline ends: it is looked for from the end of the file. */
static off_t find_last_newline(const struct append_file *file, int readable)
{
	char block[4096];

	for (off_t end = file->size; end > 0;) {
		size_t part = end < (off_t)sizeof block ? (size_t)end : sizeof block;
		if (io_read_at(readable, block, part, end - (off_t)part) != (ssize_t)part)
			die(file, "reading ");
		const char *newline = memrchr(block, '\n', part);
		if (newline)
			return end - (off_t)part + (newline - block) + 1;
		end -= (off_t)part;
	}
	return 0;
}

/*
 * The end of the last record, where a newline between quotes ends none. Whether a newline is one
 * of these shows only from the beginning of the file. A quote that is doubled counts as two, with
 * nothing in between.
 */
static off_t find_last_unquoted_newline(const struct append_file *file, int readable)
{
	char block[IO_BLOCK];
	off_t whole = 0;
	bool quoted = false;

	for (off_t at = 0; at < file->size;) {
		ssize_t got = io_read_at(readable, block, sizeof block, at);
		if (got < 0)
			die(file, "reading ");
		for (ssize_t i = 0; i < got; i++) {
			quoted ^= block[i] == '"';
			if (block[i] == '\n' && !quoted)
				whole = at + i + 1;
		}
		at += got;
	}
	return whole;
}

/* Reads the first bytes of a file from offset `at` on: as many as `length` says, or there are. */
static size_t read_head(
    const struct append_file *file, int readable, char *head, size_t length, off_t at)
{
	off_t left = file->size + file->torn_bytes - at;

	if (left < (off_t)length)
		length = (size_t)left;
	ssize_t got = io_read_at(readable, head, length, at);
	if (got < 0)
		die(file, "reading ");
	return (size_t)got;
}

/* Are these what is left of a file that begins with `begins_with`? A power cut may leave zeros. */
static bool may_begin(const char *head, size_t length, const char *begins_with)
{
	size_t zeros = 0;

	while (zeros < length && head[zeros] == '\0')
		zeros++;
	return zeros == length || memcmp(head, begins_with, length) == 0;
}

/* Ends pexec when the file does not begin as one of its kind does. */
static void check_begin(const struct append_file *file, int readable)
{
	const char *begins_with = file->kind->begins_with;
	char head[HEAD_BYTES];

	if (!begins_with)
		return;
	assert(strlen(begins_with) <= sizeof head);
	size_t length = read_head(file, readable, head, strlen(begins_with), 0);
	if (!may_begin(head, length, begins_with))
		errx(1, "%s%s%s", file->kind->option, file->name, file->kind->foreign);
}

/* Ends pexec when what the file has behind its last whole record is not of its kind. */
static void check_torn(const struct append_file *file, int readable)
{
	char head[HEAD_BYTES];

	if (!file->kind->begins_record || file->torn_bytes == 0)
		return;
	size_t length = read_head(file, readable, head, sizeof head, file->size);
	if (!file->kind->begins_record(head, length, file->size == 0))
		errx(1, "%s%s%s", file->kind->option, file->name, file->kind->foreign_end);
}

void append_file_look(struct append_file *file, int readable)
{
	if (file->size == 0)
		return;
	check_begin(file, readable);
	off_t whole = file->kind->quotes ? find_last_unquoted_newline(file, readable)
					 : find_last_newline(file, readable);
	file->torn_bytes = file->size - whole;
	file->size = whole;
	check_torn(file, readable);
}

void append_file_mend(struct append_file *file)
{
	if (file->torn_bytes == 0)
		return;
	file->torn_bytes = 0;
	if (ftruncate(file->fd, file->size) != 0)
		die(file, "");
	if (file->kind->torn)
		message("%s%s: its last %s was torn by a crash and is taken off%s",
		    file->kind->option, file->name, file->kind->record, file->kind->torn);
}

void append_file_empty(struct append_file *file)
{
	if (ftruncate(file->fd, 0) != 0)
		die(file, "");
	file->size = file->torn_bytes = 0;
}

int append_file_take_back(struct append_file *file)
{
	struct stat status;

	if (fstat(file->fd, &status) == 0 && status.st_size > file->size &&
	    ftruncate(file->fd, file->size) != 0)
		return errno;
	return 0;
}

int append_file_add(struct append_file *file, const char *bytes, size_t length, int *tail_error)
{
	*tail_error = 0;
	if (io_write(file->fd, bytes, length) == 0) {
		file->size += (off_t)length;
		return 0;
	}
	int error = errno;
	*tail_error = append_file_take_back(file);
	errno = error;
	return -1;
}

void append_file_accept(struct append_file *file)
{
	struct stat status;

	if (fstat(file->fd, &status) == 0)
		file->size = status.st_size;
}

void append_file_say_tail(const struct append_file *file, int tail_error)
{
	if (tail_error == 0)
		return;
	errno = tail_error;
	message_errno(
	    "%s%s: taking off half a %s", file->kind->option, file->name, file->kind->record);
}
