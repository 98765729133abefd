/*
 * place: names of files that hold in any directory.
 *
 * A run may move to another directory (--chdir, --daemon); what the user typed is meant where it
 * was typed.
 */
#ifndef PEXEC_BASE_PATH_H
#define PEXEC_BASE_PATH_H

/*
 * `name` as it is to be used where the working directory may no longer be `from`, an absolute path
 * without a slash at its end; NULL: it still is. Returns a new string, or NULL with errno.
 */
char *path_resolve(const char *from, const char *name);

#endif
