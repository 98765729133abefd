#include "record/report_page.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <libutil.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/io.h"
#include "base/path.h"
#include "record/report_parts.h"

/* --- the template --- */

static const struct {
	const char *name;
	void (*put)(struct page *page);
} parts[] = {
    {"title", page_put_title},
    {"verdict", page_put_verdict},
    {"facts", page_put_facts},
    {"tiles", page_put_tiles},
    {"notes", page_put_notes},
    {"running", page_put_running},
    {"histogram", page_put_histogram},
    {"quantiles", page_put_quantiles},
    {"over-time", page_put_over_time},
    {"slowest", page_put_slowest},
    {"failures", page_put_failures},
    {"data", page_put_data},
    {"maker", page_put_maker},
};

static void put_part(struct page *page, const char *name, size_t length)
{
	for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
		if (strlen(parts[i].name) == length && memcmp(parts[i].name, name, length) == 0) {
			parts[i].put(page);
			return;
		}
	assert(!"the template has a name that is no part");
}

static void put_page(struct page *page)
{
	const char *at = report_template, *mark;

	while ((mark = strstr(at, "%%"))) {
		const char *name = mark + 2, *end = strstr(name, "%%");
		assert(end);
		fwrite(at, 1, (size_t)(mark - at), page->stream);
		put_part(page, name, (size_t)(end - name));
		at = end + 2;
	}
	fputs(at, page->stream);
}

/* --- the file --- */

/*
 * Opens a file beside the page, empty, by a name that the caller frees: always the same one, so
 * that a run that was killed leaves no more than that. It is locked: two runs do not write to it at
 * once. Returns its descriptor, or -1 with errno.
 */
static int open_beside(const char *path, char **name)
{
	if (asprintf(name, "%s.new", path) < 0) {
		errno = ENOMEM;
		return -1;
	}
	int guard = path_guard(*name);
	int fd = guard < 0
		     ? -1
		     : flopen(*name, O_WRONLY | O_CREAT | O_TRUNC | O_NONBLOCK | O_CLOEXEC | guard,
			   0666);
	int error = errno;
	/* It may have been made, and not locked. */
	if (guard >= 0 && fd < 0 && error != EWOULDBLOCK)
		unlink(*name);
	if (fd < 0)
		free(*name);
	errno = error;
	return fd;
}

/* Where a page goes: where a link leads, to a file or to where there is none yet. NULL with errno.
 */
static char *target_of(const char *path)
{
	struct stat status;
	int guard = path_guard(path);

	if (guard < 0)
		return NULL;
	if (stat(path, &status) != 0)
		return strdup(path);
	if (S_ISREG(status.st_mode))
		return guard ? strdup(path) : realpath(path, NULL);
	errno = S_ISDIR(status.st_mode) ? EISDIR : EINVAL;
	return NULL;
}

/* Fills the file of `fd`, and closes it. Returns 0, or -1 with errno. */
static int fill(struct page *page, int fd)
{
	page->stream = fdopen(fd, "w");
	if (!page->stream) {
		close(fd);
		return -1;
	}
	setvbuf(page->stream, NULL, _IOFBF, IO_BLOCK);
	errno = 0;
	put_page(page);
	/* What could not be written is still in the buffer: trying again tells why. */
	bool failed = fflush(page->stream) != 0 || ferror(page->stream) != 0;
	int error = errno ? errno : EIO;
	/* Some file systems say only now that there was no room. */
	if (fclose(page->stream) == 0 && !failed)
		return 0;
	if (failed)
		errno = error;
	return -1;
}

/* Writes the page to a file of another name, and renames that. */
static int replace(struct page *page, const char *target)
{
	char *name;
	int fd = open_beside(target, &name);

	if (fd < 0)
		return -1;
	/* The file is locked until it has its name. */
	int lock = fcntl(fd, F_DUPFD_CLOEXEC, 0);
	int result = fill(page, fd);
	if (result == 0)
		result = rename(name, target);
	int error = errno;
	if (lock >= 0)
		close(lock);
	if (result != 0)
		unlink(name);
	free(name);
	errno = error;
	return result;
}

int report_page_write(const char *path, const struct report_facts *facts,
    const struct report_rows *rows, const struct report_sample *samples, size_t sample_count)
{
	struct page page = {
	    .facts = facts, .rows = rows, .samples = samples, .sample_count = sample_count};
	char *target = target_of(path);

	if (!target)
		return -1;
	int result = -1;
	if (report_figures_make(&page.figures, rows))
		result = replace(&page, target);
	int error = errno;
	free(target);
	errno = error;
	return result;
}

int report_page_try(const char *path)
{
	char *target = target_of(path), *folder = target ? path_folder(target) : NULL;
	int result = folder ? faccessat(AT_FDCWD, folder, W_OK | X_OK, AT_EACCESS) : -1;
	int error = errno;

	free(target);
	free(folder);
	errno = error;
	return result;
}
