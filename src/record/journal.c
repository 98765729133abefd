#include "record/journal.h"

#include <assert.h>
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <math.h>
#include <paths.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <libutil.h>

#include "base/escape.h"
#include "base/lock.h"
#include "base/message.h"
#include "base/path.h"
#include "record/append_file.h"
#include "record/journal_index.h"
#include "record/journal_line.h"
#include "record/journal_parts.h"
#include "record/journal_reader.h"
#include "service/lock_holder.h"

/* How long another pexec that ends may still have the journal, and how often that is looked at. */
enum { LOCK_WAIT_MS = 1000, LOCK_INTERVAL_MS = 10 };

struct journal {
	enum resume resume;
	bool appends;               /* what is in it stays */
	bool by_numbers;            /* a job is known by its number alone */
	bool usage;                 /* lines have the columns of --joblog-usage */
	bool is_kept;               /* it is a file that keeps what is written */
	struct shard shard;         /* of the jobs, those that this run has */
	struct journal_parts parts; /* the journals of the others */
	struct journal_index index; /* what earlier runs have left; unchanged once it is read */
	bool sync_started;          /* there is a sync thread, which must be joined */
	pthread_t sync_thread;
	struct timer *lost_timer; /* set by the sync thread when it fails */
	atomic_bool lost;         /* the sync thread has failed, and ended */

	struct lock lock;       /* guards what follows */
	pthread_cond_t changed; /* `unsynced` or `closing` was set */
	struct append_file file;
	bool unsynced; /* lines were added since the last fdatasync(2) began */
	bool closing;  /* no more lines are added */
};

static const struct append_file_kind file_kind = {
    .option = "--joblog ",
    .record = "line",
    .begins_record = journal_line_can_begin,
    .foreign_end = " is no journal: what it ends with is no line of one",
    .torn = ": that job is run again",
};

/* --- reading --- */

/*
 * Hands the lines of our own journal to `use`, as journal_reader_lines, and then those of the other
 * parts. An added line moves the file offset: it takes the lock. Returns false when one cannot be
 * read; that has been said.
 */
static bool read_lines(struct journal *journal, int *columns, journal_use *use, void *context)
{
	struct journal_fault fault = {.kind = FAULT_NONE};

	*columns = 0;
	lock_take(&journal->lock);
	if (journal->is_kept)
		fault = journal_reader_lines(&(struct journal_text){journal->file.name,
						 journal->file.fd, journal->file.size},
		    columns, use, context);
	lock_release(&journal->lock);
	journal_reader_say(journal->file.name, &fault);
	return fault.kind == FAULT_NONE && journal_parts_read(&journal->parts, use, context);
}

/* What lines are taken into the index for. */
struct indexing {
	struct journal *journal;
	double since_s; /* what has failed later is not run again */
	bool failed;    /* there was no memory; that has been said */
};

/*
 * Takes a line into the index. In one file the last line of a job counts. Among several that is not
 * known: there a job that was done was never run again, and one that failed may have been.
 */
static void index_line(
    void *context, const struct journal_line *line, const struct journal_text *text)
{
	struct indexing *indexing = context;
	struct journal *journal = indexing->journal;
	char shown[ESCAPED_NAME];
	bool is_over =
	    !line->failed || journal_line_seconds(line, JOURNAL_STARTED) >= indexing->since_s;

	if (indexing->failed || !shard_has(&journal->shard, line->seq) ||
	    (!is_over && journal->parts.name &&
		journal_index_outcome(&journal->index, line->seq) == JOURNAL_DONE))
		return;
	indexing->failed = !journal_index_add(&journal->index, line->seq,
	    is_over ? JOURNAL_DONE : JOURNAL_FAILED, line->command, line->command_bytes);
	if (indexing->failed)
		message_errno(
		    "--joblog %s: job %" PRIu64, escape_name(shown, text->name), line->seq);
}

/* Reads what earlier runs have left. Lines that are added have the columns of the file. */
static void load(struct journal *journal)
{
	struct indexing indexing = {.journal = journal, .since_s = INFINITY};
	int columns;

	if (journal->is_kept)
		append_file_look(&journal->file, journal->file.fd);
	if (!read_lines(journal, &columns, index_line, &indexing) || indexing.failed)
		exit(1);
	if (columns == JOURNAL_COLUMNS && journal->usage)
		errx(1, "--joblog %s was begun without --joblog-usage, and has no columns for it",
		    journal->file.name);
	journal->usage |= columns == JOURNAL_USAGE_COLUMNS;
}

