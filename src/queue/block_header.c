#include "queue/block_header.h"

#include <string.h>

/* So many lines, or all that there are. */
static enum block_header_state find_lines(
    unsigned long long lines, const char *bytes, size_t there, bool is_all, size_t *length)
{
	size_t at = 0;

	for (; lines > 0; lines--) {
		const char *newline = memchr(bytes + at, '\n', there - at);
		if (!newline && !is_all)
			return BLOCK_HEADER_GOES_ON;
		at = newline ? (size_t)(newline - bytes) + 1 : there;
	}
	*length = at;
	return BLOCK_HEADER_FOUND;
}

enum block_header_state block_header_find(const struct block_header_rule *rule, const char *bytes,
    size_t there, bool is_all, size_t *length)
{
	regmatch_t match = {.rm_so = 0, .rm_eo = (regoff_t)there};

	*length = 0;
	if (!rule->expression)
		return find_lines(rule->lines, bytes, there, is_all, length);
	if (regexec(rule->expression, bytes, 1, &match, REG_STARTEND) != 0 || match.rm_so != 0)
		return is_all || there == BLOCK_HEADER_MOST ? BLOCK_HEADER_NONE
							    : BLOCK_HEADER_GOES_ON;
	*length = (size_t)match.rm_eo;
	return is_all || *length < there ? BLOCK_HEADER_FOUND : BLOCK_HEADER_GOES_ON;
}
