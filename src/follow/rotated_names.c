#include "follow/rotated_names.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

void rotated_names_path(char *path, const char *directory, const char *name)
{
	snprintf(path, PATH_MAX, "%s/%s", directory, name);
}

/* Opens a file if it is the one that is looked for. */
static int open_if(const char *path, ino_t inode, struct stat *status)
{
	if (stat(path, status) != 0 || !S_ISREG(status->st_mode) || status->st_ino != inode)
		return -1;
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (fd >= 0 && (fstat(fd, status) != 0 || status->st_ino != inode)) {
		close(fd);
		fd = -1;
	}
	return fd;
}

int rotated_names_find(
    const char *directory, const char *first, ino_t inode, char *name, struct stat *status)
{
	char path[PATH_MAX];

	strlcpy(name, first, NAME_MAX + 1);
	rotated_names_path(path, directory, name);
	int fd = open_if(path, inode, status);
	DIR *entries = fd < 0 ? opendir(directory) : NULL;
	if (!entries)
		return fd;
	for (struct dirent *entry; fd < 0 && (entry = readdir(entries));) {
		strlcpy(name, entry->d_name, NAME_MAX + 1);
		rotated_names_path(path, directory, name);
		fd = open_if(path, inode, status);
	}
	closedir(entries);
	return fd;
}

/* Is this the name of a rotated file: the base, and a number or a time behind it? */
static bool is_rotated(const char *base, const char *name, bool *packed)
{
	static const char *const endings[] = {"", "gz", "bz2", "xz", "zst", "lz4", "Z"};
	size_t length = strlen(base);

	if (strncmp(name, base, length) != 0)
		return false;
	const char *number = name + length, *end = number + strspn(number, "0123456789.-_:T");
	if (number + strcspn(number, "0123456789") >= end)
		return false;
	for (size_t i = 0; i < sizeof endings / sizeof *endings; i++)
		if (strcmp(end, endings[i]) == 0) {
			*packed = i > 0;
			return true;
		}
	return false;
}

static int compare_times(const struct timespec *one, const struct timespec *other)
{
	if (one->tv_sec != other->tv_sec)
		return one->tv_sec < other->tv_sec ? -1 : 1;
	return (one->tv_nsec > other->tv_nsec) - (one->tv_nsec < other->tv_nsec);
}

/* By the last time that they were written to; when that is the same, that they were renamed. */
static int compare_age(const void *a, const void *b)
{
	const struct rotated *one = a, *other = b;
	int written = compare_times(&one->status.st_mtim, &other->status.st_mtim);

	return written ? written : compare_times(&one->status.st_ctim, &other->status.st_ctim);
}

bool rotated_names_is_ordered(const struct rotated *one, const struct rotated *other)
{
	return compare_age(one, other) != 0;
}

int rotated_names_since(
    const char *directory, const char *base, int64_t since, struct rotated_names *rotation)
{
	DIR *entries = opendir(directory);
	struct rotated file, *files;
	char path[PATH_MAX];
	int result = entries ? 0 : -1;

	*rotation = (struct rotated_names){0};
	for (struct dirent *entry; result == 0 && (entry = readdir(entries));) {
		rotated_names_path(path, directory, entry->d_name);
		if (!is_rotated(base, entry->d_name, &file.packed) ||
		    stat(path, &file.status) != 0 || !S_ISREG(file.status.st_mode) ||
		    file.status.st_size == 0 ||
		    (int64_t)file.status.st_mtim.tv_sec * 1000 +
			    file.status.st_mtim.tv_nsec / 1000000 <
			since)
			continue;
		strlcpy(file.name, entry->d_name, sizeof file.name);
		files = reallocarray(rotation->files, rotation->count + 1, sizeof *files);
		result = files ? 0 : -1;
		if (files) {
			rotation->files = files;
			files[rotation->count++] = file;
		}
	}
	if (entries)
		closedir(entries);
	if (rotation->count > 1)
		qsort(rotation->files, rotation->count, sizeof file, compare_age);
	return result;
}

void rotated_names_free(struct rotated_names *rotation)
{
	free(rotation->files);
}
