#include "queue/claim_file.h"

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

#include "base/escape.h"
#include "base/io.h"
#include "base/message.h"
#include "base/path.h"
#include "base/system_range_lock.h"

static const char heading[] = "pexec share 1\n";

/* The longest line: a word and three numbers. */
enum { MOST_LINE = 80 };

/*
 * What is locked lies far behind the end of the file: the file itself; a byte for each part, its
 * place; and another one for each run that is alive.
 */
static const struct file_range whole = {.at = INT64_C(1) << 60, .length = 1};
static const off_t first_place = INT64_C(1) << 61, first_life = INT64_C(1) << 62;

/* More parts than any cluster has processes: so many have a byte. */
static const uint64_t most_parts = UINT64_C(1) << 40;

static struct file_range place_of(uint64_t part)
{
	return (struct file_range){.at = first_place + (off_t)part, .length = 1};
}

static struct file_range life_of(uint64_t part)
{
	return (struct file_range){.at = first_life + (off_t)part, .length = 1};
}

/* --- lines --- */

/* A line, taken apart. */
struct claim_line {
	enum { LINE_BEGUN, LINE_PART, LINE_TAKE, LINE_END, LINE_NONE } kind;
	uint64_t id;              /* LINE_BEGUN: the time */
	uint64_t part;            /* LINE_PART */
	struct claim_range range; /* LINE_TAKE */
};

/* Reads a word, and as many numbers as it has behind it, each with a blank before it. */
static bool read_words(const char *text, const char *word, uint64_t *numbers, int count)
{
	size_t length = strlen(word);
	char *end;

	if (strncmp(text, word, length) != 0)
		return false;
	text += length;
	for (int i = 0; i < count; i++, text = end) {
		if (text[0] != ' ' || text[1] < '0' || text[1] > '9')
			return false;
		errno = 0;
		numbers[i] = strtoumax(text + 1, &end, 10);
		if (errno != 0)
			return false;
	}
	return *text == '\0';
}

static struct claim_line read_line(const char *text)
{
	uint64_t n[3];

	if (read_words(text, "take", n, 3) && n[1] > 0 && n[1] <= n[2])
		return (struct claim_line){
		    .kind = LINE_TAKE, .id = n[0], .range = {.first = n[1], .last = n[2]}};
	if (read_words(text, "part", n, 2) && n[1] < most_parts)
		return (struct claim_line){.kind = LINE_PART, .id = n[0], .part = n[1]};
	if (read_words(text, "begun", n, 1) && n[0] <= INT64_MAX)
		return (struct claim_line){.kind = LINE_BEGUN, .id = n[0]};
	if (read_words(text, "end", n, 1))
		return (struct claim_line){.kind = LINE_END, .id = n[0]};
	return (struct claim_line){.kind = LINE_NONE};
}

/*
 * Hands the lines from `at` on to `use`, which returns 0 or an error of errno(3): EBADMSG for one
 * that cannot be. Returns where the last whole line ends; or -1 with errno.
 */
static off_t read_lines(const struct claim_file *file, off_t at,
    int (*use)(void *context, const struct claim_line *line), void *context)
{
	char block[IO_BLOCK + 1];
	ssize_t got;

	while ((got = pread(file->fd, block, IO_BLOCK, at)) > 0) {
		char *text = block, *end = block + got, *newline;
		while ((newline = memchr(text, '\n', (size_t)(end - text)))) {
			*newline = '\0';
			const struct claim_line line = read_line(text);
			int error = line.kind == LINE_NONE ? EBADMSG : use(context, &line);
			if (error != 0) {
				errno = error;
				return -1;
			}
			at += newline + 1 - text;
			text = newline + 1;
		}
		/* What is left is the beginning of a line that goes on in the next block, or that a
		 * run which was killed has left. */
		if (text == block)
			break;
	}
	return got < 0 ? -1 : at;
}

/* A run that has come. */
struct claim_run {
	uint64_t part;
	bool ended; /* all that it had taken is done */

