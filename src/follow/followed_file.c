#include "follow/followed_file.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"

struct followed_file *followed_file_new(const char *name)
{
	struct followed_file *file = calloc(1, sizeof *file);

	if (file) {
		file->reader.fd = -1;
		file->watch = -1;
		followed_file_rename(file, name);
	}
	return file;
}

void followed_file_free(struct followed_file *file)
{
	reader_free(&file->reader);
	free(file->name);
	free(file);
}

void followed_file_rename(struct followed_file *file, const char *name)
{
	char *copy = name ? strdup(name) : NULL;

	free(file->name);
	file->name = copy;
	file->cookie = 0;
}

void followed_file_attach(struct followed_file *file, int fd, const struct stat *status,
    off_t offset, char delimiter, size_t limit)
{
	file->device = status->st_dev;
	file->inode = status->st_ino;
	file->offset = offset;
	file->active_ms = clock_ms();
	lseek(fd, offset, SEEK_SET); /* cannot fail with a regular file */
	reader_open(&file->reader, fd, -1, delimiter, limit);
	file->reader.open_ended = true;
}

bool followed_file_has_name(const struct followed_file *file, const char *name)
{
	return file->name && strcmp(file->name, name) == 0;
}

bool followed_file_is_open(const struct followed_file *file)
{
	return file->reader.fd >= 0;
}

int followed_file_seek(struct followed_file *file, off_t offset)
{
	struct reader *reader = &file->reader;

	if (lseek(reader->fd, offset, SEEK_SET) < 0)
		return -1;
	reader_open(reader, reader->fd, -1, reader->delimiter, reader->limit);
	reader->open_ended = true;
	file->offset = offset;
	return 0;
}

/* Reads the first bytes, as far as they have become records: that much does not change. */
static void read_head(struct followed_file *file)
{
	size_t length = FOLLOWED_FILE_HEAD_BYTES;

	if (file->offset < FOLLOWED_FILE_HEAD_BYTES)
		length = (size_t)file->offset;
	if (length > file->head_bytes &&
	    pread(file->reader.fd, file->head, length, 0) == (ssize_t)length)
		file->head_bytes = length;
}

bool followed_file_is_truncated(struct followed_file *file)
{
	char head[FOLLOWED_FILE_HEAD_BYTES];
	size_t length = file->head_bytes;
	off_t read_up_to = file->offset + (off_t)reader_pending(&file->reader);
	struct stat status;

	if (fstat(file->reader.fd, &status) != 0)
		return false;
	/* A file that was truncated, and has grown since, begins with other bytes. */
	if (status.st_size < read_up_to ||
	    (length > 0 && pread(file->reader.fd, head, length, 0) == (ssize_t)length &&
		memcmp(head, file->head, length) != 0))
		return true;
	read_head(file);
	return false;
}

void followed_file_finish(struct followed_file *file, enum followed_file_state state)
{
	file->state = state;
	reader_finish(&file->reader);
}

int followed_file_restart(struct followed_file *file)
{
	file->state = FOLLOWED_FILE_GROWS;
	file->head_bytes = 0;
	file->head_bytes_kept = 0;
	return followed_file_seek(file, 0);
}

int followed_file_stay(struct followed_file *file)
{
	file->state = FOLLOWED_FILE_GROWS;
	return followed_file_seek(file, file->offset);
}

enum reader_status followed_file_read(struct followed_file *file)
{
	enum reader_status status;

	while (!reader_ready(&file->reader)) {
		status = reader_read(&file->reader);
		if (status != READER_RECORD)
			return status;
		file->active_ms = clock_ms();
	}
	return READER_RECORD;
}

bool followed_file_is_known(const struct followed_file *file)
{
	return file->head_bytes_kept == FOLLOWED_FILE_HEAD_BYTES ||
	       (file->head_bytes_kept > 0 && file->offset < FOLLOWED_FILE_HEAD_BYTES);
}

void followed_file_identify(struct followed_file *file, struct follow_row *row)
{
	if (followed_file_is_open(file))
		read_head(file);
	row->inode = file->inode;
	row->head_bytes = file->head_bytes;
	row->head_hash = follow_state_hash(file->head, file->head_bytes);
	file->head_bytes_kept = file->head_bytes;
}

bool followed_file_matches(const struct followed_file *file, const struct follow_row *row)
{
	char head[FOLLOWED_FILE_HEAD_BYTES];
	struct stat status;

	return file->inode == row->inode && row->head_bytes <= sizeof head &&
	       fstat(file->reader.fd, &status) == 0 && status.st_size >= row->offset &&
	       pread(file->reader.fd, head, row->head_bytes, 0) == (ssize_t)row->head_bytes &&
	       follow_state_hash(head, row->head_bytes) == row->head_hash;
}
