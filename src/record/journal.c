#include "record/journal.h"

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <libutil.h>

#include "base/escape.h"
#include "base/io.h"
#include "base/message.h"
#include "base/reader.h"

static const char header[] =
    "Seq\tHost\tStarttime\tJobRuntime\tSend\tReceive\tExitval\tSignal\tCommand";
static const char usage_header[] = "\tUserTime\tSystemTime\tMaxRSS";
enum { COLUMNS = 9, ALL_COLUMNS = 12 };

/*
 * What is known of a job, in 16 bits, so that ten million fit into 20 MB: what came of it, and 14
 * bits of its command, by which it is seen that the queue is another one.
 */
enum { UNKNOWN = 0, DONE = 1 << 14, FAILED = 2 << 14, STATE = 3 << 14, HASH = (1 << 14) - 1 };

/* It is kept in chunks, so that a number far off, in a damaged line, takes no more. */
enum { CHUNK_BITS = 16, CHUNKS = 1 << (32 - CHUNK_BITS) };

/* How long, in ms, another pexec may take to be gone, and how often that is looked at. */
enum { LOCK_WAIT = 1000, LOCK_INTERVAL = 10 };

struct journal {
	const char *name;
	int fd;
	enum resume resume;
	bool usage;
	int columns;             /* of what the file has; 0: it has nothing */
	uint16_t *known[CHUNKS]; /* by seq; NULL: none of the chunk is */
	uint64_t last;           /* the highest seq */

	pthread_mutex_t lock; /* guards what follows */
	off_t size;
	bool dirty; /* something was written, and is not safe yet */
	bool closing;
	pthread_cond_t changed;
	pthread_t sync;
	bool syncs;
	void (*lost)(void *context); /* told when it cannot be made safe */
	void *context;
};

/* One line, taken apart. */
struct line {
	uint64_t seq;
	long exit_value, signal;
	int columns;
	const char *command;
	size_t length;
};

/* 14 bits of a command, eight bytes at a time: the golden ratio spreads them. */
static unsigned hash(const char *bytes, size_t length)
{
	uint64_t value = length;

	for (size_t part; length > 0; bytes += part, length -= part) {
		uint64_t word = 0;
		part = length < sizeof word ? length : sizeof word;
		memcpy(&word, bytes, part);
		value ^= value >> 32;
		value = (value ^ word) * 0x9e3779b97f4a7c15U;
	}
	return (unsigned)(value >> 50); /* the upper bits depend on all the lower ones */
}

/* The next field of a line. */
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

/* How many digits there are. */
static size_t digits(const char *at, const char *end)
{
	const char *first = at;

	while (at < end && *at >= '0' && *at <= '9')
		at++;
	return (size_t)(at - first);
}

