#include "record/append_file.h"

#include <err.h>
#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/io.h"
#include "base/message.h"

/* So many bytes of a torn record are looked at, to see whether it is one. */
enum { TAIL_HEAD_BYTES = 128 };

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

/* Ends pexec when what the file ends with, from `file->size` on, is not of its kind. */
static void check_tail(const struct append_file *file, int readable, off_t tail_bytes)
{
	char head[TAIL_HEAD_BYTES];
	size_t length = tail_bytes < (off_t)sizeof head ? (size_t)tail_bytes : sizeof head;

	if (!file->kind->begins_record)
		return;
	ssize_t got = io_read_at(readable, head, length, file->size);
	if (got < 0)
		die(file, "reading ");
	if (!file->kind->begins_record(head, (size_t)got))
		errx(1, "%s%s%s", file->kind->option, file->name, file->kind->foreign);
}

void append_file_mend(struct append_file *file, int readable, bool keeps_tail)
{
	off_t whole = file->kind->quotes ? find_last_unquoted_newline(file, readable)
					 : find_last_newline(file, readable);
	off_t tail_bytes = file->size - whole;

	if (tail_bytes == 0)
		return;
	file->size = whole;
	check_tail(file, readable, tail_bytes);
	if (keeps_tail)
		return;
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
	file->size = 0;
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
