#include "generation.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "clock.h"

struct generation *generation_new(const char *name)
{
	struct generation *generation = calloc(1, sizeof *generation);

	if (generation) {
		generation->reader.fd = -1;
		generation->watch = -1;
		generation_rename(generation, name);
	}
	return generation;
}

void generation_free(struct generation *generation)
{
	reader_free(&generation->reader);
	free(generation->name);
	free(generation);
}

void generation_rename(struct generation *generation, const char *name)
{
	char *copy = name ? strdup(name) : NULL;

	free(generation->name);
	generation->name = copy;
	generation->cookie = 0;
}

void generation_attach(struct generation *generation, int fd, const struct stat *status,
    off_t offset, char delimiter, size_t limit)
{
	generation->device = status->st_dev;
	generation->inode = status->st_ino;
	generation->offset = offset;
	generation->fed = now();
	lseek(fd, offset, SEEK_SET); /* cannot fail with a regular file */
	reader_open(&generation->reader, fd, -1, delimiter, limit);
	generation->reader.open_ended = true;
}

bool generation_is_open(const struct generation *generation)
{
	return generation->reader.fd >= 0;
}

int generation_seek(struct generation *generation, off_t offset)
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
static void take_head(struct generation *generation)
{
	size_t length = GENERATION_HEAD;

	if (generation->offset < GENERATION_HEAD)
		length = (size_t)generation->offset;
	if (length > generation->head_length &&
	    pread(generation->reader.fd, generation->head, length, 0) == (ssize_t)length)
		generation->head_length = length;
}

bool generation_is_cut(struct generation *generation)
{
	char head[GENERATION_HEAD];
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

void generation_finish(struct generation *generation, int state)
{
	generation->state = state;
	reader_finish(&generation->reader);
}

int generation_restart(struct generation *generation)
{
	generation->state = GENERATION_GROWS;
	generation->head_length = 0;
	generation->known = 0;
	return generation_seek(generation, 0);
}

int generation_stay(struct generation *generation)
{
	generation->state = GENERATION_GROWS;
	return generation_seek(generation, generation->offset);
}

enum reader_status generation_read(struct generation *generation)
{
	enum reader_status status;

	while (!reader_ready(&generation->reader)) {
		status = reader_read(&generation->reader);
		if (status != READER_RECORD)
			return status;
		generation->fed = now();
	}
	return READER_RECORD;
}

bool generation_is_known(const struct generation *generation)
{
	return generation->known == GENERATION_HEAD ||
	       (generation->known > 0 && generation->offset < GENERATION_HEAD);
}

void generation_identify(struct generation *generation, struct position_row *row)
{
	if (generation_is_open(generation))
		take_head(generation);
	row->inode = generation->inode;
	row->length = generation->head_length;
	row->hash = position_hash(generation->head, generation->head_length);
	generation->known = generation->head_length;
}

bool generation_matches(const struct generation *generation, const struct position_row *row)
{
	char head[GENERATION_HEAD];
	struct stat status;

	return generation->inode == row->inode && row->length <= sizeof head &&
	       fstat(generation->reader.fd, &status) == 0 && status.st_size >= row->offset &&
	       pread(generation->reader.fd, head, row->length, 0) == (ssize_t)row->length &&
	       position_hash(head, row->length) == row->hash;
}