	/* as it was found when it was last looked at */
	bool is_dead;  /* its jobs are dead, too */
	bool is_dying; /* it is dead, and its jobs are being killed */
};

/* Makes room for one more element where `count` is a power of two. False without memory. */
static bool has_room(void **elements, size_t count, size_t size)
{
	if (count & (count - 1))
		return true;
	void *more = reallocarray(*elements, count > 0 ? 2 * count : 1, size);
	if (more)
		*elements = more;
	return more != NULL;
}

/* Notes that a run has come, as this part. Returns 0, or an error of errno(3). */
static int note_part(struct claim_file *file, uint64_t part)
{
	if (!has_room((void **)&file->runs, file->ids, sizeof *file->runs))
		return ENOMEM;
	file->runs[file->ids++] = (struct claim_run){.part = part};
	if (part >= file->parts)
		file->parts = part + 1;
	return 0;
}

/* Takes a line into account: what is taken, who has come, and who is through. */
static int note_line(void *context, const struct claim_line *line)
{
	struct claim_file *file = context;

	if (line->kind == LINE_BEGUN) {
		file->begun_s = (int64_t)line->id;
		return 0;
	}
	if (line->kind == LINE_PART)
		return line->id == file->ids ? note_part(file, line->part) : EBADMSG;
	if (line->id >= file->ids)
		return EBADMSG;
	if (line->kind == LINE_END)
		file->runs[line->id].ended = true;
	if (line->kind == LINE_TAKE && line->range.last >= file->next)
		file->next = line->range.last + 1;
	return 0;
}

/* --- reading and adding --- */

/* Says what cannot be done to the file, with the reason in errno. */
static void complain(const struct claim_file *file, const char *doing)
{
	char shown[ESCAPED_NAME];

	escape_name(shown, file->name);
	if (errno == EBADMSG)
		message("--share %s: it is damaged behind byte %lld", shown, (long long)file->seen);
	else if (errno == ESTALE)
		message("--share %s: it has been removed", shown);
	else if (errno == ENOTSUP)
		message("--share %s: this system has no locks that belong to an open file", shown);
	else
		message_errno("--share %s: %s", shown, doing);
}

/*
 * Takes into account what others have added. What a run that was killed has left of a line was
 * taken by none: it is taken off. Returns 0, or -1 with errno: ESTALE where the file has no name
 * any more, so that others make another one.
 */
static int catch_up(struct claim_file *file)
{
	struct stat status;

	if (fstat(file->fd, &status) != 0)
		return -1;
	errno = status.st_nlink == 0 ? ESTALE : EBADMSG;
	if (status.st_nlink == 0 || status.st_size < file->seen)
		return -1;
	off_t end = read_lines(file, file->seen, note_line, file);
	if (end < 0)
		return -1;
	file->seen = end;
	if (fstat(file->fd, &status) != 0)
		return -1;
	errno = EBADMSG;
	if (status.st_size - end >= MOST_LINE)
		return -1;
	return status.st_size > end ? ftruncate(file->fd, end) : 0;
}

/* Adds a text behind all that is there, or nothing. Returns 0, or -1 with errno. */
static int add(struct claim_file *file, const char *text)
{
	size_t length = strlen(text);
	ssize_t written = pwrite(file->fd, text, length, file->seen);

	if (written == (ssize_t)length) {
		file->seen += written;
		return 0;
	}
	int error = written < 0 ? errno : ENOSPC;
	if (written > 0 && ftruncate(file->fd, file->seen) != 0)
		error = errno;
	errno = error;
	return -1;
}

/* Adds a line of a word and numbers. */
static int add_line(struct claim_file *file, const char *word, const uint64_t *numbers, int count)
{
	char line[MOST_LINE];
	int used = snprintf(line, sizeof line, "%s", word);

	for (int i = 0; i < count; i++)
		used += snprintf(line + used, sizeof line - (size_t)used, " %" PRIu64, numbers[i]);
	snprintf(line + used, sizeof line - (size_t)used, "\n");
	return add(file, line);
}