void journal_read_others(struct journal *journal, double since_s)
{
	struct indexing indexing = {.journal = journal, .since_s = since_s};

	if (!journal_parts_read(&journal->parts, index_line, &indexing) || indexing.failed)
		exit(1);
}

bool journal_has_parts(const struct journal *journal)
{
	return journal->parts.name != NULL;
}

bool journal_read_parts(
    struct journal *journal, const uint64_t *parts, size_t count, double since_s)
{
	struct indexing indexing = {.journal = journal, .since_s = since_s};

	for (size_t i = 0; i < count && !indexing.failed; i++)
		if (!journal_parts_read_one(&journal->parts, parts[i], index_line, &indexing))
			return false;
	return !indexing.failed;
}

struct journal *journal_read(const struct journal_options *options, int fd)
{
	struct journal *journal = calloc(1, sizeof *journal);
	struct stat status;

	if (!journal || fstat(fd, &status) != 0)
		err(1, "--joblog %s", options->path);
	journal->resume = options->resume;
	journal->usage = options->usage;
	journal->appends = options->appends;
	journal->by_numbers = options->by_numbers;
	journal->file = (struct append_file){
	    .kind = &file_kind, .name = options->path, .fd = fd, .size = status.st_size};
	lock_init(&journal->lock, LOCK_RECORD);
	lock_init_condition(&journal->changed);
	journal->is_kept = !S_ISCHR(status.st_mode);
	journal->shard = options->shard;
	journal_index_init(&journal->index, options->shard.count);
	if (journal_parts_open(&journal->parts, options->parts, fd) != 0)
		err(1, "--joblog %s", options->path);
	if (journal->resume != RESUME_NO)
		load(journal);
	return journal;
}

/*
 * Opens the file for this pexec alone. When a pexec was killed, its guardian has the file until the
 * jobs are dead: that is waited for.
 */
static int open_alone(const char *name)
{
	static const struct timespec interval = {.tv_nsec = LOCK_INTERVAL_MS * 1000000L};
	char holder[LOCK_HOLDER_TEXT];
	int guard = path_guard(name);

	for (int waited = 0; guard >= 0 && waited < LOCK_WAIT_MS; waited += LOCK_INTERVAL_MS) {
		int fd = flopen(
		    name, O_RDWR | O_CREAT | O_APPEND | O_NONBLOCK | O_CLOEXEC | guard, 0666);
		if (fd >= 0 || errno != EWOULDBLOCK)
			return fd;
		nanosleep(&interval, NULL);
	}
	if (guard < 0)
		return -1;
	if (lock_holder_of(name, holder) == HOLDER_IS_STRANGER)
		errx(1, "--joblog %s: it is held by %s", name, holder);
	errx(1, "--joblog %s: another pexec is writing it", name);
}

/*
 * Opens what is no regular file, such as /dev/null: nothing is kept there, and any number of runs
 * may write to it. A FIFO is opened to write only: so a write fails once its reader has gone.
 */
static int open_stream(const char *name, mode_t mode)
{
	int how = S_ISFIFO(mode) ? O_WRONLY | O_NONBLOCK : O_RDWR;
	int fd = open(name, how | O_APPEND | O_NOCTTY | O_CLOEXEC);

	if (fd >= 0 && S_ISFIFO(mode))
		fcntl(fd, F_SETFL, O_APPEND);
	return fd;
}

struct journal *journal_open(const struct journal_options *options)
{
	const char *name = options->path;
	struct stat status;
	bool is_stream = stat(name, &status) == 0 && !S_ISREG(status.st_mode);

	if (is_stream && S_ISFIFO(status.st_mode) && options->resume != RESUME_NO)
		errx(1, "--joblog %s: a FIFO keeps nothing that a run could be resumed by", name);
	int fd = options->dry_run ? open(name, O_RDONLY | O_CLOEXEC)
		 : is_stream      ? open_stream(name, status.st_mode)
				  : open_alone(name);
	if (fd < 0 && errno == ENOENT && options->dry_run) {
		if (!options->parts)
			return NULL;
		/* Others may have theirs. */
		fd = open(_PATH_DEVNULL, O_RDONLY | O_CLOEXEC);
	}
	if (fd < 0)
		err(1, "--joblog %s", name);
	return journal_read(options, fd);
}

