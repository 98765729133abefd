#include "base/path.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

char *path_resolve(const char *from, const char *name)
{
	char *path;

	if (!from || *name == '/')
		return strdup(name);
	return asprintf(&path, "%s/%s", from, name) < 0 ? NULL : path;
}

void path_make_folders(const char *name)
{
	char *path = strdup(name);

	for (char *slash = path; path && *slash && (slash = strchr(slash + 1, '/'));) {
		*slash = '\0';
		mkdir(path, 0777);
		*slash = '/';
	}
	mkdir(name, 0777);
	free(path);
}

const char *path_last(const char *name, size_t *length)
{
	size_t end = strlen(name);

	while (end > 1 && name[end - 1] == '/')
		end--;
	size_t begin = end;
	while (begin > 0 && name[begin - 1] != '/')
		begin--;
	*length = end - begin;
	return name + begin;
}

char *path_folder(const char *name)
{
	size_t last_length;
	char *folder;
	int length = (int)(path_last(name, &last_length) - name);

	return asprintf(&folder, "%.*s.", length, name) < 0 ? NULL : folder;
}

int path_stat_folder(const char *name, struct stat *status)
{
	char *folder = path_folder(name);

	if (!folder)
		return -1;
	int result = stat(folder, status), error = errno;
	free(folder);
	errno = error;
	return result;
}

static bool is_trusted(uid_t user)
{
	return user == geteuid() || user == 0;
}

/* May somebody else put files into the folder? Members of its group are no strangers, unless it is
 * a folder like /tmp. */
static bool is_open_to_others(const struct stat *folder)
{
	return !is_trusted(folder->st_uid) || (folder->st_mode & S_IWOTH) ||
	       ((folder->st_mode & S_ISVTX) && (folder->st_mode & S_IWGRP));
}

int path_guard(const char *name)
{
	struct stat folder, file;

	if (path_stat_folder(name, &folder) != 0 || !is_open_to_others(&folder))
		return 0;
	if (lstat(name, &file) != 0)
		return O_NOFOLLOW;
	bool is_link = S_ISLNK(file.st_mode);
	if (is_trusted(file.st_uid) || (!is_link && file.st_uid == folder.st_uid))
		return is_link ? 0 : O_NOFOLLOW;
	errno = EPERM;
	return -1;
}

bool path_is_stdin(const char *name)
{
	static const char *const names[] = {"-", "/dev/stdin", "/dev/fd/0", "/proc/self/fd/0"};

	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (strcmp(name, names[i]) == 0)
			return true;
	return false;
}