/* A whole number up to 15 digits. */
static bool read_number(const char *field, size_t length, int64_t *number)
{
	bool negative = length > 0 && *field == '-';
	size_t i = negative;

	*number = 0;
	if (i == length || length > 15)
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

/* Seconds with a fraction or without, after blanks: what measured them may have gone backwards. */
static bool is_seconds(const char *field, size_t length)
{
	const char *end = field + length;

	while (field < end && *field == ' ')
		field++;
	if (field < end && *field == '-')
		field++;
	size_t whole = digits(field, end), fraction = 0;
	field += whole;
	if (field < end && *field == '.') {
		fraction = digits(field + 1, end);
		field += fraction > 0 ? 1 + fraction : 0;
	}
	return whole > 0 && field == end;
}

/* The name of a machine: ours are all ":". */
static bool is_host(const char *field, size_t length)
{
	for (size_t i = 0; i < length; i++)
		if ((unsigned char)field[i] <= ' ' || field[i] == 0x7f)
			return false;
	return length > 0;
}

/* Takes a line apart. It has the columns of GNU parallel, or these and our own. */
static bool read_line(const char *at, size_t size, struct line *line)
{
	/* n: a number, c: one of a count, h: a host, t: a time, *: anything */
	static const char kinds[] = "chttccnn*ttc";
	const char *end = at + size, *field;
	int64_t numbers[ALL_COLUMNS] = {0};
	size_t length;
	int i = 0;

	for (; i < ALL_COLUMNS && next_field(&at, end, &field, &length); i++) {
		bool is_number = kinds[i] == 'n' || kinds[i] == 'c';
		if ((is_number && !read_number(field, length, &numbers[i])) ||
		    (kinds[i] == 'c' && numbers[i] < 0) ||
		    (kinds[i] == 'h' && !is_host(field, length)) ||
		    (kinds[i] == 't' && !is_seconds(field, length)))
			return false;
		if (kinds[i] == '*')
			*line = (struct line){.command = field, .length = length};
	}
	line->seq = (uint64_t)numbers[0];
	line->exit_value = (long)numbers[6];
	line->signal = (long)numbers[7];
	line->columns = i;
	return !at && (i == COLUMNS || i == ALL_COLUMNS) && numbers[0] > 0 &&
	       (numbers[0] <= UINT32_MAX || line->seq > JOB_ADDED);
}

/* What is known of a job. */
static unsigned recall(const struct journal *journal, uint64_t seq)
{
	if (seq > journal->last || !journal->known[seq >> CHUNK_BITS])
		return UNKNOWN;
	return journal->known[seq >> CHUNK_BITS][seq & ((1 << CHUNK_BITS) - 1)];
}

static void remember(struct journal *journal, const struct line *line)
{
	uint16_t **chunk = &journal->known[line->seq >> CHUNK_BITS];
	bool failed = line->exit_value != 0 || line->signal != 0;

	if (!*chunk && !(*chunk = calloc(1 << CHUNK_BITS, sizeof **chunk)))
		err(1, "--joblog %s: job %" PRIu64, journal->name, line->seq);
	(*chunk)[line->seq & ((1 << CHUNK_BITS) - 1)] =
	    (uint16_t)((failed ? FAILED : DONE) | hash(line->command, line->length));
	if (line->seq > journal->last)
		journal->last = line->seq;
}

/* The columns that a line of names has; 0: it is none. */
static int header_columns(const struct record *record)
{
	size_t first = sizeof header - 1, second = sizeof usage_header - 1;

	if (record->kept < first || memcmp(record->bytes, header, first) != 0)
		return 0;
	if (record->kept == first)
		return COLUMNS;
	bool all = record->kept == first + second &&
		   memcmp(record->bytes + first, usage_header, second) == 0;
	return all ? ALL_COLUMNS : 0;
}

/* Goes through the whole lines of a journal. */
static void each_line(struct journal *journal,
    void (*use)(struct journal *journal, const struct line *line, void *context), void *context)
{
	struct reader reader = {.fd = -1};
	struct record record;
	struct line line;
	enum reader_status status = READER_INTERRUPTED;
	int fd = fcntl(journal->fd, F_DUPFD_CLOEXEC, 0);
	uint64_t count = 0;
	off_t left = journal->size;

	if (fd < 0 || lseek(fd, 0, SEEK_SET) < 0)
		err(1, "--joblog %s", journal->name);
	reader_open(&reader, fd, -1, '\n', SIZE_MAX);
	while ((status = reader_next(&reader, &record)) == READER_RECORD &&
	       (left -= (off_t)record.length + 1) >= 0) {
		count++;
		if (count == 1 && (journal->columns = header_columns(&record)) != 0)
			continue;
		if (!read_line(record.bytes, record.kept, &line))
			errx(1,
			    "--joblog %s: line %" PRIu64
			    " is damaged; nothing is run before it is mended or removed",
			    journal->name, count);
		if (count == 1)
			journal->columns = line.columns;
		/* What was added from outside is not in the queue that is resumed. */
		if (line.seq <= JOB_ADDED)
			use(journal, &line, context);
	}
	if (status == READER_FAILED)
		err(1, "reading --joblog %s", journal->name);
	reader_free(&reader);
}

static void load_line(struct journal *journal, const struct line *line, void *context)
{
	(void)context;
	remember(journal, line);
}

/* How long the last line is when no newline ends it; 0: one does. */
static off_t torn_bytes(const struct journal *journal)
{
	char block[4096];

	for (off_t end = journal->size; end > 0;) {
		size_t part = end < (off_t)sizeof block ? (size_t)end : sizeof block;
		if (io_read_at(journal->fd, block, part, end - (off_t)part) != (ssize_t)part)
			err(1, "reading --joblog %s", journal->name);
		const char *newline = memrchr(block, '\n', part);
		if (newline)
			return journal->size - (end - (off_t)part + (newline - block) + 1);
		end -= (off_t)part;
	}
	return journal->size;
}

/* Can these be the first bytes of a line, or of the names? A power cut may leave zeros. */
static bool begins_line(const char *bytes, size_t length)
{
	size_t number = digits(bytes, bytes + length), zeros = number;
	size_t compared = length < sizeof header - 1 ? length : sizeof header - 1;

	if (number > 0 && number < length && bytes[number] == '\t')
		return true;
	while (zeros < length && bytes[zeros] == '\0')
		zeros++;
	return zeros == length || memcmp(bytes, header, compared) == 0;
}

/* Takes off a last line that a crash has torn; but nothing that is no line of a journal. */
static void mend_last_line(struct journal *journal, const struct journal_options *options)
{
	char begin[128];
	off_t torn = torn_bytes(journal);
	size_t length = torn < (off_t)sizeof begin ? (size_t)torn : sizeof begin;

	if (torn == 0)
		return;
	journal->size -= torn;
	ssize_t got = io_read_at(journal->fd, begin, length, journal->size);
	if (got < 0)
		err(1, "reading --joblog %s", journal->name);
	if (!begins_line(begin, (size_t)got))
		errx(1, "--joblog %s is no journal: what it ends with is no line of one",
		    journal->name);
	if (options->dry_run)
		return;
	message("--joblog %s: its last line was torn by a crash and is taken off: that job is run "
		"again",
	    journal->name);
	if (ftruncate(journal->fd, journal->size) != 0)
		err(1, "--joblog %s", journal->name);
}

/* The file has the names of its columns already: lines that are added have the same ones. */
static void keep_columns(struct journal *journal)
{
	if (journal->columns == COLUMNS && journal->usage)
		errx(1, "--joblog %s was begun without --joblog-usage, and has no columns for it",
		    journal->name);
	if (journal->columns == ALL_COLUMNS)
		journal->usage = true;
}

struct journal *journal_read(const struct journal_options *options, int fd)
{
	struct journal *journal = calloc(1, sizeof *journal);
	struct stat status;

	if (!journal || fstat(fd, &status) != 0)
		err(1, "--joblog %s", options->path);
	journal->name = options->path;
	journal->fd = fd;
	journal->resume = options->resume;
	journal->usage = options->usage;
	journal->size = status.st_size;
	pthread_mutex_init(&journal->lock, NULL);
	pthread_cond_init(&journal->changed, NULL);
	if (journal->resume != RESUME_NO) {
		mend_last_line(journal, options);
		each_line(journal, load_line, NULL);
		keep_columns(journal);
	}
	return journal;
}

/* Writes at the end of the file, all or nothing. With the lock held. */
static int append(struct journal *journal, const char *bytes, size_t length)
{
	if (io_write(journal->fd, bytes, length) == 0) {
		journal->size += (off_t)length;
		return 0;
	}
	int error = errno;
	struct stat status;
	if (fstat(journal->fd, &status) == 0 && status.st_size > journal->size &&
	    ftruncate(journal->fd, journal->size) != 0)
		message_errno("--joblog %s: taking off half a line", journal->name);
	errno = error;
	return -1;
}

/* Opens the file for this pexec alone. One that was killed has it until its jobs are dead, too. */
static int open_alone(const char *name)
{
	static const struct timespec interval = {.tv_nsec = LOCK_INTERVAL * 1000000L};
	int fd = -1;

	for (int waited = 0; waited < LOCK_WAIT; waited += LOCK_INTERVAL) {
		fd = flopen(name, O_RDWR | O_CREAT | O_APPEND | O_NONBLOCK | O_CLOEXEC, 0666);
		if (fd >= 0 || errno != EWOULDBLOCK)
			return fd;
		nanosleep(&interval, NULL);
	}
	errx(1, "--joblog %s: another pexec is writing it", name);
}

struct journal *journal_open(const struct journal_options *options)
{
	int fd = options->dry_run ? open(options->path, O_RDONLY | O_CLOEXEC)
				  : open_alone(options->path);

	if (fd < 0 && errno == ENOENT && options->dry_run)
		return NULL;
	if (fd < 0)
		err(1, "--joblog %s", options->path);
	return journal_read(options, fd);
}

void journal_begin(struct journal *journal)
{
	char line[sizeof header + sizeof usage_header];
	int length =
	    snprintf(line, sizeof line, "%s%s\n", header, journal->usage ? usage_header : "");

	if (journal->resume == RESUME_NO && journal->size > 0) {
		if (ftruncate(journal->fd, 0) != 0)
			err(1, "--joblog %s", journal->name);
		journal->size = 0;
	}
	if (journal->size == 0 && append(journal, line, (size_t)length) != 0)
		err(1, "--joblog %s", journal->name);
}

uint64_t journal_last(const struct journal *journal)
{
	return journal->last;
}

uint64_t journal_first(const struct journal *journal)
{
	uint64_t seq = 1;

	for (unsigned known; (known = recall(journal, seq)) != UNKNOWN; seq++)
		if ((known & STATE) == FAILED && journal->resume != RESUME_NEW)
			break;
	return seq;
}

enum journal_verdict journal_ask(const struct journal *journal, uint64_t seq)
{
	if (recall(journal, seq) != UNKNOWN)
		return JOURNAL_COMPARE;
	if (journal->resume == RESUME_FAILED_ONLY)
		return JOURNAL_SKIP;
	return seq < journal->last ? JOURNAL_HOLD : JOURNAL_RUN;
}

/* A line that is looked for: the last one of a job. */
struct search {
	uint64_t seq;
	char shown[ESCAPED_NAME];
};

static void find_line(struct journal *journal, const struct line *line, void *context)
{
	struct search *search = context;

	(void)journal;
	if (line->seq == search->seq)
		escape(search->shown, sizeof search->shown, line->command, line->length);
}

enum journal_verdict journal_compare(
    struct journal *journal, uint64_t seq, const struct strlist *command)
{
	unsigned known = recall(journal, seq);
	struct search search = {.seq = seq};
	char shown[ESCAPED_NAME];

	if ((known & HASH) == hash(strlist_at(command, 0), strlist_length(command, 0))) {
		bool failed = (known & STATE) == FAILED;
		return failed && journal->resume != RESUME_NEW ? JOURNAL_RUN : JOURNAL_SKIP;
	}
	pthread_mutex_lock(&journal->lock);
	each_line(journal, find_line, &search);
	pthread_mutex_unlock(&journal->lock);
	message("--joblog %s has job %" PRIu64
		" as '%s', and now it is '%s': the queue or the command is another one",
	    journal->name, seq, search.shown, escape_item(shown, command, 0));
	return JOURNAL_COMPARE;
}

bool journal_end_of_queue(const struct journal *journal, uint64_t jobs)
{
	if (journal->last <= jobs)
		return true;
	message("--joblog %s knows of %" PRIu64 " jobs, and the queue has only %" PRIu64,
	    journal->name, journal->last, jobs);
	return false;
}

int journal_add(struct journal *journal, const struct job *job)
{
	char numbers[160], usage[96] = "";
	const struct strlist *command = &job->command;
	struct strlist line = {0};

	int length = snprintf(numbers, sizeof numbers,
	    "%" PRIu64 "\t:\t%.3f\t%10.3f\t0\t%jd\t%d\t%d\t", job->seq, job->started, job->runtime,
	    (intmax_t)job->output.streams[0].received, job->exit_value, job->signal);
	if (journal->usage)
		snprintf(usage, sizeof usage, "\t%.3f\t%.3f\t%ld", job->user_time, job->system_time,
		    job->max_rss);
	strlist_append(&line, numbers, (size_t)length);
	strlist_append(&line, strlist_at(command, 0), strlist_length(command, 0));
	strlist_append(&line, usage, strlen(usage));
	strlist_append(&line, "\n", 1);
	int result = -1, error = ENOMEM;
	if (!strlist_failed(&line)) {
		pthread_mutex_lock(&journal->lock);
		result = append(journal, line.bytes, line.used);
		error = errno;
		journal->dirty = true;
		if (journal->syncs)
			pthread_cond_signal(&journal->changed);
		pthread_mutex_unlock(&journal->lock);
	}
	strlist_free(&line);
	errno = error;
	return result;
}

/*
 * Makes the journal safe, again and again while lines are added: one fdatasync takes all that came
 * during the last one. No slot waits for it: what a power cut takes away are the last few lines,
 * and their jobs are run again.
 */
static void *keep_safe(void *context)
{
	struct journal *journal = context;

	pthread_mutex_lock(&journal->lock);
	while (journal->dirty || !journal->closing) {
		if (!journal->dirty) {
			pthread_cond_wait(&journal->changed, &journal->lock);
			continue;
		}
		journal->dirty = false;
		pthread_mutex_unlock(&journal->lock);
		if (fdatasync(journal->fd) != 0) {
			/* Another try could succeed without what this one has lost. */
			message_errno("--sync of --joblog %s", journal->name);
			journal->lost(journal->context);
			return NULL;
		}
		pthread_mutex_lock(&journal->lock);
	}
	pthread_mutex_unlock(&journal->lock);
	return NULL;
}

/* Makes the name of the journal safe: the file may be new. */
static int sync_folder(const char *name)
{
	const char *slash = strrchr(name, '/');
	char *folder = slash ? strndup(name, (size_t)(slash - name) + 1) : strdup(".");
	int fd = folder ? open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;

	free(folder);
	if (fd < 0)
		return -1;
	int result = fsync(fd), error = errno;
	close(fd);
	errno = error;
	/* Some file systems have no such call for a folder, nor a need for it. */
	return result != 0 && error == EINVAL ? 0 : result;
}

void journal_start_sync(struct journal *journal, void (*lost)(void *context), void *context)
{
	if (fsync(journal->fd) != 0 || sync_folder(journal->name) != 0)
		err(1, "--sync of --joblog %s", journal->name);
	journal->lost = lost;
	journal->context = context;
	int error = pthread_create(&journal->sync, NULL, keep_safe, journal);
	if (error)
		errc(1, error, "--sync");
	journal->syncs = true;
}

void journal_stop_sync(struct journal *journal)
{
	if (!journal->syncs)
		return;
	pthread_mutex_lock(&journal->lock);
	journal->closing = true;
	pthread_cond_signal(&journal->changed);
	pthread_mutex_unlock(&journal->lock);
	pthread_join(journal->sync, NULL);
	journal->syncs = false;
}

void journal_close(struct journal *journal)
{
	close(journal->fd);
	for (size_t i = 0; i <= journal->last >> CHUNK_BITS; i++)
		free(journal->known[i]);
	free(journal);
}
