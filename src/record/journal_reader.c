#include "record/journal_reader.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdint.h>
#include <unistd.h>

#include "base/message.h"
#include "base/reader.h"

/* Opens a reader at the start of the file, whose offset it shares. */
static int open_reader(int file, struct reader *reader)
{
	int fd = fcntl(file, F_DUPFD_CLOEXEC, 0);

	if (fd < 0)
		return -1;
	reader_open(reader, fd, -1, '\n', SIZE_MAX);
	return lseek(fd, 0, SEEK_SET) < 0 ? -1 : 0;
}

struct journal_fault journal_reader_lines(
    const struct journal_text *text, int *columns, journal_use *use, void *context)
{
	struct reader reader = {.fd = -1};
	struct record record;
	struct journal_line line;
	struct journal_fault fault = {.kind = FAULT_NONE};
	enum reader_status status = READER_END;
	off_t left = text->size;

	*columns = 0;
	if (open_reader(text->fd, &reader) != 0)
		fault = (struct journal_fault){.kind = FAULT_OPENING, .error = errno};
	for (uint64_t count = 1; fault.kind == FAULT_NONE &&
				 (status = reader_next(&reader, &record)) == READER_RECORD &&
				 (left -= (off_t)record.length + 1) >= 0;
	     count++) {
		if (count == 1 &&
		    (*columns = journal_line_named_columns(record.bytes, record.kept)) != 0)
			continue;
		if (!journal_line_read(&line, record.bytes, record.kept)) {
			fault = (struct journal_fault){.kind = FAULT_DAMAGED, .damaged = count};
			break;
		}
		if (count == 1)
			*columns = line.columns;
		/* What was added from outside is not in the queue that is resumed. */
		if (line.seq <= JOB_ADDED)
			use(context, &line, text);
	}
	if (status == READER_FAILED)
		fault = (struct journal_fault){.kind = FAULT_READING, .error = errno};
	reader_free(&reader);
	return fault;
}

void journal_reader_say(const char *name, const struct journal_fault *fault)
{
	errno = fault->error;
	if (fault->kind == FAULT_OPENING)
		message_errno("--joblog %s", name);
	if (fault->kind == FAULT_READING)
		message_errno("reading --joblog %s", name);
	if (fault->kind == FAULT_DAMAGED)
		message("--joblog %s: line %" PRIu64
			" is damaged; nothing is run before it is mended or removed",
		    name, fault->damaged);
}
