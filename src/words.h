/*
 * words: a list of byte strings in one growing buffer, reused from job to job.
 *
 * Items, columns and argument vectors are all lists of strings that live as long as a job. Kept in
 * one buffer they cost no allocation once the buffer has grown to the size that the queue needs.
 *
 * Running out of memory is remembered (words_failed), so that code that builds a list reads
 * straight on and asks once, at the end. Every word is followed by a NUL that its length does not
 * count; a word may contain NULs of its own.
 */
#ifndef PEXEC_WORDS_H
#define PEXEC_WORDS_H

#include <stdbool.h>
#include <stddef.h>

struct words {
	char *bytes;   /* all words, each with its NUL */
	size_t used;   /* bytes in use */
	size_t room;   /* bytes allocated */
	size_t *start; /* start[i] is where word i begins; start[count] is where the next will */
	size_t count;  /* words in the list */
	size_t marks;  /* entries allocated in start */
	bool failed;   /* memory ran out since the last words_clear */
};

/* Makes the list empty and keeps its memory. A list that is all zero bytes is a valid empty one. */
void words_clear(struct words *words);

/* Gives the list's memory back; it is empty and usable afterwards. */
void words_free(struct words *words);

/* Adds a whole word. */
void words_add(struct words *words, const char *bytes, size_t length);

/* Adds bytes to the word that is being made; words_end completes it. */
void words_append(struct words *words, const char *bytes, size_t length);
void words_end(struct words *words);

/* Removes the last `count` words. */
void words_drop(struct words *words, size_t count);

/* Word `index`, NUL-terminated; valid until the list grows. */
char *words_at(const struct words *words, size_t index);

/* The length of word `index` in bytes, without its NUL. */
size_t words_length(const struct words *words, size_t index);

/* Did memory run out since the list was last cleared? The list is then incomplete. */
bool words_failed(const struct words *words);

#endif
