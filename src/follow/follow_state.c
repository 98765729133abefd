#include "follow/follow_state.h"

#include <assert.h>
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/hash.h"
#include "base/message.h"
#include "base/path.h"

static const char names[] = "Seq\tInode\tOffset\tLength\tHash\tTime\n";

/* A row that a crash has torn is taken off, and that is not said: its part had not begun. */
static const struct append_file_kind file_kind = {.option = "", .record = "row"};

uint64_t follow_state_hash(const char *bytes, size_t length)
{
	return hash_add(HASH_BEGIN, bytes, length);
}

static bool read_row(const char *line, struct follow_row *row)
{
	int end = 0;

	return sscanf(line,
		   "%" SCNu64 "\t%" SCNu64 "\t%" SCNd64 "\t%zu\t%" SCNx64 "\t%" SCNd64 "\n%n",
		   &row->seq, &row->inode, &row->offset, &row->head_bytes, &row->head_hash,
		   &row->written_ms, &end) == 6 &&
	       line[end] == '\0' && row->seq > 0 && row->offset >= -1;
}

static void keep_row(struct follow_state *state, const struct follow_row *row)
{
	state->rows = reallocarray(state->rows, state->count + 1, sizeof *state->rows);
	if (!state->rows)
		err(1, "%s", state->name);
	state->rows[state->count++] = *row;
}

/* Reads the whole rows of earlier runs. */
static void read_rows(struct follow_state *state, FILE *stream)
{
	struct follow_row row;
	char *line = NULL;
	size_t room = 0, count = 0;
	uint64_t part_seq = 0; /* the first job of the last part */
	ssize_t length;

	while ((length = getline(&line, &room, stream)) > 0 && line[length - 1] == '\n') {
		if (count++ == 0 && strcmp(line, names) == 0)
			continue;
		/* A file may end in the midst of a part: only parts are in the order of jobs. */
		if (strlen(line) != (size_t)length || !read_row(line, &row) ||
		    (follow_row_begins_part(&row) && row.seq < part_seq))
			errx(1,
			    "%s: line %zu is damaged; nothing is run before it is mended or the "
			    "journal removed",
			    state->name, count);
		keep_row(state, &row);
		if (follow_row_begins_part(&row))
			part_seq = row.seq;
	}
	if (ferror(stream))
		err(1, "reading %s", state->name);
	free(line);
}

/* Reads what earlier runs have left, and takes off what a crash has torn. */
static void load(struct follow_state *state, bool dry_run)
{
	int fd = fcntl(state->file.fd, F_DUPFD_CLOEXEC, 0);
	FILE *stream = fd < 0 ? NULL : fdopen(fd, "r");
	struct stat status;

	if (!stream || fstat(fd, &status) != 0)
		err(1, "%s", state->name);
	read_rows(state, stream);
	state->file.size = status.st_size;
	append_file_look(&state->file, fd);
	if (!dry_run)
		append_file_mend(&state->file);
	fclose(stream);
}

/* Opens the file; -1: there is none, and with --dry-run none is made. */
static int open_file(const struct follow_state *state, const struct follow_options *options)
{
	int how = O_CLOEXEC | (options->dry_run ? O_RDONLY : O_RDWR | O_CREAT | O_APPEND);

	if (!options->resumes)
		how |= O_TRUNC;
	int guard = path_guard(state->name);
	int fd = guard < 0 ? -1 : open(state->name, how | guard, 0666);
	if (fd < 0 && !(errno == ENOENT && options->dry_run))
		err(1, "%s", state->name);
	return fd;
}

void follow_state_open(struct follow_state *state, const struct follow_options *options)
{
	*state = (struct follow_state){.sync = options->sync};
	if (asprintf(&state->name, "%s.position", options->journal) < 0)
		err(1, "--joblog %s", options->journal);
	state->file = (struct append_file){
	    .kind = &file_kind, .name = state->name, .fd = open_file(state, options)};
	if (state->file.fd < 0)
		return;
	if (options->resumes)
		load(state, options->dry_run);
	if (options->dry_run) {
		close(state->file.fd);
		state->file.fd = -1;
		return;
	}
	int tail_error;
	if (state->file.size == 0 &&
	    append_file_add(&state->file, names, sizeof names - 1, &tail_error) != 0)
		err(1, "%s", state->name);
}

bool follow_row_begins_part(const struct follow_row *row)
{
	return row->offset >= 0;
}

size_t follow_state_next_part(const struct follow_state *state, size_t index)
{
	assert(index < state->count);
	do
		index++;
	while (index < state->count && !follow_row_begins_part(&state->rows[index]));
	return index;
}

bool follow_state_has_part(const struct follow_state *state, size_t from, size_t to, uint64_t inode)
{
	assert(to <= state->count);
	for (size_t i = from; i < to; i++)
		if (state->rows[i].inode == inode && follow_row_begins_part(&state->rows[i]))
			return true;
	return false;
}

bool follow_state_add(struct follow_state *state, const struct follow_row *row)
{
	char line[160];
	struct timespec time;
	int tail_error = 0;

	assert(row->seq > 0 && row->offset >= -1);
	if (state->file.fd < 0)
		return true;
	clock_gettime(CLOCK_REALTIME, &time);
	int length = snprintf(line, sizeof line,
	    "%" PRIu64 "\t%" PRIu64 "\t%" PRId64 "\t%zu\t%016" PRIx64 "\t%" PRId64 "\n", row->seq,
	    row->inode, row->offset, row->head_bytes, row->head_hash,
	    (int64_t)time.tv_sec * 1000 + time.tv_nsec / 1000000);
	if (append_file_add(&state->file, line, (size_t)length, &tail_error) == 0 &&
	    (!state->sync || fdatasync(state->file.fd) == 0))
		return true;
	message_errno("writing %s", state->name);
	append_file_say_tail(&state->file, tail_error);
	return false;
}

void follow_state_close(struct follow_state *state)
{
	if (state->file.fd >= 0)
		close(state->file.fd);
	free(state->name);
	free(state->rows);
}
