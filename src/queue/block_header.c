#include "queue/block_header.h"

#include <string.h>

/* So many lines, or all that there are. */
static bool find_lines(
    unsigned long long lines, const char *bytes, size_t there, bool is_all, size_t *length)
{
	size_t at = 0;

	for (; lines > 0; lines--) {
		const char *newline = memchr(bytes + at, '\n', there - at);
		if (!newline && !is_all)
			return false;
		at = newline ? (size_t)(newline - bytes) + 1 : there;
	}
	*length = at;
	return true;
}

bool block_header_find(const struct block_header_rule *rule, const char *bytes, size_t there,
    bool is_all, size_t *length)
{
	regmatch_t match = {.rm_so = 0, .rm_eo = (regoff_t)there};

	*length = 0;
	if (!rule->expression)
		return find_lines(rule->lines, bytes, there, is_all, length);
	if (regexec(rule->expression, bytes, 1, &match, REG_STARTEND) != 0 || match.rm_so != 0)
		return is_all;
	/* With more bytes it may be longer. */
	*length = (size_t)match.rm_eo;
	return is_all || *length < there;
}
