/*
 * journal_line: a line of the journal, written and taken apart.
 *
 * The columns are GNU parallel's: number, host, start, runtime, bytes sent and received, exit
 * value, signal, command. With --joblog-usage three of our own follow: processor time in user mode
 * and in the kernel, and the most memory. The first line has the names of the columns.
 */
#ifndef PEXEC_RECORD_JOURNAL_LINE_H
#define PEXEC_RECORD_JOURNAL_LINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/strlist.h"
#include "record/job_record.h"

/* How many columns a line may have. */
enum { JOURNAL_COLUMNS = 9, JOURNAL_USAGE_COLUMNS = 12 };

/* A line of a job, taken apart. */
struct journal_line {
	uint64_t seq;
	double runtime_s; /* how long it ran: seconds */
	int64_t exit_value;
	int64_t signal;
	bool failed;         /* one of these is not 0 */
	int columns;         /* how many the line has: one of the above */
	const char *command; /* in print; within the line, and not NUL-terminated */
	size_t command_bytes;
	const char *times[3]; /* for journal_line_seconds */
	int64_t max_rss_kib;  /* -1: the line does not have it */
};

/* Takes a line apart, which is given without its newline. Returns false when it is damaged. */
bool journal_line_read(struct journal_line *line, const char *bytes, size_t length);

/*
 * The same for a line of GNU parallel, whose commands may have tabs in them: whatever stands behind
 * the columns in front of it is the command, unless the line has our columns.
 */
bool journal_line_read_foreign(struct journal_line *line, const char *bytes, size_t length);

/* Says why a line is damaged: "'x' is no JobRuntime". Returns `reason`. */
enum { JOURNAL_LINE_REASON = 320 };
const char *journal_line_explain(
    const char *bytes, size_t length, char reason[JOURNAL_LINE_REASON]);
/* One of its other times, in seconds; -1: the line does not have it. */
enum journal_time { JOURNAL_STARTED, JOURNAL_USER, JOURNAL_SYSTEM };
double journal_line_seconds(const struct journal_line *line, enum journal_time time);

/* How many columns does this line, without its newline, name? 0: it is no line of names. */
int journal_line_named_columns(const char *bytes, size_t length);

/*
 * Can these, one at least, be the first bytes of a line of a job, or of the line of names? That one
 * is the first of every journal (`is_first`).
 */
bool journal_line_can_begin(const char *bytes, size_t length, bool is_first);

/* The line of names, with its newline; `usage`: with the columns of --joblog-usage. */
const char *journal_line_names(bool usage);

/* Appends the line of a job to `text`, with its newline. Without memory strlist_failed(text). */
void journal_line_write(struct strlist *text, const struct job_record *record, bool usage);

#endif
