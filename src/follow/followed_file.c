#include "follow/followed_file.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"

struct followed_file *followed_file_new(const char *name)
{
	struct followed_file *generation = calloc(1, sizeof *generation);

	if (generation) {
		generation->reader.fd = -1;
		generation->watch = -1;
		followed_file_rename(generation, name);
	}
	return generation;
}

void followed_file_free(struct followed_file *generation)
{
	reader_free(&generation->reader);
	free(generation->name);
	free(generation);
}

void followed_file_rename(struct followed_file *generation, const char *name)
{
	char *copy = name ? strdup(name) : NULL;

	free(generation->name);
	generation->name = copy;
	generation->cookie = 0;
}

void followed_file_attach(struct followed_file *generation, int fd, const struct stat *status,
    off_t offset, char delimiter, size_t limit)
{
	generation->device = status->st_dev;
	generation->inode = status->st_ino;
	generation->offset = offset;
	generation->fed = clock_ms();
	lseek(fd, offset, SEEK_SET); /* cannot fail with a regular file */
	reader_open(&generation->reader, fd, -1, delimiter, limit);
	generation->reader.open_ended = true;
}

bool followed_file_is_open(const struct followed_file *generation)
{
	return generation->reader.fd >= 0;
}

int followed_file_seek(struct followed_file *generation, off_t offset)
{
	struct reader *reader = &generation->reader;

	if (lseek(reader->fd, offset, SEEK_SET) < 0)
		return -1;
	reader_open(reader, reader->fd, -1, reader->delimiter, reader->limit);
	reader->open_ended = true;
	generation->offset = offset;
	return 0;
}

/* Takes the beginning of the file, as far as it has become records: that much does not change. */
static void take_head(struct followed_file *generation)
{
	size_t length = FOLLOWED_FILE_HEAD;

	if (generation->offset < FOLLOWED_FILE_HEAD)
		length = (size_t)generation->offset;
	if (length > generation->head_length &&
	    pread(generation->reader.fd, generation->head, length, 0) == (ssize_t)length)
		generation->head_length = length;
}

bool followed_file_is_cut(struct followed_file *generation)
{
	char head[FOLLOWED_FILE_HEAD];
	size_t length = generation->head_length;
	off_t position = generation->offset + (off_t)reader_pending(&generation->reader);
	struct stat status;

	if (fstat(generation->reader.fd, &status) != 0)
		return false;
	/* A file that was truncated, and has grown since, begins with other bytes. */
	if (status.st_size < position ||
	    (length > 0 && pread(generation->reader.fd, head, length, 0) == (ssize_t)length &&
		memcmp(head, generation->head, length) != 0))
		return true;
	take_head(generation);
	return false;
}

void followed_file_finish(struct followed_file *generation, int state)
{
	generation->state = state;
	reader_finish(&generation->reader);
}

int followed_file_restart(struct followed_file *generation)
{
	generation->state = FOLLOWED_FILE_GROWS;
	generation->head_length = 0;
	generation->known = 0;
	return followed_file_seek(generation, 0);
}

int followed_file_stay(struct followed_file *generation)
{
	generation->state = FOLLOWED_FILE_GROWS;
	return followed_file_seek(generation, generation->offset);
}

enum reader_status followed_file_read(struct followed_file *generation)
{
	enum reader_status status;

	while (!reader_ready(&generation->reader)) {
		status = reader_read(&generation->reader);
		if (status != READER_RECORD)
			return status;
		generation->fed = clock_ms();
	}
	return READER_RECORD;
}

bool followed_file_is_known(const struct followed_file *generation)
{
	return generation->known == FOLLOWED_FILE_HEAD ||
	       (generation->known > 0 && generation->offset < FOLLOWED_FILE_HEAD);
}

void followed_file_identify(struct followed_file *generation, struct follow_row *row)
{
	if (followed_file_is_open(generation))
		take_head(generation);
	row->inode = generation->inode;
	row->length = generation->head_length;
	row->hash = follow_state_hash(generation->head, generation->head_length);
	generation->known = generation->head_length;
}

bool followed_file_matches(const struct followed_file *generation, const struct follow_row *row)
{
	char head[FOLLOWED_FILE_HEAD];
	struct stat status;

	return generation->inode == row->inode && row->length <= sizeof head &&
	       fstat(generation->reader.fd, &status) == 0 && status.st_size >= row->offset &&
	       pread(generation->reader.fd, head, row->length, 0) == (ssize_t)row->length &&
	       follow_state_hash(head, row->length) == row->hash;
}
