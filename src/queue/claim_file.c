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
#include "base/message.h"
#include "base/path.h"
#include "base/system_range_lock.h"

static const char heading[] = "pexec share 1\n";

/*
 * What is locked lies far behind the end of the file: the file itself; a byte for each part, its
 * place; and another one for each run that is alive.
 */
static const struct file_range whole = {.at = INT64_C(1) << 60, .length = 1};
static const off_t first_place = INT64_C(1) << 61, first_life = INT64_C(1) << 62;

/* How long the place of a part may still be taken by a guardian, and how often it is tried. */
enum { PLACE_WAIT_MS = 1000, PLACE_INTERVAL_MS = 10 };

static struct file_range place_of(uint64_t part)
{
	return (struct file_range){.at = first_place + (off_t)part, .length = 1};
}

static struct file_range life_of(uint64_t part)
{
	return (struct file_range){.at = first_life + (off_t)part, .length = 1};
}

bool claim_has_room(void **elements, size_t count, size_t size)
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
	if (!claim_has_room((void **)&file->runs, file->ids, sizeof *file->runs))
		return ENOMEM;
	file->runs[file->ids++] = (struct claim_run){.part = part};
	return 0;
}

/* Takes a line into account: what is taken, who has come, and who is through. */
static int note_line(void *context, const struct claim_line *line)
{
	struct claim_file *file = context;

	if (line->kind == LINE_BEGUN) {
		file->begun_s = line->begun_s;
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

void claim_file_complain(const struct claim_file *file, const char *doing)
{
	char shown[ESCAPED_NAME];

	escape_name(shown, file->name);
	if (errno == EBADMSG)
		message("--share %s: it is damaged behind byte %lld", shown, (long long)file->seen);
	else if (errno == ESTALE)
		message("--share %s: it has been removed, or has another name now", shown);
	else if (errno == ENOTSUP)
		message("--share %s: this system has no locks that belong to an open file", shown);
	else
		message_errno("--share %s: %s", shown, doing);
}

/*
 * Takes into account what others have added. What a run that was killed has left of a line was
 * taken by none: it is taken off. Returns 0, or -1 with errno: ESTALE where the file has its name
 * no more, so that others go by another one.
 */
static int catch_up(struct claim_file *file)
{
	struct stat status, named;

	if (fstat(file->fd, &status) != 0)
		return -1;
	bool is_named = stat(file->path, &named) == 0 && named.st_dev == status.st_dev &&
			named.st_ino == status.st_ino;
	errno = is_named ? EBADMSG : ESTALE;
	if (!is_named || status.st_size < file->seen)
		return -1;
	off_t end = claim_lines_read(file->fd, file->seen, note_line, file);
	if (end < 0)
		return -1;
	file->seen = end;
	if (fstat(file->fd, &status) != 0)
		return -1;
	errno = EBADMSG;
	if (status.st_size - end >= CLAIM_MOST_LINE)
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

int claim_file_add(struct claim_file *file, const char *word, const uint64_t *numbers, int count)
{
	char line[CLAIM_MOST_LINE];
	int used = snprintf(line, sizeof line, "%s", word);

	for (int i = 0; i < count; i++)
		used += snprintf(line + used, sizeof line - (size_t)used, " %" PRIu64, numbers[i]);
	snprintf(line + used, sizeof line - (size_t)used, "\n");
	return add(file, line);
}

off_t claim_file_first_line(void)
{
	return sizeof heading - 1;
}

/* --- who has come --- */

uint64_t claim_file_active(const struct claim_file *file)
{
	uint64_t active = 0;

	for (uint64_t id = 0; id < file->ids; id++)
		active += !file->runs[id].ended;
	return active;
}

bool claim_file_is_replaced(const struct claim_file *file, uint64_t id)
{
	for (uint64_t later = id + 1; later < file->ids; later++)
		if (file->runs[later].part == file->runs[id].part)
			return true;
	return false;
}

int claim_file_look_at(struct claim_file *file, uint64_t id)
{
	struct claim_run *run = &file->runs[id];

	run->is_dead = run->is_dying = false;
	if (run->ended || (file->is_in && id == file->id))
		return 0;
	if (claim_file_is_replaced(file, id)) {
		run->is_dead = true;
		return 0;
	}
	int life = system_range_is_locked(file->fd, life_of(run->part));
	if (life != 0)
		return life < 0 ? -1 : 0;
	int place = system_range_is_locked(file->fd, place_of(run->part));
	run->is_dead = place == 0;
	run->is_dying = place > 0;
	return place < 0 ? -1 : 0;
}

/* --- joining --- */

static _Noreturn void fail(const struct claim_file *file, const char *doing)
{
	claim_file_complain(file, doing);
	exit(1);
}

static void open_file(struct claim_file *file)
{
	char *here = getcwd(NULL, 0);
	int guard = path_guard(file->name);

	file->path = here ? path_resolve(here, file->name) : NULL;
	free(here);
	if (!file->path)
		err(1, "--share");

	file->fd = guard < 0
		       ? -1
		       : open(file->name, O_RDWR | O_CREAT | O_NOCTTY | O_CLOEXEC | guard, 0666);
	if (file->fd < 0)
		fail(file, "opening it");
}

static void lock_file(struct claim_file *file)
{
	if (system_range_lock(file->fd, whole, true) != 0)
		fail(file, "locking it");
}

/* Takes nothing of the file into account any more. */
static void forget(struct claim_file *file)
{
	file->seen = 0;
	file->next = 1;
	file->ids = 0;
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
	forget(file);
	file->seen = got == (ssize_t)sizeof heading - 1 ? got : 0;
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

/* Nothing tells that a lock is free, but to wait for it without an end. */
static void wait_a_moment(void)
{
	static const struct timespec interval = {.tv_nsec = PLACE_INTERVAL_MS * 1000000L};

	nanosleep(&interval, NULL);
}

/* Takes the place of the part. Returns whether it was free. */
static bool take_place(struct claim_file *file, uint64_t part)
{
	file->part = part;
	errno = EINVAL;
	if (part >= CLAIM_MOST_PARTS)
		fail(file, "so many parts are too many");
	if (system_range_lock(file->fd, place_of(part), false) == 0)
		return true;
	if (errno != EAGAIN && errno != EACCES)
		fail(file, "locking it");
	return false;
}

/* Becomes the part. When a run was killed that was, its guardian has the place until the jobs are
 * dead: that is waited for. */
static void become_part(struct claim_file *file, uint64_t part)
{
	char shown[ESCAPED_NAME];

	for (int waited = 0; !take_place(file, part); waited += PLACE_INTERVAL_MS) {
		if (waited >= PLACE_WAIT_MS)
			errx(1, "--share %s: another pexec is part %" PRIu64,
			    escape_name(shown, file->name), part);
		wait_a_moment();
	}
}

/* Becomes the lowest part that is free: one that was never there, unless the run resumes. */
static void become_any_part(struct claim_file *file)
{
	uint64_t part = 0;

	while ((!file->resumes && was_here(file, part)) || !take_place(file, part))
		part++;
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

	*file = (struct claim_file){.name = name, .resumes = resumes};
	open_file(file);
	if (part != CLAIM_ANY_PART)
		become_part(file, part);
	lock_file(file);
	read_all(file);
	if (file->next > 1 && !resumes && !is_any_locked(file, first_place))
		refuse_old(file);
	if (part == CLAIM_ANY_PART)
		become_any_part(file);
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
	forget(file);
	if (ftruncate(file->fd, 0) != 0 || add(file, heading) != 0)
		return -1;
	return claim_file_add(file, "begun", &now_s, 1);
}

/* Is a run dead that is in the file, and its jobs may not be? Or it has come anew, just now. */
static bool is_any_dying(struct claim_file *file)
{
	for (uint64_t id = 0; id < file->ids; id++)
		if (claim_file_look_at(file, id) == 0 && file->runs[id].is_dying)
			return true;
	return false;
}

/* Locks the file, and reads all that is in it, once all jobs of runs that were killed are dead. */
static void lock_when_dead(struct claim_file *file)
{
	for (int waited = 0;; waited += PLACE_INTERVAL_MS) {
		lock_file(file);
		/* Another one may have begun it anew since it was joined. */
		read_all(file);
		if (waited >= PLACE_WAIT_MS || !is_any_dying(file))
			return;
		claim_file_finish(file);
		wait_a_moment();
	}
}

void claim_file_enter(struct claim_file *file)
{
	lock_when_dead(file);
	if (!is_any_locked(file, first_life)) {
		if (file->next > 1 && !file->resumes)
			refuse_old(file);
		if (begin_anew(file) != 0)
			fail(file, "writing it");
	}
	if (system_range_lock_process(file->fd, life_of(file->part)) != 0)
		fail(file, "locking it");
	file->id = file->ids;
	errno = note_part(file, file->part);
	if (errno != 0 || claim_file_add(file, "part", (uint64_t[]){file->id, file->part}, 2) != 0)
		fail(file, "writing it");
	file->is_in = true;
	claim_file_finish(file);
}

/* --- taking --- */

int claim_file_begin(struct claim_file *file)
{
	if (system_range_lock(file->fd, whole, true) != 0) {
		claim_file_complain(file, "locking it");
		return -1;
	}
	if (catch_up(file) == 0)
		return 0;
	claim_file_complain(file, "reading it");
	claim_file_finish(file);
	return -1;
}

int claim_file_take(struct claim_file *file, struct claim_range range)
{
	if (claim_file_add(file, "take", (uint64_t[]){file->id, range.first, range.last}, 3) != 0) {
		claim_file_complain(file, "writing it");
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

void claim_file_leave(struct claim_file *file, bool done)
{
	if (done && file->is_in && claim_file_begin(file) == 0) {
		if (claim_file_add(file, "end", &file->id, 1) != 0)
			claim_file_complain(file, "writing it");
		claim_file_finish(file);
	}
	close(file->fd);
	free(file->runs);
	free(file->path);
}
