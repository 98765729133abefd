#include "follow/follow_state.h"

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/io.h"
#include "base/message.h"

static const char header[] = "Seq\tInode\tOffset\tLength\tHash\tTime\n";

uint64_t follow_state_hash(const char *bytes, size_t length)
{
	uint64_t hash = 0xcbf29ce484222325U; /* FNV-1a */

	for (size_t i = 0; i < length; i++)
		hash = (hash ^ (unsigned char)bytes[i]) * 0x100000001b3U;
	return hash;
}

static bool read_row(const char *line, struct follow_row *row)
{
	int end = 0;

	return sscanf(line,
		   "%" SCNu64 "\t%" SCNu64 "\t%" SCNd64 "\t%zu\t%" SCNx64 "\t%" SCNd64 "\n%n",
		   &row->seq, &row->inode, &row->offset, &row->length, &row->hash, &row->time,
		   &end) == 6 &&
	       line[end] == '\0' && row->seq > 0 && row->offset >= -1;
}

/*
 * Reads what earlier runs have left, if there is a file of theirs. A last line without its newline
 * was torn by a crash: its part had not begun.
 */
static void load(struct follow_state *position, FILE *file)
{
	struct follow_row row;
	char *line = NULL;
	size_t room = 0, count = 0;
	uint64_t begun = 0; /* the last part's first job */
	off_t whole = 0;

	for (ssize_t length;
	     file && (length = getline(&line, &room, file)) > 0 && line[length - 1] == '\n';
	     whole += length) {
		if (count++ == 0 && strcmp(line, header) == 0)
			continue;
		/* A file is let go in the midst of a part: only parts are in the order of jobs. */
		if (strlen(line) != (size_t)length || !read_row(line, &row) ||
		    (row.offset >= 0 && row.seq < begun))
			errx(1,
			    "%s: line %zu is damaged; nothing is run before it is mended or the "
			    "journal removed",
			    position->name, count);
		position->rows =
		    reallocarray(position->rows, position->count + 1, sizeof *position->rows);
		if (!position->rows)
			err(1, "%s", position->name);
		position->rows[position->count++] = row;
		if (row.offset >= 0)
			begun = row.seq;
	}
	if (file && ferror(file))
		err(1, "reading %s", position->name);
	free(line);
	if (file && position->fd >= 0 && ftruncate(position->fd, whole) != 0)
		err(1, "%s", position->name);
	if (position->fd >= 0 && whole == 0 &&
	    io_write(position->fd, header, sizeof header - 1) != 0)
		err(1, "%s", position->name);
}

void follow_state_open(struct follow_state *position, const struct follow_options *options)
{
	int how = O_CLOEXEC | (options->dry_run ? O_RDONLY : O_RDWR | O_CREAT | O_APPEND);

	*position = (struct follow_state){.sync = options->sync};
	if (asprintf(&position->name, "%s.position", options->journal) < 0)
		err(1, "--joblog %s", options->journal);
	if (!options->resumes)
		how |= O_TRUNC;
	position->fd = open(position->name, how, 0666);
	if (position->fd < 0 && errno == ENOENT && options->dry_run)
		return;
	if (position->fd < 0)
		err(1, "%s", position->name);
	int copy = options->resumes ? fcntl(position->fd, F_DUPFD_CLOEXEC, 0) : -1;
	FILE *file = copy < 0 ? NULL : fdopen(copy, "r");
	if (options->resumes && !file)
		err(1, "%s", position->name);
	if (options->dry_run) {
		close(position->fd);
		position->fd = -1;
	}
	load(position, file);
	if (file)
		fclose(file);
}

bool follow_state_add(struct follow_state *position, const struct follow_row *row)
{
	char line[160];
	struct timespec time;

	if (position->fd < 0)
		return true;
	clock_gettime(CLOCK_REALTIME, &time);
	int length = snprintf(line, sizeof line,
	    "%" PRIu64 "\t%" PRIu64 "\t%" PRId64 "\t%zu\t%016" PRIx64 "\t%" PRId64 "\n", row->seq,
	    row->inode, row->offset, row->length, row->hash,
	    (int64_t)time.tv_sec * 1000 + time.tv_nsec / 1000000);
	if (io_write(position->fd, line, (size_t)length) == 0 &&
	    (!position->sync || fdatasync(position->fd) == 0))
		return true;
	message_errno("writing %s", position->name);
	return false;
}

void follow_state_close(struct follow_state *position)
{
	if (position->fd >= 0)
		close(position->fd);
	free(position->name);
	free(position->rows);
}
