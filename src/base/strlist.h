/*
 * strlist: a list of byte strings in one growing buffer, reused from job to job.
 *
 * Items, columns and argument vectors are lists of strings that live as long as a job. In one
 * buffer they cost no allocation once the buffer has grown to the size that the queue needs.
 *
 * Running out of memory is remembered (strlist_failed), so that code that builds a list checks once
 * at the end. Every string is followed by a NUL that its length does not count; a string may
 * contain NULs.
 */
#ifndef PEXEC_BASE_STRLIST_H
#define PEXEC_BASE_STRLIST_H

#include <stdbool.h>
#include <stddef.h>

/* An array of strings that it does not own, mostly words of the command line. */
struct strings {
	char **at;
	size_t count;
};

/* A list that is all zero bytes is a valid empty one. */
struct strlist {
	char *bytes;   /* all strings, each with its NUL */
	size_t used;   /* bytes in use */
	size_t room;   /* bytes allocated */
	size_t *start; /* start[i] is where string i begins, start[count] where the next will */
	size_t count;  /* strings in the list */
	size_t marks;  /* entries allocated in start */
	bool failed;   /* memory ran out since the last strlist_clear */
};

/* Makes the list empty and keeps its memory. */
void strlist_clear(struct strlist *list);

/* Frees the list's memory; the list is empty and usable afterwards. */
void strlist_free(struct strlist *list);

/* Adds a string to the list. */
void strlist_add(struct strlist *list, const char *bytes, size_t length);

/* Adds bytes to the string that is being made; strlist_end adds that string to the list. */
void strlist_append(struct strlist *list, const char *bytes, size_t length);

/* Adds the string that strlist_append has made to the list. */
void strlist_end(struct strlist *list);

/* Removes the last `count` strings. */
void strlist_drop(struct strlist *list, size_t count);

/*
 * Checks a list to which strings were added behind the first `count`. When memory ran out, removes
 * these, clears the failure and returns false.
 */
bool strlist_keep(struct strlist *list, size_t count);

/* String `index`, NUL-terminated; valid until the list grows. */
char *strlist_at(const struct strlist *list, size_t index);

/* The length of string `index` in bytes, without its NUL. */
size_t strlist_length(const struct strlist *list, size_t index);

/* Did memory run out since the list was last cleared? The list is then incomplete. */
bool strlist_failed(const struct strlist *list);

#endif
