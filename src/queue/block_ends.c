#include "queue/block_ends.h"

#include <string.h>

size_t block_ends_next(const struct block_ends *ends, const char *bytes, size_t length, size_t from)
{
	if (from >= length)
		return BLOCK_ENDS_NONE;
	const char *found = ends->length == 1
				? memchr(bytes + from, *ends->text, length - from)
				: memmem(bytes + from, length - from, ends->text, ends->length);
	return found ? (size_t)(found - bytes) + ends->behind : BLOCK_ENDS_NONE;
}

size_t block_ends_last(const struct block_ends *ends, const char *bytes, size_t length)
{
	while (length >= ends->length) {
		const char *first = memrchr(bytes, *ends->text, length - ends->length + 1);
		if (!first)
			break;
		if (memcmp(first, ends->text, ends->length) == 0)
			return (size_t)(first - bytes) + ends->behind;
		length = (size_t)(first - bytes) + ends->length - 1;
	}
	return BLOCK_ENDS_NONE;
}

size_t block_ends_overlap(const struct block_ends *ends)
{
	return ends->length - 1;
}