/* --- which jobs are run --- */

uint64_t journal_last(const struct journal *journal)
{
	return journal->index.last_seq;
}

/* Is a job run again that the journal has with this outcome? */
static bool runs_again(const struct journal *journal, enum journal_outcome outcome)
{
	return outcome == JOURNAL_FAILED &&
	       (journal->resume == RESUME_FAILED || journal->resume == RESUME_FAILED_ONLY);
}

uint64_t journal_first(const struct journal *journal)
{
	for (uint64_t seq = 1;; seq++) {
		enum journal_outcome outcome = journal_index_outcome(&journal->index, seq);
		if (outcome == JOURNAL_UNKNOWN || runs_again(journal, outcome))
			return seq;
	}
}

enum journal_verdict journal_ask(const struct journal *journal, uint64_t seq)
{
	if (journal_index_outcome(&journal->index, seq) != JOURNAL_UNKNOWN)
		return JOURNAL_COMPARE;
	if (journal->resume == RESUME_FAILED_ONLY)
		return JOURNAL_SKIP;
	return seq < journal->index.last_seq ? JOURNAL_HOLD : JOURNAL_RUN;
}

/* The last line of a job, which is looked for. */
struct search {
	uint64_t seq;
	char shown[ESCAPED_NAME]; /* its command, for a message */
	char name[ESCAPED_NAME];  /* of the journal that has it */
};

static void find_line(
    void *context, const struct journal_line *line, const struct journal_text *text)
{
	struct search *search = context;

	if (line->seq != search->seq)
		return;
	escape(search->shown, sizeof search->shown, line->command, line->command_bytes);
	escape_name(search->name, text->name);
}

/* Says how the command of a job differs from the journal's, which only the file has. */
static void say_difference(struct journal *journal, uint64_t seq, const struct strlist *command)
{
	struct search search = {.seq = seq};
	char shown[ESCAPED];
	int columns;

	if (read_lines(journal, &columns, find_line, &search))
		message("--joblog %s has job %" PRIu64
			" as '%s', and now it is '%s': the queue or the command is another one",
		    search.name, seq, search.shown, escape_item(shown, command, 0));
}

enum journal_verdict journal_compare(
    struct journal *journal, uint64_t seq, const struct strlist *command)
{
	enum journal_outcome outcome = journal_index_outcome(&journal->index, seq);

	assert(outcome != JOURNAL_UNKNOWN && command->count == 1);
	if (!journal->by_numbers && !journal_index_has_command(&journal->index, seq,
					strlist_at(command, 0), strlist_length(command, 0))) {
		say_difference(journal, seq, command);
		return JOURNAL_OTHER;
	}
	return runs_again(journal, outcome) ? JOURNAL_RUN : JOURNAL_SKIP;
}

/* The command of the last line of a job, which is looked for. */
struct recall {
	uint64_t seq;
	struct strlist *command;
};

static void recall_line(
    void *context, const struct journal_line *line, const struct journal_text *text)
{
	struct recall *recall = context;

	(void)text;
	if (line->seq != recall->seq)
		return;
	strlist_clear(recall->command);
	strlist_add(recall->command, line->command, line->command_bytes);
}

bool journal_recall(struct journal *journal, uint64_t from, uint64_t *seq, struct strlist *command)
{
	struct recall recall = {.seq = from, .command = command};
	int columns;

	while (recall.seq <= journal->index.last_seq &&
	       journal_index_outcome(&journal->index, recall.seq) == JOURNAL_UNKNOWN)
		recall.seq++;
	*seq = recall.seq;
	strlist_clear(command);
	if (recall.seq > journal->index.last_seq)
		return false;
	return read_lines(journal, &columns, recall_line, &recall) && command->count == 1 &&
	       !strlist_failed(command);
}

void journal_say_gap(const struct journal *journal, uint64_t first, uint64_t last)
{
	message("--joblog %s has none of jobs %" PRIu64 " to %" PRIu64
		", but later ones: they are too many to be held back until one of these has proved "
		"that the queue is the same; nothing is run before the journal is whole",
	    journal->file.name, first, last);
}

