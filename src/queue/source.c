#include "queue/source.h"

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/escape.h"
#include "base/message.h"
#include "base/reader.h"
#include "base/system.h"
#include "follow/follow.h"
#include "queue/fetch.h"
#include "queue/split.h"

struct source {
	const struct queue_options *options;

	/* the stream: files, one after the other */
	int standard_input; /* descriptor 0 as it was at first: jobs get another one */
	size_t file;        /* index of the next one to open */
	struct reader reader;
	bool header_due; /* the file's first line is still to be taken off */
	bool last_seen;  /* the item that -E names was read */
	size_t limit;
	int interrupt_fd;
	bool streams; /* the first value of an item comes from the stream */

	/* the lists: the whole values of each */
	struct strlist *lists;
	size_t list_count;
	size_t *position;     /* in each list, the value of the next item */
	size_t linked;        /* --link: items handed out */
	struct strlist outer; /* what the stream gave, while the lists run through */
	size_t outer_length;
	bool started;
	bool ended;
	bool failed; /* and not as it should */

	/* --shuf: all items; each has `width` values */
	struct strlist shuffled;
	size_t *order;
	size_t width;
	size_t next;

	struct strlist names;
	struct follow *follow; /* --follow of a regular file: the stream; NULL: there is none */

	/* --source, --next */
	struct fetch *fetch;    /* the command that gives the items; NULL: none does */
	struct strlist fetched; /* of what --next has printed, until the command has ended */
	size_t fetched_length;
	size_t fetched_count;
};

/* Says that a file of items cannot be read, with errno's reason. */
static void warn_file(const char *what, const char *name)
{
	int error = errno;
	char text[ESCAPED_NAME];

	escape_name(text, strcmp(name, "-") == 0 ? "stdin" : name);
	errno = error;
	message_errno("%s%s", what, text);
}

/* The same, at the start: that ends pexec. */
static _Noreturn void fail_file(const char *what, const char *name)
{
	warn_file(what, name);
	exit(1);
}

/*
 * Opens a file of items. O_NONBLOCK: opening a FIFO that nobody writes to yet must not hang where
 * no signal is seen; poll(2) waits for its first writer instead.
 */
