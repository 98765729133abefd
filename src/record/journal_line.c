#include "record/journal_line.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/escape.h"

#define NAMES       "Seq\tHost\tStarttime\tJobRuntime\tSend\tReceive\tExitval\tSignal\tCommand"
#define USAGE_NAMES NAMES "\tUserTime\tSystemTime\tMaxRSS"

/* A number with more digits is damaged: so none overflows. */
enum { MOST_DIGITS = 15 };

/* The next field of a line, up to a tab or `end`. `*at` is NULL behind the last one. */
static bool next_field(const char **at, const char *end, const char **field, size_t *length)
{
	if (!*at)
		return false;
	const char *tab = memchr(*at, '\t', (size_t)(end - *at));
	*field = *at;
	*length = (size_t)((tab ? tab : end) - *at);
	*at = tab ? tab + 1 : NULL;
	return true;
}

static size_t count_digits(const char *at, const char *end)
{
	const char *first = at;

	while (at < end && *at >= '0' && *at <= '9')
		at++;
	return (size_t)(at - first);
}

static bool read_number(const char *field, size_t length, int64_t *number)
{
	bool negative = length > 0 && *field == '-';
	size_t i = negative;

	*number = 0;
	if (i == length || length > MOST_DIGITS)
		return false;
	for (; i < length; i++) {
		if (field[i] < '0' || field[i] > '9')
			return false;
		*number = *number * 10 + (field[i] - '0');
	}
	if (negative)
		*number = -*number;
	return true;
}

/*
 * Seconds, with a fraction or without, after blanks. They may be negative: the clock that gave them
 * may have been set back.
 */
static bool is_seconds(const char *field, size_t length)
{
	const char *end = field + length;

	while (field < end && *field == ' ')
		field++;
	if (field < end && *field == '-')
		field++;
	size_t whole = count_digits(field, end), fraction = 0;
	field += whole;
	if (field < end && *field == '.') {
		fraction = count_digits(field + 1, end);
		field += fraction > 0 ? 1 + fraction : 0;
	}
	return whole > 0 && field == end;
}

/* The name of a machine. pexec writes ":", GNU parallel may have run a job on another one. */
static bool is_host(const char *field, size_t length)
{
	for (size_t i = 0; i < length; i++)
		if ((unsigned char)field[i] <= ' ' || field[i] == 0x7f)
			return false;
	return length > 0;
}

/* By column: c: a count (no sign), h: a host, t: seconds, n: a number, *: anything. */
static const char kinds[] = "chttccnn*ttc";

/* The columns that are asked for by name. */
enum {
	STARTED = 2,
	RUNTIME = 3,
	EXIT_VALUE = 6,
	SIGNAL = 7,
	COMMAND = 8,
	USER_TIME = 9,
	SYSTEM_TIME = 10,
	MAX_RSS = 11
};

/* Is this what belongs into a column of a kind? `*number` is it, where it is one. */
static bool is_field(char kind, const char *field, size_t length, int64_t *number)
{
	switch (kind) {
	case 'c':
		return read_number(field, length, number) && *field != '-';
	case 'n':
		return read_number(field, length, number);
	case 'h':
		return is_host(field, length);
	case 't':
		return is_seconds(field, length);
	default:
		return true;
	}
}

/* The columns of a line that were read, one by one. */
struct columns {
	const char *at, *end; /* what follows; `at` is NULL behind the last one */
	int count;
	int64_t numbers[JOURNAL_USAGE_COLUMNS];
	const char *fields[JOURNAL_USAGE_COLUMNS];
	size_t command_bytes;
	const char *wrong; /* the field that is not what belongs there; NULL: there is none */
	size_t wrong_bytes;
};

/* Reads columns, `most` or as many as there are, up to one that is wrong. */
static struct columns read_columns(const char *bytes, size_t length, int most)
{
	struct columns columns = {.at = bytes, .end = bytes + length};
	const char *field;
	size_t bytes_of;

	for (int i = 0; i < most && next_field(&columns.at, columns.end, &field, &bytes_of); i++) {
		if (!is_field(kinds[i], field, bytes_of, &columns.numbers[i]) ||
		    (i == 0 && columns.numbers[0] == 0)) {
			columns.wrong = field;
			columns.wrong_bytes = bytes_of;
			break;
		}
		columns.fields[i] = field;
		if (i == COMMAND)
			columns.command_bytes = bytes_of;
		columns.count++;
	}
	return columns;
}

static struct journal_line line_of(const struct columns *columns)
{
	const int64_t *numbers = columns->numbers;
	const char *const *fields = columns->fields;

	return (struct journal_line){.seq = (uint64_t)numbers[0],
	    .runtime_s = atof(fields[RUNTIME]), /* the tab behind it ends it */
	    .exit_value = numbers[EXIT_VALUE],
	    .signal = numbers[SIGNAL],
	    .failed = numbers[EXIT_VALUE] != 0 || numbers[SIGNAL] != 0,
	    .columns = columns->count,
	    .command = fields[COMMAND],
	    .command_bytes = columns->command_bytes,
	    .times = {fields[STARTED], fields[USER_TIME], fields[SYSTEM_TIME]},
	    .max_rss_kib = columns->count == JOURNAL_USAGE_COLUMNS ? numbers[MAX_RSS] : -1};
}

