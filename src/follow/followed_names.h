/*
 * followed_names: which files a followed name has stood for, and what changes of names mean.
 *
 * The list has the files that are read, the oldest first, and those that wait to be opened. The
 * last one that is open is the newest: the one that the name stands for. The others are old; what
 * has one open may still write to it. For the thread that reads.
 */
#ifndef PEXEC_FOLLOW_FOLLOWED_NAMES_H
#define PEXEC_FOLLOW_FOLLOWED_NAMES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>

#include "base/escape.h"
#include "follow/followed_file.h"
#include "follow/fs_watch.h"

/* A second half of a rename, or the end of a writer, may be told so many ms after the fact. */
enum { FOLLOWED_RECHECK_MS = 20 };

struct followed_names {
	char shown[ESCAPED_NAME]; /* the name, for messages */
	char *directory;          /* absolute: the working directory may become another one */
	const char *base;         /* the name in it; NULL: standard input is followed */
	int standard_input;       /* the descriptor that it is copied from */
	char delimiter;           /* ends a record */
	size_t limit;             /* bytes of a record that are kept */
	struct fs_watch watch;
	struct followed_files files;
	bool polls_name;    /* the system does not tell what the name stands for */
	bool said_why;      /* it was said that what the name stands for cannot be read */
	bool needs_recheck; /* an old file may have lost its writers a moment ago */
};

/*
 * Begins to watch `name`, which is kept; "-" is standard input, the descriptor `standard_input`.
 * Opens no file yet. Exits with status 1 and a message when its directory cannot be found.
 */
void followed_names_open(struct followed_names *names, const char *name, int standard_input,
    char delimiter, size_t limit);

/* Closes all files, and frees what belongs to the list. */
void followed_names_close(struct followed_names *names);

/* Copies the descriptor of standard input. Exits with status 1 and a message on failure. */
int followed_names_copy_input(const struct followed_names *names, struct stat *status);

/* Adds a file that waits to be opened, by this name; NULL: it has none. Returns NULL, with errno,
 * without memory. */
struct followed_file *followed_names_add(struct followed_names *names, const char *name);

/* Takes a file off the list, closes and frees it. */
void followed_names_drop(struct followed_names *names, struct followed_file *file);

/*
 * Gives a file of the list its descriptor, which is read from `file->offset` on. If it is the last
 * one that is open it is the newest, and the one that was that becomes an old one.
 */
void followed_names_attach(
    struct followed_names *names, struct followed_file *file, int fd, const struct stat *status);

/* The name stands again for a file of the list: that one is the newest once more. */
void followed_names_make_newest(struct followed_names *names, struct followed_file *file);

/* The newest file that is open; NULL: none is. */
struct followed_file *followed_names_newest(struct followed_names *names);

/* The file of the list with this inode; NULL: there is none. */
struct followed_file *followed_names_find_inode(const struct followed_names *names, uint64_t inode);

/*
 * Takes in what was told of names, or looks where that is not told, and opens what the name has
 * come to stand for. A file that was opened is_unrecorded. What goes wrong is said.
 */
void followed_names_look(struct followed_names *names);

#endif