/* --- joining --- */

static _Noreturn void fail(const struct claim_file *file, const char *doing)
{
	complain(file, doing);
	exit(1);
}

static void open_file(struct claim_file *file)
{
	int guard = path_guard(file->name);

	file->fd = guard < 0
		       ? -1
		       : open(file->name, O_RDWR | O_CREAT | O_NOCTTY | O_CLOEXEC | guard, 0666);
	if (file->fd < 0 || system_range_lock(file->fd, whole, true) != 0)
		fail(file, "opening it");
}

/* Looks at what the file begins with; an empty one, or one whose first line was torn, is new. */
static void check_heading(struct claim_file *file)
{
	char begins[sizeof heading], shown[ESCAPED_NAME];
	struct stat status;
	ssize_t got = pread(file->fd, begins, sizeof heading - 1, 0);

	if (got < 0 || fstat(file->fd, &status) != 0)
		fail(file, "reading it");
	if (!S_ISREG(status.st_mode) || memcmp(begins, heading, (size_t)got) != 0)
		errx(1, "--share %s: this is another file", escape_name(shown, file->name));
	file->seen = got == (ssize_t)sizeof heading - 1 ? got : 0;
	file->next = 1;
	file->ids = file->parts = 0;
}

/* Takes all into account that is in the file. */
static void read_all(struct claim_file *file)
{
	check_heading(file);
	if (file->seen > 0 && catch_up(file) != 0)
		fail(file, "reading it");
}

/* Has a run, dead or alive, come as this part? */
static bool was_here(const struct claim_file *file, uint64_t part)
{
	for (uint64_t id = 0; id < file->ids; id++)
		if (file->runs[id].part == part)
			return true;
	return false;
}

/* Has another one a lock from this place on? */
static bool is_any_locked(const struct claim_file *file, off_t at)
{
	const struct file_range range = {.at = at, .length = INT64_C(1) << 60};
	int locked = system_range_is_locked(file->fd, range);

	if (locked < 0)
		fail(file, "locking it");
	return locked;
}

/* Becomes the part, or the lowest one that is free: a new one, unless the run resumes. */
static void take_place(struct claim_file *file, uint64_t part)
{
	char shown[ESCAPED_NAME];
	int result = -1;

	escape_name(shown, file->name);
	for (file->part = part == CLAIM_ANY_PART ? 0 : part;; file->part++) {
		bool may_be =
		    part != CLAIM_ANY_PART || file->resumes || !was_here(file, file->part);
		if (may_be)
			result = system_range_lock(file->fd, place_of(file->part), false);
		if (result == 0)
			return;
		if (may_be && errno != EAGAIN && errno != EACCES)
			fail(file, "locking it");
		if (part != CLAIM_ANY_PART)
			errx(1, "--share %s: another pexec is part %" PRIu64, shown, part);
	}
}

static _Noreturn void refuse_old(const struct claim_file *file)
{
	char shown[ESCAPED_NAME];

	errx(1,
	    "--share %s: it is of a run that is over: --resume goes on from it, and without it "
	    "there is another run",
	    escape_name(shown, file->name));
}

void claim_file_join(struct claim_file *file, const char *name, uint64_t part, bool resumes)
{
	char shown[ESCAPED_NAME];

	*file = (struct claim_file){.name = name, .next = 1, .resumes = resumes};
	open_file(file);
	read_all(file);
	if (file->next > 1 && !resumes && !is_any_locked(file, first_place))
		refuse_old(file);
	take_place(file, part);
	if (!resumes && was_here(file, file->part))
		errx(1,
		    "--share %s: part %" PRIu64 " has been in it before: --resume goes on with it",
		    escape_name(shown, name), file->part);
	claim_file_finish(file);
}

