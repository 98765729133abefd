/*
 * command_path: finds the file of a command.
 */
#ifndef PEXEC_COMMAND_COMMAND_PATH_H
#define PEXEC_COMMAND_COMMAND_PATH_H

/*
 * Finds a command as execvp(3) would: in PATH unless its name has a slash. Relative names and
 * entries of PATH are relative to the directory `from`; NULL: to the working directory. Returns its
 * path, to be freed, or NULL with errno (ENOENT: not found; EACCES: not executable; EISDIR: a
 * directory).
 */
char *command_path(const char *name, const char *from);

#endif