static int open_file(const struct source *source, const char *name)
{
	if (source->options->follow)
		return system_open_fifo(name, source->standard_input);
	if (strcmp(name, "-") == 0)
		return fcntl(source->standard_input, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
	return open(name, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
}

/* Says now what would go wrong later: jobs of the first file would have run by then. */
static void check_file(const struct queue_options *options, const char *name)
{
	struct stat status;

	if (strcmp(name, "-") == 0 ? fstat(STDIN_FILENO, &status) : stat(name, &status)) {
		if (options->follow && errno == ENOENT)
			return; /* it is waited for */
		fail_file("", name);
	}
	if (S_ISDIR(status.st_mode)) {
		errno = EISDIR;
		fail_file("", name);
	}
	if (strcmp(name, "-") != 0 && access(name, R_OK) != 0)
		fail_file("", name);
}

/* Is this record the one that -E names? */
static bool is_last(const struct queue_options *options, const struct record *record)
{
	return options->end_of_items && record->kept == strlen(options->end_of_items) &&
	       memcmp(record->bytes, options->end_of_items, record->kept) == 0;
}

/*
 * The next record of `reader` that is an item, added to `value`. Behind the one that -E names there
 * is no other.
 */
static enum source_status read_value(
    struct source *source, struct reader *reader, struct strlist *value, size_t *length)
{
	const struct queue_options *options = source->options;
	struct record record;
	bool whole;

	do {
		enum reader_status status = source->follow ? follow_next(source->follow, &record)
							   : reader_next(reader, &record);
		if (status == READER_END)
			return SOURCE_END;
		if (status != READER_RECORD)
			return status == READER_FAILED ? SOURCE_FAILED : SOURCE_INTERRUPTED;
		/* What is left of a record beyond the limit tells nothing about it. */
		whole = record.kept == record.length;
		if (!options->column_separator)
			split_trim(options->trim, &record.bytes, &record.kept);
	} while (whole && options->no_empty && record.kept == 0);
	if (whole && is_last(options, &record)) {
		source->last_seen = true;
		return SOURCE_END;
	}
	strlist_add(value, record.bytes, record.kept);
	*length = record.length;
	return SOURCE_ITEM;
}

/* Takes the header line off a file; the first file's is the one that names the columns. */
static enum source_status skip_header(struct source *source)
{
	struct strlist line = {0};
	size_t length;
	enum source_status status = read_value(source, &source->reader, &line, &length);

	if (status == SOURCE_ITEM && source->names.count == 0 && !strlist_failed(&line))
		split_item(source->options, strlist_at(&line, 0), strlist_length(&line, 0),
		    &source->names);
	strlist_free(&line);
	source->header_due = status == SOURCE_INTERRUPTED;
	return status;
}

/* Opens the next file of the stream; SOURCE_END behind the last. */
static enum source_status open_next(struct source *source)
{
	const struct strings *files = &source->options->files;

	reader_close(&source->reader);
	if (source->last_seen)
		source->file = files->count;
	if (source->file == files->count)
		return SOURCE_END;
	int fd = open_file(source, files->at[source->file++]);
	if (fd < 0)
		return SOURCE_FAILED;
	reader_open(
	    &source->reader, fd, source->interrupt_fd, source->options->delimiter, source->limit);
	source->header_due = source->options->header;
	return SOURCE_ITEM;
}

/* The next value of the stream. */
static enum source_status stream_next(struct source *source, struct strlist *value, size_t *length)
{
	enum source_status status;

	if (source->follow)
		return read_value(source, &source->reader, value, length);
	do {
		status = source->reader.fd < 0 ? open_next(source) : SOURCE_ITEM;
		if (status != SOURCE_ITEM)
			break;
		if (source->header_due)
			status = skip_header(source);
		if (!source->header_due && status != SOURCE_FAILED)
			status = read_value(source, &source->reader, value, length);
		if (status == SOURCE_END)
			reader_close(&source->reader);
	} while (status == SOURCE_END);
	if (status == SOURCE_FAILED)
		warn_file("reading ", source->options->files.at[source->file - 1]);
	return status;
}

/* Reads a :::: file whole. */
static void load_file(struct source *source, const char *name, struct strlist *list)
{
	struct reader reader = {.fd = -1};
	enum source_status status;
	size_t length;

	check_file(source->options, name);
	int fd = open_file(source, name);
	if (fd < 0)
		fail_file("", name);
	reader_open(&reader, fd, -1, source->options->delimiter, SIZE_MAX);
	do {
		status = read_value(source, &reader, list, &length);
	} while (status == SOURCE_ITEM || status == SOURCE_INTERRUPTED);
	if (status == SOURCE_FAILED)
		fail_file("reading ", name);
	source->last_seen = false;
	reader_free(&reader);
}

/* Reads one ::: or :::: list; with --header its first value is its name. */
static void load_list(struct source *source, const struct input *input, struct strlist *list)
{
	const struct queue_options *options = source->options;

	if (input->file)
		load_file(source, input->file, list);
	for (size_t i = 0; i < input->values.count; i++) {
		struct record record = {.bytes = input->values.at[i]};
		record.kept = strlen(record.bytes);
		if (!options->column_separator)
			split_trim(options->trim, &record.bytes, &record.kept);
		if (is_last(options, &record))
			break;
		if (record.kept > 0 || !options->no_empty)
			strlist_add(list, record.bytes, record.kept);
	}
	if (options->header && list->count > 0)
		split_item(options, strlist_at(list, 0), strlist_length(list, 0), &source->names);
	if (strlist_failed(list) || strlist_failed(&source->names))
		errx(1, "the lists of items do not fit into memory");
}

/* The first value of a list that is an item: behind the name that --header takes. */
static size_t first_value(const struct source *source)
{
	return source->options->header ? 1 : 0;
}

static size_t list_size(const struct source *source, size_t list)
{
	size_t count = source->lists[list].count, first = first_value(source);

	return count > first ? count - first : 0;
}

static void add_from_list(
    const struct source *source, size_t list, size_t index, struct strlist *values, size_t *length)
{
	const struct strlist *from = &source->lists[list];

	index += first_value(source);
	strlist_add(values, strlist_at(from, index), strlist_length(from, index));
	if (strlist_length(from, index) > *length)
		*length = strlist_length(from, index);
}

/* The size of the longest list; 0 when one of them is empty, as then there is no item. */
static size_t longest_list(const struct source *source)
{
	size_t longest = 0;

	for (size_t i = 0; i < source->list_count; i++) {
		if (list_size(source, i) == 0)
			return 0;
		if (list_size(source, i) > longest)
			longest = list_size(source, i);
	}
	return longest;
}

/* --link: the lists side by side, as long as the longest; the shorter ones begin again. */
static enum source_status linked_next(struct source *source, struct strlist *values, size_t *length)
{
	if (source->linked == longest_list(source))
		return SOURCE_END;
	source->linked++;
	for (size_t i = 0; i < source->list_count; i++) {
		add_from_list(source, i, source->position[i]++, values, length);
		if (source->position[i] == list_size(source, i))
			source->position[i] = 0;
	}
	return SOURCE_ITEM;
}

/* Is there another item of the lists, before they begin again for the next value of a stream? */
static bool lists_have_more(const struct source *source)
{
	if (source->options->link)
		return source->linked < longest_list(source);
	if (!source->started)
		return !source->streams && longest_list(source) > 0;
	for (size_t i = 0; i < source->list_count; i++)
		if (source->position[i] + 1 < list_size(source, i))
			return true;
	return false;
}

/* Moves on to the next combination: the last list is the fastest. False when all have been. */
static bool advance(struct source *source)
{
	for (size_t i = source->list_count; i-- > 0;) {
		if (++source->position[i] < list_size(source, i))
			return true;
		source->position[i] = 0;
	}
	return false;
}

/* Every combination of the stream, if there is one, with the lists. */
static enum source_status combined_next(
    struct source *source, struct strlist *values, size_t *length)
{
	for (size_t i = 0; i < source->list_count; i++)
		if (list_size(source, i) == 0)
			return SOURCE_END;
	if (!source->started || !advance(source)) {
		if (!source->streams && source->started)
			return SOURCE_END;
		if (source->streams) {
			source->started = false; /* until the stream has given its next value */
			strlist_clear(&source->outer);
			enum source_status status =
			    stream_next(source, &source->outer, &source->outer_length);
			if (status != SOURCE_ITEM)
				return status;
			values->failed |= strlist_failed(&source->outer);
		}
		source->started = true;
	}
	if (source->streams && !strlist_failed(&source->outer)) {
		strlist_add(
		    values, strlist_at(&source->outer, 0), strlist_length(&source->outer, 0));
		*length = source->outer_length;
	}
	for (size_t i = 0; i < source->list_count; i++)
		add_from_list(source, i, source->position[i], values, length);
	return SOURCE_ITEM;
}

/* --next: reads all that the command prints, and keeps the first value, and one to be named. */
static enum source_status read_single(struct source *source)
{
	enum source_status status;
	size_t length;

	while ((status = read_value(source, &source->reader, &source->fetched, &length)) ==
	       SOURCE_ITEM) {
		if (source->fetched_count++ == 0)
			source->fetched_length = length;
		else if (source->fetched.count > 2)
			strlist_drop(&source->fetched, 1);
	}
	return status;
}

/* The command has ended: does --next give an item? */
static enum source_status fetched_ended(
    struct source *source, struct strlist *values, size_t *length)
{
	/* redis-cli and the like say that there is nothing by an empty line. */
	bool empty = source->fetched_count <= 1 && source->fetched_length == 0;

	if (!fetch_judge(source->fetch, &source->fetched, empty ? 0 : source->fetched_count))
		return SOURCE_LATER;
	values->failed |= strlist_failed(&source->fetched);
	if (!values->failed)
		strlist_add(
		    values, strlist_at(&source->fetched, 0), strlist_length(&source->fetched, 0));
	*length = source->fetched_length;
	return SOURCE_ITEM;
}

/* The next item that a command gives. */
static enum source_status fetched_next(
    struct source *source, struct strlist *values, size_t *length)
{
	enum source_status status = SOURCE_LATER;
	bool single = source->options->next != NULL, failed;

	if (source->reader.fd >= 0) {
		status = single ? read_single(source)
				: read_value(source, &source->reader, values, length);
		if (status == SOURCE_ITEM || status == SOURCE_INTERRUPTED)
			return status;
		if (status == SOURCE_FAILED)
			message_errno("%s: reading what it prints", fetch_option(source->fetch));
		reader_close(&source->reader);
		/* It may print for ever. */
		if (source->last_seen || status == SOURCE_FAILED)
			fetch_stop(source->fetch, 0);
	}
	if (fetch_is_running(source->fetch)) {
		if (!fetch_wait(source->fetch))
			return SOURCE_INTERRUPTED;
		status = fetched_ended(source, values, length);
	}
	if (status == SOURCE_ITEM)
		return status;
	if (single && source->last_seen)
		return SOURCE_END;
	if (!fetch_is_over(source->fetch, &failed))
		return SOURCE_LATER;
	return failed ? SOURCE_FAILED : SOURCE_END;
}

static enum source_status ordered_next(
    struct source *source, struct strlist *values, size_t *length)
{
	if (source->fetch)
		return fetched_next(source, values, length);
	if (source->list_count == 0)
		return stream_next(source, values, length);
	if (source->options->link)
		return linked_next(source, values, length);
	return combined_next(source, values, length);
}

static enum source_status shuffled_next(
    struct source *source, struct strlist *values, size_t *length)
{
	if (source->next * source->width == source->shuffled.count)
		return SOURCE_END;
	size_t first = source->order[source->next++] * source->width;
	for (size_t i = first; i < first + source->width; i++) {
		strlist_add(
		    values, strlist_at(&source->shuffled, i), strlist_length(&source->shuffled, i));
		if (strlist_length(&source->shuffled, i) > *length)
			*length = strlist_length(&source->shuffled, i);
	}
	return SOURCE_ITEM;
}

enum source_status source_next(struct source *source, struct strlist *values, size_t *length)
{
	*length = 0;
	if (source->ended)
		return source->failed ? SOURCE_FAILED : SOURCE_END;
	enum source_status status = source->order ? shuffled_next(source, values, length)
						  : ordered_next(source, values, length);
	source->failed = status == SOURCE_FAILED;
	source->ended = status == SOURCE_END || source->failed;
	return status;
}

bool source_more(struct source *source)
{
	if (source->ended)
		return false;
	if (source->fetch)
		return true;
	if (source->order)
		return source->next * source->width < source->shuffled.count;
	if (source->follow)
		return true;
	if (source->list_count > 0 && lists_have_more(source))
		return true;
	if (source->file < source->options->files.count)
		return true; /* opened when it is asked for */
	return source->reader.fd >= 0 && reader_more(&source->reader);
}

/* How many combinations of their values the lists have. False beyond any number. */
static bool combinations(const struct source *source, uint64_t *total)
{
	*total = 1;
	for (size_t i = 0; i < source->list_count; i++) {
		uint64_t size = list_size(source, i);
		if (size > 0 && *total > UINT64_MAX / size)
			return false;
		*total *= size;
	}
	return true;
}

bool source_total(const struct source *source, uint64_t *total)
{
	if (source->order)
		*total = source->shuffled.count / source->width;
	else if (source->options->link)
		*total = longest_list(source);
	else
		return !source->streams && !source->fetch && combinations(source, total);
	return true;
}

bool source_ready(struct source *source)
{
	return source->follow ? follow_ready(source->follow) : reader_ready(&source->reader);
}

uint64_t source_begin(struct source *source, const struct journal *journal)
{
	return source->follow ? follow_begin(source->follow, journal) : 0;
}

bool source_mark(struct source *source, uint64_t seq)
{
	return !source->follow || follow_mark(source->follow, seq);
}

void source_report_rest(const struct source *source, const struct strlist *held, size_t count)
{
	char name[ESCAPED_NAME], item[ESCAPED];
	struct record first;

	if (!source->options->follow || source->follow || source->reader.fd < 0)
		return;
	size_t rest = count + reader_rest(&source->reader, &first);
	if (count > 0 && held->count > 0)
		first =
		    (struct record){.bytes = strlist_at(held, 0), .kept = strlist_length(held, 0)};
	if (rest > 0)
		message("%s: read and not run, when the run ended: %zu, from '%s' on",
		    escape_name(name, source->options->files.at[0]), rest,
		    escape(item, sizeof item, first.bytes, first.kept));
}

/* --follow: a FIFO that is kept open has no end by itself; a regular file needs more care. */
static void open_followed(struct source *source, int interrupt_fd)
{
	const struct queue_options *options = source->options;
	const char *name = options->files.at[0];
	bool is_stdin = strcmp(name, "-") == 0;
	struct stat status = {.st_mode = S_IFREG};

	if (is_stdin ? fstat(STDIN_FILENO, &status) : stat(name, &status))
		status.st_mode = S_IFREG; /* it will be one */
	if (S_ISREG(status.st_mode)) {
		source->follow = follow_open(
		    &options->growth, source->standard_input, source->limit, interrupt_fd);
		return;
	}
	if (!S_ISFIFO(status.st_mode) || (is_stdin && system_is_unnamed_pipe(STDIN_FILENO)))
		errx(1,
		    "--follow: %s is neither a regular file nor a FIFO with a name: its end is "
		    "the end",
		    is_stdin ? "stdin" : "what -a names");
	if (options->growth.resumes)
		errx(1, "--follow: a FIFO does not keep what was read from it, so that a run of it "
			"cannot be resumed");
	/* At once: who waits for a reader shall not find it gone again. */
	if (open_next(source) == SOURCE_FAILED)
		fail_file("--follow needs the right to write to ", name);
}

/* --shuf: reads everything but what --skip leaves out, and draws an order (Fisher and Yates). */
static void shuffle(struct source *source)
{
	struct strlist *all = &source->shuffled;
	enum source_status status;
	unsigned long long to_skip = source->options->skip;
	size_t length = 0, count = 0;

	source->width = source->list_count + (source->streams ? 1 : 0);
	while ((status = ordered_next(source, all, &length)) == SOURCE_ITEM ||
	       status == SOURCE_INTERRUPTED) {
		if (status == SOURCE_ITEM && to_skip > 0) {
			/* The first as they come, not a random choice. */
			to_skip--;
			strlist_clear(all);
		} else {
			count += status == SOURCE_ITEM;
		}
	}
	if (status == SOURCE_FAILED)
		exit(1);
	source->order = calloc(count + 1, sizeof *source->order);
	if (strlist_failed(all) || !source->order)
		errx(1, "--shuf: the queue does not fit into memory");
	for (size_t i = 0; i < count; i++) {
		/* The 32 bits that the library draws are enough for any queue that fits. */
		size_t other = arc4random_uniform((uint32_t)i + 1);
		source->order[i] = source->order[other];
		source->order[other] = i;
	}
}

/* Reads the header now: the command line needs the names. A signal now simply ends pexec. */
static void open_header(struct source *source)
{
	enum source_status status;

	/* A file without a line names nothing: then the next one does. */
	while (source->names.count == 0 && (status = open_next(source)) != SOURCE_END) {
		while (status != SOURCE_FAILED && source->header_due)
			status = skip_header(source);
		if (status == SOURCE_FAILED)
			fail_file("reading ", source->options->files.at[source->file - 1]);
	}
}

struct source *source_open(const struct queue_options *options, size_t limit, int interrupt_fd)
{
	struct source *source = calloc(1, sizeof *source);

	if (!source)
		err(1, "opening the queue");
	source->options = options;
	source->limit = options->shuffle ? SIZE_MAX : limit;
	source->standard_input = fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
	if (source->standard_input < 0)
		err(1, "stdin");
	source->interrupt_fd = -1; /* until the run begins */
	source->reader.fd = -1;
	source->streams = options->files.count > 0;
	source->list_count = options->input_count;
	source->lists = calloc(options->input_count + 1, sizeof *source->lists);
	source->position = calloc(options->input_count + 1, sizeof *source->position);
	if (!source->lists || !source->position)
		err(1, "opening the queue");
	for (size_t i = 0; i < options->files.count; i++)
		check_file(options, options->files.at[i]);
	if (options->follow)
		open_followed(source, interrupt_fd);
	if (options->header && source->streams)
		open_header(source);
	for (size_t i = 0; i < options->input_count; i++)
		load_list(source, &options->inputs[i], &source->lists[i]);
	if (options->shuffle)
		shuffle(source);
	source->interrupt_fd = source->reader.interrupt_fd = interrupt_fd;
	source->fetch = fetch_open(options, interrupt_fd);
	return source;
}

struct fetch *source_fetch(const struct source *source)
{
	return source->fetch;
}

void source_run_command(struct source *source)
{
	int fd = fetch_start(source->fetch);

	source->last_seen = false;
	strlist_clear(&source->fetched);
	source->fetched_count = source->fetched_length = 0;
	if (fd >= 0)
		reader_open(&source->reader, fd, source->interrupt_fd, source->options->delimiter,
		    source->limit);
}

void source_finish(struct source *source, bool patience)
{
	if (!source->fetch || !fetch_is_running(source->fetch))
		return;
	fetch_stop(source->fetch, patience ? source->options->grace_ms : 0);
	/* What has come is at hand: nothing is waited for. */
	source->reader.waits = false;
	if (source->options->next && source->reader.fd >= 0)
		read_single(source);
	reader_close(&source->reader);
}

const struct strlist *source_names(const struct source *source)
{
	return &source->names;
}

void source_close(struct source *source)
{
	if (source->follow)
		follow_close(source->follow);
	reader_free(&source->reader);
	close(source->standard_input);
	for (size_t i = 0; i < source->list_count; i++)
		strlist_free(&source->lists[i]);
	strlist_free(&source->outer);
	strlist_free(&source->shuffled);
	strlist_free(&source->names);
	strlist_free(&source->fetched);
	fetch_free(source->fetch);
	free(source->lists);
	free(source->position);
	free(source->order);
	free(source);
}
