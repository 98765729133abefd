/*
 * path: names of files that stay valid when the run changes its working directory.
 *
 * A run may move to another directory (--chdir, --daemon); a relative name that the user typed is
 * relative to the directory where it was typed.
 */
#ifndef PEXEC_BASE_PATH_H
#define PEXEC_BASE_PATH_H

/*
 * Returns `name` as a path from any working directory: a relative one behind `from`, an absolute
 * path without a slash at its end. With `from` NULL the run does not move, and the name is copied.
 * Returns a new string, or NULL with errno.
 */
char *path_resolve(const char *from, const char *name);

#endif
