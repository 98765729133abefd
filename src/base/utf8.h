/*
 * utf8: characters beyond ASCII that can be shown as they are.
 *
 * Whether text is UTF-8 is told by the environment, as setlocale(3) goes by it. That is not called:
 * the locale of a program also changes what isalnum(3) and regular expressions take for a
 * character, and items are bytes; and it would read files at each start.
 */
#ifndef PEXEC_BASE_UTF8_H
#define PEXEC_BASE_UTF8_H

#include <stdbool.h>
#include <stddef.h>

/* A character has at most so many bytes. */
enum { UTF8_MOST = 4 };

/* Do LC_ALL, LC_CTYPE or LANG, the first of them that is set, ask for UTF-8? */
bool utf8_is_asked_for(void);

/*
 * The length in bytes of the character that `bytes` begin with, when it is a whole one beyond ASCII
 * and can be printed; else 0.
 *
 * Not printed are control characters; what has no width, or changes the direction of what stands
 * beside it, so that a name looks like another one (Default_Ignorable_Code_Point of Unicode 15,
 * and controls of format, line and paragraph); and what is no character.
 */
size_t utf8_printable(const char *bytes, size_t length);

/*
 * The number of bytes, `most` or up to three fewer, after which `bytes` can be cut without cutting
 * through a character that can be printed. `length` is that of all bytes, at least `most`.
 */
size_t utf8_cut(const char *bytes, size_t length, size_t most);

/* How many bytes stand before a character whose end has not come yet; `length`: there is none. */
size_t utf8_whole(const char *bytes, size_t length);

#endif