/* Begins the file anew. Returns 0, or -1 with errno. */
static int begin_anew(struct claim_file *file)
{
	uint64_t now_s = (uint64_t)time(NULL);

	file->begun_s = (int64_t)now_s;
	file->seen = 0;
	file->next = 1;
	file->ids = file->parts = 0;
	if (ftruncate(file->fd, 0) != 0 || add(file, heading) != 0)
		return -1;
	return add_line(file, "begun", &now_s, 1);
}

void claim_file_enter(struct claim_file *file)
{
	if (system_range_lock(file->fd, whole, true) != 0)
		fail(file, "locking it");
	/* Another one may have begun it anew since it was joined. */
	read_all(file);
	if (!is_any_locked(file, first_life)) {
		if (file->next > 1 && !file->resumes)
			refuse_old(file);
		if (begin_anew(file) != 0)
			fail(file, "writing it");
	}
	file->id = file->ids;
	errno = note_part(file, file->part);
	if (errno != 0 || add_line(file, "part", (uint64_t[]){file->id, file->part}, 2) != 0)
		fail(file, "writing it");
	if (system_range_lock_process(file->fd, life_of(file->part)) != 0)
		fail(file, "locking it");
	file->is_in = true;
	claim_file_finish(file);
}

/* --- taking --- */

int claim_file_begin(struct claim_file *file)
{
	if (system_range_lock(file->fd, whole, true) != 0) {
		complain(file, "locking it");
		return -1;
	}
	if (catch_up(file) == 0)
		return 0;
	complain(file, "reading it");
	claim_file_finish(file);
	return -1;
}

int claim_file_take(struct claim_file *file, struct claim_range range)
{
	if (add_line(file, "take", (uint64_t[]){file->id, range.first, range.last}, 3) != 0) {
		complain(file, "writing it");
		return -1;
	}
	if (range.last >= file->next)
		file->next = range.last + 1;
	return 0;
}

void claim_file_finish(struct claim_file *file)
{
	/* It cannot fail: the lock is there, and nothing has to be split for it. */
	system_range_unlock(file->fd, whole);
}

/* --- taking over --- */

struct claim_taken {
	struct claim_range range;
	uint64_t id;
	size_t place; /* of its line among those that take */
};

/* All that the file says. */
struct claim_ledger {
	struct claim_taken *taken;
	size_t taken_count;
};

static int enter_line(void *context, const struct claim_line *line)
{
	struct claim_ledger *ledger = context;

	if (line->kind != LINE_TAKE)
		return 0;
	if (!has_room((void **)&ledger->taken, ledger->taken_count, sizeof *ledger->taken))
		return ENOMEM;
	ledger->taken[ledger->taken_count] = (struct claim_taken){
	    .range = line->range, .id = line->id, .place = ledger->taken_count};
	ledger->taken_count++;
	return 0;
}

/* By the first job; the one that was taken last comes first. */
static int compare_taken(const void *one, const void *other)
{
	const struct claim_taken *a = one, *b = other;

	if (a->range.first != b->range.first)
		return a->range.first < b->range.first ? -1 : 1;
	return a->place > b->place ? -1 : 1;
}

/* Is another run this part by now? */
static bool is_replaced(const struct claim_file *file, uint64_t id)
{
	for (uint64_t later = id + 1; later < file->ids; later++)
		if (file->runs[later].part == file->runs[id].part)
			return true;
	return false;
}

/* Finds out what has become of a run. Returns 0, or -1 with errno. */
static int look_at(const struct claim_file *file, uint64_t id)
{
	struct claim_run *run = &file->runs[id];
	int place = 0, life = 0;

	run->is_dead = run->is_dying = false;
	if (run->ended || id == file->id)
		return 0;
	if (!is_replaced(file, id)) {
		life = system_range_is_locked(file->fd, life_of(run->part));
		place = life ? 1 : system_range_is_locked(file->fd, place_of(run->part));
	}
	run->is_dead = place == 0;
	run->is_dying = place > 0 && life == 0;
	return place < 0 || life < 0 ? -1 : 0;
}

enum claim_others claim_file_look_at_others(struct claim_file *file)
{
	enum claim_others found = CLAIM_OTHERS_LIVE;

