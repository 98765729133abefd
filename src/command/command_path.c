#include "command/command_path.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/path.h"

/* Can this file be executed? Returns false with errno when not. */
static bool is_executable(const char *path)
{
	struct stat status;

	if (stat(path, &status) != 0)
		return false;
	if (S_ISDIR(status.st_mode)) {
		errno = EISDIR;
		return false;
	}
	if (!S_ISREG(status.st_mode)) {
		errno = EACCES;
		return false;
	}
	return access(path, X_OK) == 0;
}

/*
 * Returns the path of command `name` in a directory if it can be executed, or NULL with errno.
 * `length` is that of the directory's name; 0: `name` is the path.
 */
static char *find_in(const char *directory, size_t length, const char *name, const char *from)
{
	char *path;

	if (asprintf(&path, "%.*s%s%s", (int)length, directory, length ? "/" : "", name) < 0)
		return NULL;
	char *found = path_resolve(from, path);
	free(path);
	if (!found || is_executable(found))
		return found;
	int error = errno;
	free(found);
	errno = error;
	return NULL;
}

char *command_path(const char *name, const char *from)
{
	const char *path = getenv("PATH");
	int error = ENOENT;

	if (strchr(name, '/'))
		return find_in("", 0, name, from);
	for (const char *at = path ? path : "/bin:/usr/bin"; at && *name;) {
		size_t length = strcspn(at, ":");
		/* An empty entry of PATH is the working directory. */
		char *found = find_in(at, length, name, from);
		if (found)
			return found;
		if (errno != ENOENT && errno != ENOTDIR)
			error = errno;
		at = at[length] ? at + length + 1 : NULL;
	}
	errno = error;
	return NULL;
}
