#include "queue/claim_line.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>

#include "base/digits.h"
#include "base/io.h"

/* Reads a word, and as many numbers as it has behind it, each with a blank before it. */
static bool read_words(const char *text, const char *word, uint64_t *numbers, int count)
{
	size_t length = strlen(word);

	if (strncmp(text, word, length) != 0)
		return false;
	text += length;
	for (int i = 0; i < count; i++)
		if (*text != ' ' || !(text = digits_read(text + 1, &numbers[i])))
			return false;
	return *text == '\0';
}

/* Takes a line apart. */
static struct claim_line read_line(const char *text)
{
	uint64_t n[3];

	if (read_words(text, "take", n, 3) && n[1] > 0 && n[1] <= n[2])
		return (struct claim_line){
		    .kind = LINE_TAKE, .id = n[0], .range = {.first = n[1], .last = n[2]}};
	if (read_words(text, "part", n, 2) && n[1] < CLAIM_MOST_PARTS)
		return (struct claim_line){.kind = LINE_PART, .id = n[0], .part = n[1]};
	if (read_words(text, "begun", n, 1))
		return (struct claim_line){.kind = LINE_BEGUN, .begun_s = (int64_t)n[0]};
	if (read_words(text, "end", n, 1))
		return (struct claim_line){.kind = LINE_END, .id = n[0]};
	return (struct claim_line){.kind = LINE_NONE};
}

off_t claim_lines_read(int fd, off_t at, claim_use *use, void *context)
{
	char block[IO_BLOCK + 1];
	ssize_t got;

	while ((got = pread(fd, block, IO_BLOCK, at)) > 0) {
		char *text = block, *end = block + got, *newline;
		while ((newline = memchr(text, '\n', (size_t)(end - text)))) {
			*newline = '\0';
			const struct claim_line line = read_line(text);
			int error = line.kind == LINE_NONE ? EBADMSG : use(context, &line);
			if (error != 0) {
				errno = error;
				return -1;
			}
			at += newline + 1 - text;
			text = newline + 1;
		}
		/* What is left is the beginning of a line that goes on in the next block, or that a
		 * run which was killed has left. */
		if (text == block)
			break;
	}
	return got < 0 ? -1 : at;
}