	for (uint64_t id = 0; id < file->ids; id++) {
		if (look_at(file, id) != 0) {
			complain(file, "looking for what others have left");
			return CLAIM_OTHERS_FAILED;
		}
		if (file->runs[id].is_dead)
			return CLAIM_OTHERS_DEAD;
		if (file->runs[id].is_dying)
			found = CLAIM_OTHERS_DIE;
	}
	return found;
}

/* Finds out which runs are dead. Returns 0, or -1 with errno. */
static int find_dead(const struct claim_file *file)
{
	for (uint64_t id = 0; id < file->ids; id++)
		if (look_at(file, id) != 0)
			return -1;
	return 0;
}

/* Lists the parts: first those that are dead. */
static void list_parts(const struct claim_file *file, struct claim_lost *lost)
{
	for (int pass = 0; pass < 2; pass++) {
		for (uint64_t id = 0; id < file->ids; id++) {
			const struct claim_run *run = &file->runs[id];
			if (run->is_dead == (pass == 0) && run->part != file->part &&
			    (run->is_dead || !is_replaced(file, id)))
				lost->parts[lost->part_count++] = run->part;
		}
		if (pass == 0)
			lost->dead_count = lost->part_count;
	}
}

/* Makes the list of what the dead had taken, as it was taken last. Returns 0, or -1 with errno. */
static int list_lost(
    const struct claim_file *file, struct claim_ledger *ledger, struct claim_lost *lost)
{
	const struct claim_taken *taken = ledger->taken;

	lost->ranges = calloc(ledger->taken_count + 1, sizeof *lost->ranges);
	lost->parts = calloc(file->ids + 1, sizeof *lost->parts);
	if (!lost->ranges || !lost->parts)
		return -1;
	list_parts(file, lost);
	if (ledger->taken_count > 0)
		qsort(ledger->taken, ledger->taken_count, sizeof *taken, compare_taken);
	for (size_t i = 0; i < ledger->taken_count; i++) {
		bool is_older = i > 0 && taken[i].range.first == taken[i - 1].range.first;
		if (!is_older && file->runs[taken[i].id].is_dead)
			lost->ranges[lost->count++] = taken[i].range;
	}
	return 0;
}

/* Writes that this run has it now, and that the dead have nothing more. Returns 0, or -1 with
 * errno. */
static int enter_lost(struct claim_file *file, const struct claim_lost *lost)
{
	for (size_t i = 0; i < lost->count; i++) {
		const struct claim_range *range = &lost->ranges[i];
		if (add_line(file, "take", (uint64_t[]){file->id, range->first, range->last}, 3) !=
		    0)
			return -1;
	}
	for (uint64_t id = 0; id < file->ids; id++) {
		if (!file->runs[id].is_dead)
			continue;
		if (add_line(file, "end", &id, 1) != 0)
			return -1;
		file->runs[id].ended = true;
	}
	return 0;
}

int claim_file_find_lost(struct claim_file *file, struct claim_lost *lost, bool enters)
{
	struct claim_ledger ledger = {0};
	int result = -1;

	*lost = (struct claim_lost){0};
	errno = ENOMEM;
	if (read_lines(file, sizeof heading - 1, enter_line, &ledger) >= 0 &&
	    find_dead(file) == 0 && list_lost(file, &ledger, lost) == 0)
		result = enters ? enter_lost(file, lost) : 0;
	if (result != 0)
		complain(file, "looking for what others have left");
	free(ledger.taken);
	return result;
}

void claim_lost_free(struct claim_lost *lost)
{
	free(lost->ranges);
	free(lost->parts);
	*lost = (struct claim_lost){0};
}

void claim_file_leave(struct claim_file *file, bool done)
{
	if (done && file->is_in && claim_file_begin(file) == 0) {
		if (add_line(file, "end", &file->id, 1) != 0)
			complain(file, "writing it");
		claim_file_finish(file);
	}
	close(file->fd);
	free(file->runs);
}