bool journal_line_read(struct journal_line *line, const char *bytes, size_t length)
{
	struct columns columns = read_columns(bytes, length, JOURNAL_USAGE_COLUMNS);

	if (columns.wrong || columns.at ||
	    (columns.count != JOURNAL_COLUMNS && columns.count != JOURNAL_USAGE_COLUMNS))
		return false;
	*line = line_of(&columns);
	return true;
}

bool journal_line_read_foreign(struct journal_line *line, const char *bytes, size_t length)
{
	if (journal_line_read(line, bytes, length))
		return true;
	struct columns columns = read_columns(bytes, length, JOURNAL_COLUMNS);
	if (columns.wrong || columns.count != JOURNAL_COLUMNS)
		return false;
	columns.command_bytes = (size_t)(columns.end - columns.fields[COMMAND]);
	*line = line_of(&columns);
	return true;
}

const char *journal_line_explain(const char *bytes, size_t length, char reason[JOURNAL_LINE_REASON])
{
	static const char *const names[] = {"Seq", "Host", "Starttime", "JobRuntime", "Send",
	    "Receive", "Exitval", "Signal", "Command", "UserTime", "SystemTime", "MaxRSS"};
	struct columns columns = read_columns(bytes, length, JOURNAL_USAGE_COLUMNS);
	char shown[ESCAPED];

	if (columns.wrong)
		snprintf(reason, JOURNAL_LINE_REASON, "'%s' is no %s",
		    escape(shown, sizeof shown, columns.wrong, columns.wrong_bytes),
		    names[columns.count]);
	else
		snprintf(reason, JOURNAL_LINE_REASON, "%s%d column%s, where a job has %d or %d",
		    columns.at ? "more than " : "", columns.count, columns.count == 1 ? "" : "s",
		    JOURNAL_COLUMNS, JOURNAL_USAGE_COLUMNS);
	return reason;
}

double journal_line_seconds(const struct journal_line *line, enum journal_time time)
{
	/* The tab behind it ends it. */
	return line->times[time] ? atof(line->times[time]) : -1;
}

static bool equals(const char *bytes, size_t length, const char *text)
{
	return length == strlen(text) && memcmp(bytes, text, length) == 0;
}

int journal_line_named_columns(const char *bytes, size_t length)
{
	if (equals(bytes, length, NAMES))
		return JOURNAL_COLUMNS;
	return equals(bytes, length, USAGE_NAMES) ? JOURNAL_USAGE_COLUMNS : 0;
}

/* Do the columns up to the command hold what belongs there, as far as a tab ends them? */
static bool begins_columns(const char *bytes, const char *end)
{
	const char *at = bytes, *field;
	size_t length;
	int64_t number;

	for (const char *kind = kinds; *kind != '*'; kind++) {
		if (!next_field(&at, end, &field, &length) || !at)
			return kind > kinds;
		if (!is_field(*kind, field, length, &number))
			return false;
	}
	return true;
}

bool journal_line_can_begin(const char *bytes, size_t length, bool is_first)
{
	/* A power cut may leave zeros where bytes were written. */
	const char *zero = memchr(bytes, '\0', length), *end = zero ? zero : bytes + length;
	size_t digits = is_first ? 0 : count_digits(bytes, end), zeros = digits;
	size_t compared = length < strlen(NAMES) ? length : strlen(NAMES);

	while (zeros < length && bytes[zeros] == '\0')
		zeros++;
	return zeros == length || memcmp(bytes, NAMES, compared) == 0 ||
	       (!is_first && begins_columns(bytes, end));
}

const char *journal_line_names(bool usage)
{
	return usage ? USAGE_NAMES "\n" : NAMES "\n";
}

void journal_line_write(struct strlist *text, const struct job_record *record, bool usage)
{
	const struct strlist *command = &record->command;
	char numbers[160], usage_numbers[96];

	int length = snprintf(numbers, sizeof numbers,
	    "%" PRIu64 "\t:\t%.3f\t%10.3f\t0\t%jd\t%d\t%d\t", record->seq, record->started_s,
	    record->runtime_s, (intmax_t)record->stdout_bytes, record->exit_value, record->signal);
	strlist_append(text, numbers, (size_t)length);
	/* Without memory for its command a job fails, and has none. */
	if (command->count > 0)
		strlist_append(text, strlist_at(command, 0), strlist_length(command, 0));
	if (usage) {
		length = snprintf(usage_numbers, sizeof usage_numbers, "\t%.3f\t%.3f\t%ld",
		    record->user_s, record->system_s, record->max_rss_kib);
		strlist_append(text, usage_numbers, (size_t)length);
	}
	strlist_append(text, "\n", 1);
}
