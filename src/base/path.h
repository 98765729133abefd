/*
 * path: names of files that stay valid when the run changes its working directory, and are safe to
 * open.
 *
 * A run may move to another directory (--chdir, --daemon); a relative name that the user typed is
 * relative to the directory where it was typed.
 */
#ifndef PEXEC_BASE_PATH_H
#define PEXEC_BASE_PATH_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/stat.h>

/*
 * Returns `name` as a path from any working directory: a relative one behind `from`, an absolute
 * path without a slash at its end. With `from` NULL the run does not move, and the name is copied.
 * Returns a new string, or NULL with errno.
 */
char *path_resolve(const char *from, const char *name);

/* Makes a folder and those above it that are missing. Failures are seen when it is used. */
void path_make_folders(const char *name);

/* The last part of a path; `*length` is that without slashes at the end. */
const char *path_last(const char *name, size_t *length);

/* The folder that a file is in, a new string that ends in "."; NULL without memory. */
char *path_folder(const char *name);

/* Looks at the folder that a file is in, as stat(2); the file need not be there. */
int path_stat_folder(const char *name, struct stat *status);

/*
 * The flag with which a file is to be opened for writing: O_NOFOLLOW, or 0. In a folder of another
 * user than ours and root, or where everybody may put files (/tmp), somebody else could have put a
 * link, to a file that only we may write, or a file that he goes on to read, lock or change.
 * Returns -1 with errno EPERM when it is a link that belongs neither to us nor to root, or a file
 * that belongs neither to them nor to the owner of the folder. The kernel has a weaker rule in
 * fs.protected_symlinks and fs.protected_regular of proc(5), where these are on.
 */
int path_guard(const char *name);

/* Is this a name of our standard input: "-", or one of those that the system has for it? Opened by
 * that name later, it would be what standard input is by then. */
bool path_is_stdin(const char *name);

#endif
