/*
 * words: a list of byte strings in one growing buffer, reused from job to job.
 *
 * Items, columns and argument vectors are all lists of strings that live as long as a job. Kept in
 * one buffer they cost no allocation once the buffer has grown to the size that the queue needs.
 *
 * Running out of memory is remembered (strlist_failed), so that code that builds a list reads
 * straight on and asks once, at the end. Every word is followed by a NUL that its length does not
 * count; a word may contain NULs of its own.
 */
#ifndef PEXEC_BASE_STRLIST_H
#define PEXEC_BASE_STRLIST_H

#include <stdbool.h>
#include <stddef.h>

/* Words that somebody else owns, of the command line mostly. */
struct strings {
	char **at;
	size_t count;
};

struct strlist {
	char *bytes;   /* all words, each with its NUL */
	size_t used;   /* bytes in use */
	size_t room;   /* bytes allocated */
	size_t *start; /* start[i] is where word i begins; start[count] is where the next will */
	size_t count;  /* words in the list */
	size_t marks;  /* entries allocated in start */
	bool failed;   /* memory ran out since the last strlist_clear */
};

/* Makes the list empty and keeps its memory. A list that is all zero bytes is a valid empty one. */
void strlist_clear(struct strlist *words);

/* Gives the list's memory back; it is empty and usable afterwards. */
void strlist_free(struct strlist *words);

/* Adds a whole word. */
void strlist_add(struct strlist *words, const char *bytes, size_t length);

/* Adds bytes to the word that is being made; strlist_end completes it. */
void strlist_append(struct strlist *words, const char *bytes, size_t length);
void strlist_end(struct strlist *words);

/* Removes the last `count` words. */
void strlist_drop(struct strlist *words, size_t count);

/* Did memory run out? Then removes the words behind the first `count`, and returns false. */
bool strlist_keep(struct strlist *words, size_t count);

/* Word `index`, NUL-terminated; valid until the list grows. */
char *strlist_at(const struct strlist *words, size_t index);

/* The length of word `index` in bytes, without its NUL. */
size_t strlist_length(const struct strlist *words, size_t index);

/* Did memory run out since the list was last cleared? The list is then incomplete. */
bool strlist_failed(const struct strlist *words);

#endif
