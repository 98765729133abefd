#include "output/tag.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "base/console.h"
#include "base/io.h"

/* Where tagged lines are put together: what goes out in one write. */
enum { TAGGED_BYTES = IO_BLOCK };

/* Copies bytes. Lines and tags are short: calls of memcpy would take as long as all the rest. */
static void copy_short(char *to, const char *from, size_t length)
{
	uint64_t first, last;

	if (length < sizeof first || length > 2 * sizeof first) {
		memcpy(to, from, length);
		return;
	}
	memcpy(&first, from, sizeof first);
	memcpy(&last, from + length - sizeof last, sizeof last);
	memcpy(to, &first, sizeof first);
	memcpy(to + length - sizeof last, &last, sizeof last);
}

int tag_write(void *target, const char *bytes, size_t length)
{
	struct stream *stream = ((const struct tag_target *)target)->stream;
	char buffer[TAGGED_BYTES];
	size_t used = 0;

	for (const char *end = bytes + length; bytes < end;) {
		const char *newline = memchr(bytes, '\n', (size_t)(end - bytes));
		size_t part = (size_t)((newline ? newline + 1 : end) - bytes);
		size_t tag = stream->tagged_line ? 0 : stream->tag_length;
		bool fits = part <= sizeof buffer && tag <= sizeof buffer - part;
		if (!fits || tag + part > sizeof buffer - used) {
			if (console_write(stream->target, buffer, used) != 0)
				return -1;
			used = 0;
		}
		if (fits) {
			copy_short(buffer + used, stream->tag, tag);
			copy_short(buffer + used + tag, bytes, part);
			used += tag + part;
		} else if (console_write(stream->target, stream->tag, tag) != 0 ||
			   console_write(stream->target, bytes, part) != 0) {
			return -1;
		}
		stream->tagged_line = newline == NULL;
		bytes += part;
	}
	return console_write(stream->target, buffer, used);
}
