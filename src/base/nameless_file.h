/*
 * nameless_file: files without a name, of which nothing is left however pexec ends.
 *
 * All are close-on-exec. Any thread may call these.
 */
#ifndef PEXEC_BASE_NAMELESS_FILE_H
#define PEXEC_BASE_NAMELESS_FILE_H

/*
 * Opens one in `folder`, for reading and writing. Returns its descriptor, or -1 with errno. `*left`
 * is NULL, or the name that it has and that could not be taken away: the caller says so and frees
 * it.
 */
int nameless_file(const char *folder, char **left);

/* The same in memory (HAVE_MEMFD). -1 with ENOSYS: this system has none. */
int nameless_file_in_memory(void);

/* Nobody can change what is in a file in memory from now on. */
void nameless_file_seal(int file);

/* Opens such a file anew, to be read from its beginning on. Returns a descriptor, or -1 with errno.
 */
int nameless_file_again(int file);

#endif
