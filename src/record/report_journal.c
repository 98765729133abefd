#include "record/report_journal.h"

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/escape.h"
#include "base/reader.h"
#include "record/journal_line.h"
#include "record/report_page.h"

/* A line of the journal: which job it is of. */
struct line_of {
	uint64_t seq;
	size_t line;  /* its number, of those that are whole */
	unsigned nth; /* of the lines of the job, from 1 */
	bool is_last; /* of these */
};

struct lines {
	struct line_of *all;
	size_t count, room;
	uint64_t damaged;
};

/* What calls a function for each line of the journal that is whole. */
typedef void take_line(void *context, const struct journal_line *line);

/* Times that a damaged line may have are not taken for times: seconds since 1970, until 3000. */
static const double most_s = 32503680000;

static _Noreturn void fail_reading(const char *journal)
{
	char shown[ESCAPED_NAME];

	err(1, "--report: reading --joblog %s", escape_name(shown, journal));
}

/* Hands out all lines. Returns how many could not be read, without that of names. */
static uint64_t read_lines(const char *journal, take_line *take, void *context)
{
	int fd = open(journal, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	struct reader reader = {.fd = -1};
	struct journal_line line;
	struct record record;
	enum reader_status status;
	uint64_t damaged = 0;

	if (fd < 0)
		fail_reading(journal);
	reader_open(&reader, fd, -1, '\n', SIZE_MAX);
	while ((status = reader_next(&reader, &record)) == READER_RECORD) {
		if (journal_line_read_foreign(&line, record.bytes, record.kept))
			take(context, &line);
		else
			damaged += journal_line_named_columns(record.bytes, record.kept) == 0;
	}
	if (status == READER_FAILED)
		fail_reading(journal);
	reader_free(&reader);
	return damaged;
}

/* --- which lines are of one job --- */

static void count_line(void *context, const struct journal_line *line)
{
	struct lines *lines = context;

	if (lines->count == lines->room) {
		lines->room = lines->room ? 2 * lines->room : 1024;
		lines->all = reallocarray(lines->all, lines->room, sizeof *lines->all);
		if (!lines->all)
			err(1, "--report");
	}
	lines->all[lines->count] = (struct line_of){.seq = line->seq, .line = lines->count};
	lines->count++;
}

static int by_job(const void *first, const void *second)
{
	const struct line_of *a = first, *b = second;

	if (a->seq != b->seq)
		return a->seq < b->seq ? -1 : 1;
	return (a->line > b->line) - (a->line < b->line);
}

static int by_line(const void *first, const void *second)
{
	const struct line_of *a = first, *b = second;

	return (a->line > b->line) - (a->line < b->line);
}

/* Finds out which line of its job each one is. */
static void number_lines(struct lines *lines)
{
	struct line_of *all = lines->all;

	if (lines->count == 0)
		return;
	qsort(all, lines->count, sizeof *all, by_job);
	for (size_t i = 0; i < lines->count; i++) {
		bool follows = i > 0 && all[i - 1].seq == all[i].seq;
		all[i].nth = follows ? all[i - 1].nth + 1 : 1;
		all[i].is_last = i + 1 == lines->count || all[i + 1].seq != all[i].seq;
	}
	qsort(all, lines->count, sizeof *all, by_line);
}

/* --- rows --- */

struct row_maker {
	struct report_rows *rows;
	const struct lines *lines;
	size_t next;
};

static enum report_end end_of(const struct journal_line *line, bool is_last)
{
	if (!line->failed)
		return REPORT_DONE;
	if (!is_last)
		return REPORT_RETRIED;
	return line->exit_value == -1 ? REPORT_TIMED_OUT : REPORT_FAILED;
}

static double bound(double seconds)
{
	return seconds > 0 && seconds < most_s ? seconds : 0;
}

static void add_line(void *context, const struct journal_line *line)
{
	struct row_maker *maker = context;
	/* Another process may have added to the journal since it was read first. */
	const struct line_of unknown = {.nth = 1, .is_last = true};
	const struct line_of *of =
	    maker->next < maker->lines->count ? &maker->lines->all[maker->next++] : &unknown;
	const struct report_row row = {.seq = line->seq,
	    .started_s = bound(journal_line_seconds(line, JOURNAL_STARTED)),
	    .runtime_s = bound(line->runtime_s),
	    .user_s = (float)journal_line_seconds(line, JOURNAL_USER),
	    .system_s = (float)journal_line_seconds(line, JOURNAL_SYSTEM),
	    .rss_bytes = line->max_rss_kib < 0 ? REPORT_UNKNOWN : line->max_rss_kib * 1024,
	    .attempt = (uint16_t)(of->nth < UINT16_MAX ? of->nth : UINT16_MAX),
	    .exit_value = (int16_t)line->exit_value,
	    .signal = (uint8_t)line->signal,
	    .end = (uint8_t)end_of(line, of->is_last)};
	const struct report_texts texts = {.name = line->command,
	    .name_bytes = line->command_bytes,
	    .command = line->command,
	    .command_bytes = line->command_bytes};

	report_rows_add(maker->rows, &row, &texts);
}

static void check_journal(const struct lines *lines, const char *journal)
{
	char shown[ESCAPED_NAME];

	escape_name(shown, journal);
	if (lines->count == 0 && lines->damaged > 0)
		errx(1, "--report: --joblog %s is no journal", shown);
	if (lines->count == 0)
		errx(1, "--report: --joblog %s has no job", shown);
	if (lines->damaged > 0)
		warnx("--report: %" PRIu64 " line%s of --joblog %s %s damaged, and left out",
		    lines->damaged, lines->damaged == 1 ? "" : "s", shown,
		    lines->damaged == 1 ? "is" : "are");
}

/* A list of commands that comes from standard input is not run without a word. */
static void say_unread(void)
{
	struct stat status;

	if (fstat(STDIN_FILENO, &status) == 0 &&
	    (S_ISFIFO(status.st_mode) || S_ISREG(status.st_mode)))
		warnx("--report: the page is of the run of --joblog, nothing is run; with -a - "
		      "commands are read from standard input");
}

int report_journal(const char *journal, const char *path)
{
	struct lines lines = {.count = 0};
	struct report_rows *rows = malloc(sizeof *rows);
	char ending[128], shown[ESCAPED_NAME];

	if (!rows)
		err(1, "--report");
	report_rows_init(rows);
	say_unread();
	lines.damaged = read_lines(journal, count_line, &lines);
	check_journal(&lines, journal);
	number_lines(&lines);
	struct row_maker maker = {.rows = rows, .lines = &lines};
	read_lines(journal, add_line, &maker);
	uint64_t failed = rows->failure_count, jobs = failed + rows->ends[REPORT_DONE];
	snprintf(ending, sizeof ending, "%" PRIu64 " job%s over, %" PRIu64 " failed", jobs,
	    jobs == 1 ? "" : "s", failed);
	const struct report_facts facts = {.journal = journal,
	    .ending = ending,
	    .is_over = true,
	    .is_good = failed == 0,
	    .began_s = rows->first_s,
	    .now_s = rows->last_s,
	    .left_out = lines.damaged};
	if (report_page_write(path, &facts, rows, NULL, 0) != 0)
		err(1, "--report %s", escape_name(shown, path));
	report_rows_free(rows);
	free(rows);
	free(lines.all);
	return 0;
}