bool journal_end_of_queue(const struct journal *journal, uint64_t jobs)
{
	if (journal->index.last_seq <= jobs)
		return true;
	message("--joblog %s knows of %" PRIu64 " jobs, and the queue has only %" PRIu64,
	    journal->file.name, journal->index.last_seq, jobs);
	return false;
}

/* --- writing --- */

void journal_begin(struct journal *journal)
{
	const char *names = journal_line_names(journal->usage);
	int tail_error;

	if (journal->resume != RESUME_NO || journal->appends)
		append_file_mend(&journal->file);
	else if (journal->file.size > 0)
		append_file_empty(&journal->file);
	if (journal->file.size > 0 ||
	    append_file_add(&journal->file, names, strlen(names), &tail_error) == 0)
		return;
	int error = errno;
	append_file_say_tail(&journal->file, tail_error);
	errno = error;
	err(1, "--joblog %s", journal->file.name);
}

int journal_add(struct journal *journal, const struct job_record *record)
{
	struct strlist line = {0};
	int result = -1, error = ENOMEM, tail_error = 0;

	assert(record->seq > 0 && record->command.count <= 1);
	journal_line_write(&line, record, journal->usage);
	if (!strlist_failed(&line)) {
		lock_take(&journal->lock);
		result = append_file_add(&journal->file, line.bytes, line.used, &tail_error);
		error = errno;
		journal->unsynced = true;
		if (journal->sync_started)
			pthread_cond_signal(&journal->changed);
		lock_release(&journal->lock);
	}
	append_file_say_tail(&journal->file, tail_error);
	strlist_free(&line);
	errno = error;
	return result;
}

int journal_end(struct journal *journal)
{
	int fd = journal->file.fd;

	assert(!journal->sync_started);
	journal->file.fd = -1;
	if (close(fd) == 0)
		return 0;
	message_errno("--joblog %s: closing it", journal->file.name);
	return -1;
}

void journal_close(struct journal *journal)
{
	assert(!journal->sync_started);
	if (journal->file.fd >= 0)
		close(journal->file.fd);
	journal_index_free(&journal->index);
	pthread_cond_destroy(&journal->changed);
	lock_destroy(&journal->lock);
	free(journal);
}

/* --- --sync --- */

/* Waits until lines were added. Returns false when all are safe and no more will come. */
static bool await_lines(struct journal *journal)
{
	lock_take(&journal->lock);
	while (!journal->unsynced && !journal->closing)
		lock_wait(&journal->lock, &journal->changed, INT64_MAX);
	bool any = journal->unsynced;
	journal->unsynced = false;
	lock_release(&journal->lock);
	return any;
}

/*
 * Makes the journal safe, again and again while lines are added: one fdatasync(2) takes all that
 * came during the last one. No slot waits for it: what a power cut takes away are the last few
 * lines, and their jobs are run again.
 */
static void *sync_main(void *context)
{
	struct journal *journal = context;

	while (await_lines(journal)) {
		if (fdatasync(journal->file.fd) == 0)
			continue;
		int error = errno;
		/* It is not tried again: that could succeed without what this one has lost. The run
		 * is ended first, as a message may have to wait. */
		atomic_store(&journal->lost, true);
		timer_set(journal->lost_timer, 0);
		errno = error;
		message_errno("--sync of --joblog %s", journal->file.name);
		break;
	}
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

void journal_start_sync(struct journal *journal, struct timer *lost_timer)
{
	assert(!journal->sync_started);
	if (fsync(journal->file.fd) != 0 || sync_folder(journal->file.name) != 0)
		err(1, "--sync of --joblog %s", journal->file.name);
	journal->lost_timer = lost_timer;
	int error = pthread_create(&journal->sync_thread, NULL, sync_main, journal);
	if (error)
		errc(1, error, "--sync");
	journal->sync_started = true;
}

void journal_stop_sync(struct journal *journal)
{
	if (!journal->sync_started)
		return;
	lock_take(&journal->lock);
	journal->closing = true;
	pthread_cond_signal(&journal->changed);
	lock_release(&journal->lock);
	pthread_join(journal->sync_thread, NULL);
	journal->sync_started = false;
}

bool journal_is_lost(const struct journal *journal)
{
	return atomic_load(&journal->lost);
}
