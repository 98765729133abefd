#include "record/results_files.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/hash.h"
#include "base/io.h"
#include "base/path.h"

/* The files, in the order of `streams`, and the number. */
enum { FILE_STDOUT, FILE_SEQ = 2, FILES };
static const char *const names_in_folder[FILES] = {"stdout", "stderr", "seq"};
static const char *const endings[FILES] = {"", ".err", ".seq"};

/*
 * A name that is too long for the file system is cut, and ends in a hash of all of it: values that
 * begin alike have files of their own.
 */
static void cut_name(struct strlist *path, size_t begin)
{
	char end[24];
	size_t length = path->used - begin;

	if (length <= NAME_MAX || strlist_failed(path))
		return;
	uint64_t hash = hash_add(HASH_BEGIN, path->bytes + begin, length);
	int bytes = snprintf(end, sizeof end, "~%016" PRIx64, hash);
	path->used = begin + NAME_MAX - (size_t)bytes;
	strlist_append(path, end, (size_t)bytes);
}

/* Adds a value as it stands in a path. */
static void append_value(const char *bytes, size_t length, struct strlist *path)
{
	size_t begin = path->used;
	static const char special[] = "\\\t/", shown[] = "\\t_";
	bool is_dots = length > 0 && length < 3 && strncmp(bytes, "..", length) == 0;

	/* What stands for a folder is no name for one. */
	if (is_dots)
		strlist_append(path, "\\", 1);
	for (size_t i = 0; i < length; i++) {
		const char *at = bytes[i] ? strchr(special, bytes[i]) : NULL;
		if (at)
			strlist_append(path, (char[]){'\\', shown[at - special]}, 2);
		else
			strlist_append(path, bytes + i, 1);
	}
	cut_name(path, begin);
}

/* Adds the name of a column, or its number. */
static void append_name(const struct results_files *files, size_t column, struct strlist *path)
{
	char digits[24];

	if (column < files->names->count) {
		append_value(
		    strlist_at(files->names, column), strlist_length(files->names, column), path);
		return;
	}
	int length = snprintf(digits, sizeof digits, "%zu", column + 1);
	strlist_append(path, digits, (size_t)length);
}

void results_files_place(
    const struct results_files *files, const struct job_record *record, struct strlist *path)
{
	if (!files->folder) {
		const char *name = strlist_at(&record->results_name, 0);
		strlist_append(path, name, strlen(name));
		return;
	}
	strlist_append(path, files->folder, strlen(files->folder));
	for (size_t i = 0; i < record->columns->count; i++) {
		strlist_append(path, "/", 1);
		/* Each item of a batch begins anew. */
		append_name(files, record->item_columns ? i % record->item_columns : i, path);
		strlist_append(path, "/", 1);
		append_value(
		    strlist_at(record->columns, i), strlist_length(record->columns, i), path);
	}
	strlist_append(path, "/", 1);
}

/* Adds the path of one of the files to an empty string. */
static void append_path(const struct results_files *files, const struct job_record *record,
    size_t file, struct strlist *path)
{
	results_files_place(files, record, path);
	bool in_folder = path->used > 0 && path->bytes[path->used - 1] == '/';
	const char *rest = in_folder ? names_in_folder[file] : endings[file];
	strlist_append(path, rest, strlen(rest));
}

void results_files_name_stdout(
    const struct results_files *files, const struct job_record *record, struct strlist *path)
{
	append_path(files, record, FILE_STDOUT, path);
}

/* The path of one of the files, a new string; NULL without memory. */
static char *file_path(
    const struct results_files *files, const struct job_record *record, size_t file)
{
	struct strlist path = {0};

	append_path(files, record, file, &path);
	strlist_end(&path);
	char *name = strlist_failed(&path) ? NULL : strdup(strlist_at(&path, 0));
	strlist_free(&path);
	return name;
}

bool results_files_are_there(const struct results_files *files, const struct job_record *record)
{
	char *name = file_path(files, record, FILE_SEQ);
	bool found = name && access(name, F_OK) == 0;

	free(name);
	return found;
}

/* Opens one of the files to write it anew. Returns its descriptor, or -1 with errno. */
static int open_file(
    const struct results_files *files, const struct job_record *record, size_t file)
{
	char *name = file_path(files, record, file);

	if (!name) {
		errno = ENOMEM;
		return -1;
	}
	char *slash = file == 0 ? strrchr(name, '/') : NULL;
	if (slash) {
		*slash = '\0';
		path_make_folders(name);
		*slash = '/';
	}
	int guard = path_guard(name);
	int opened =
	    guard < 0 ? -1 : open(name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | guard, 0666);
	int error = errno;
	free(name);
	errno = error;
	return opened;
}

static int write_seq(const struct results_files *files, const struct job_record *record)
{
	char digits[24];
	int length = snprintf(digits, sizeof digits, "%" PRIu64, record->seq);
	int file = open_file(files, record, FILE_SEQ);

	if (file < 0)
		return -1;
	int result = io_write(file, digits, (size_t)length), error = errno;
	if (close(file) != 0 && result == 0)
		return -1;
	errno = error;
	return result;
}

int results_files_begin(
    const struct results_files *files, const struct job_record *record, struct job_output *output)
{
	for (size_t i = 0; i < (files->stdout_alone ? 1 : 2); i++) {
		int *copy = &output->streams[i].copy;
		if (*copy < 0)
			*copy = open_file(files, record, i);
		if (*copy < 0)
			return -1;
	}
	return files->stdout_alone ? 0 : write_seq(files, record);
}
