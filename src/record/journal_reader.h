/*
 * journal_reader: the lines of a journal that is open, one by one.
 */
#ifndef PEXEC_RECORD_JOURNAL_READER_H
#define PEXEC_RECORD_JOURNAL_READER_H

#include <stdint.h>
#include <sys/types.h>

#include "record/journal_line.h"

/* Why a journal could not be read to its end. */
struct journal_fault {
	enum { FAULT_NONE, FAULT_OPENING, FAULT_READING, FAULT_DAMAGED } kind;
	int error;        /* errno, of the first two */
	uint64_t damaged; /* the number of the line, from 1 */
};

/* A journal that is read. */
struct journal_text {
	const char *name; /* of the file */
	int fd;           /* open to read; its file offset is moved */
	off_t size;       /* so many bytes of it are read */
};

/* Is handed a line of a job of the queue, valid until it returns, and the journal that has it. */
typedef void journal_use(
    void *context, const struct journal_line *line, const struct journal_text *text);

/*
 * Hands the whole lines of jobs of the queue to `use`, one by one. `*columns` becomes how many
 * columns the first line has; 0: there is no line.
 */
struct journal_fault journal_reader_lines(
    const struct journal_text *text, int *columns, journal_use *use, void *context);

/* Says why the journal of this name could not be read; nothing for FAULT_NONE. */
void journal_reader_say(const char *name, const struct journal_fault *fault);

#endif
