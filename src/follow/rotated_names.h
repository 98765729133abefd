/*
 * rotation: the files in a directory that have had the same name, one after the other.
 *
 * What rotates a file gives it a number or a time behind its name, or any other name. Here a
 * file is found again by its inode, and those are found that had the name in between.
 */
#ifndef PEXEC_FOLLOW_ROTATED_NAMES_H
#define PEXEC_FOLLOW_ROTATED_NAMES_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>
#include <sys/types.h>

/* A path in a directory; `path` has PATH_MAX bytes. */
void rotated_names_path(char *path, const char *directory, const char *name);

/*
 * Opens the regular file with this inode, by whatever name it has in the directory, that one first.
 * Fills in `name`, of NAME_MAX + 1 bytes, and `status`. Returns the descriptor, -1 when there is no
 * such file.
 */
int rotated_names_find(
    const char *directory, const char *first, ino_t inode, char *name, struct stat *status);

/* A rotated file. */
struct rotated {
	char name[NAME_MAX + 1];
	struct stat status;
	bool packed; /* compressed */
};

struct rotated_names {
	struct rotated *files; /* in the order in which they were written to at last */
	size_t count;
};

/*
 * Finds the files that were rotated away from the name `base` and were written to at `since`, in ms
 * since 1970, or later. Empty ones do not count. Returns 0, or -1 with errno.
 */
int rotated_names_since(
    const char *directory, const char *base, int64_t since, struct rotated_names *rotation);

/* Can it be told of two files in which order they had the name? */
bool rotated_names_is_ordered(const struct rotated *one, const struct rotated *other);

void rotated_names_free(struct rotated_names *rotation);

#endif
