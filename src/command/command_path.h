/*
 * command_path: finds the file that a command's name stands for.
 */
#ifndef PEXEC_COMMAND_COMMAND_PATH_H
#define PEXEC_COMMAND_COMMAND_PATH_H

/*
 * Finds a command as execvp(3) would: in PATH unless its name has a slash. What is relative, is so
 * to the directory `from`; NULL: the working directory. Returns its path, to be freed, or NULL with
 * errno (ENOENT: not found; EACCES: not executable; EISDIR: a directory).
 */
char *command_path(const char *name, const char *from);

#endif
