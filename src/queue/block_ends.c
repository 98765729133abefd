#include "queue/block_ends.h"

#include <string.h>

/* --- texts --- */

static bool next_text(
    const struct block_ends *ends, const struct block_window *window, size_t *from, size_t *end)
{
	const char *begin = window->bytes + *from;
	size_t length = *from < window->length ? window->length - *from : 0;
	const char *found = ends->length == 1 ? memchr(begin, *ends->text, length)
					      : memmem(begin, length, ends->text, ends->length);

	if (!found)
		return false;
	size_t at = (size_t)(found - window->bytes);
	*end = at + ends->behind;
	*from = ends->behind > 0 ? *end : at + 1;
	return true;
}

static size_t last_text(
    const struct block_ends *ends, const struct block_window *window, size_t most)
{
	size_t length = most + ends->length - ends->behind;

	length = length < window->length ? length : window->length;
	while (length >= ends->length) {
		const char *first = memrchr(window->bytes, *ends->text, length - ends->length + 1);
		if (!first)
			break;
		if (memcmp(first, ends->text, ends->length) == 0)
			return (size_t)(first - window->bytes) + ends->behind;
		length = (size_t)(first - window->bytes) + ends->length - 1;
	}
	return BLOCK_ENDS_NONE;
}

/* --- expressions --- */

static bool next_match(
    const struct block_ends *ends, const struct block_window *window, size_t *from, size_t *end)
{
	regmatch_t match[2] = {{.rm_so = (regoff_t)*from, .rm_eo = (regoff_t)window->length}};
	int flags = REG_STARTEND | (window->begins_record ? 0 : REG_NOTBOL);

	if (*from >= window->length ||
	    regexec(ends->expression, window->bytes, 2, match, flags) != 0)
		return false;
	size_t first = (size_t)match[0].rm_so, last = (size_t)match[0].rm_eo;
	if (last == window->length && !window->is_last) {
		/* It may be longer than what is there. */
		*from = first;
		return false;
	}
	*end = ends->place == ENDS_BEFORE_MATCH   ? first
	       : ends->place == ENDS_BEHIND_MATCH ? last
						  : (size_t)match[1].rm_eo;
	*from = *end > first ? *end : first + 1;
	return true;
}

static size_t last_match(
    const struct block_ends *ends, const struct block_window *window, size_t most)
{
	size_t last = BLOCK_ENDS_NONE, end, from = 0;

	while (next_match(ends, window, &from, &end) && end <= most)
		last = end;
	return last;
}

/* --- all of them --- */

bool block_ends_next(
    const struct block_ends *ends, const struct block_window *window, size_t *from, size_t *end)
{
	if (ends->is_each_byte && *from < window->length) {
		*end = ++*from;
		return true;
	}
	if (ends->is_each_byte)
		return false;
	return ends->expression ? next_match(ends, window, from, end)
				: next_text(ends, window, from, end);
}

size_t block_ends_last(
    const struct block_ends *ends, const struct block_window *window, size_t most)
{
	if (ends->is_each_byte)
		return most < window->length ? most : window->length;
	return ends->expression ? last_match(ends, window, most) : last_text(ends, window, most);
}

size_t block_ends_overlap(const struct block_ends *ends)
{
	return ends->expression ? BLOCK_ENDS_MOST : ends->is_each_byte ? 0 : ends->length - 1;
}

size_t block_ends_ahead(const struct block_ends *ends)
{
	return ends->expression ? BLOCK_ENDS_MOST : ends->length - ends->behind;
}
