#include "queue/split.h"

#include <string.h>

void split_trim(enum trim how, const char **bytes, size_t *length)
{
	static const char space[] = " \t\r\n\v\f";

	while ((how & TRIM_LEFT) && *length > 0 && memchr(space, **bytes, sizeof space - 1))
		++*bytes, --*length;
	while ((how & TRIM_RIGHT) && *length > 0 &&
	       memchr(space, (*bytes)[*length - 1], sizeof space - 1))
		--*length;
}

static void add_column(
    const struct queue_options *options, const char *bytes, size_t length, struct strlist *columns)
{
	split_trim(options->trim, &bytes, &length);
	strlist_add(columns, bytes, length);
}

void split_item(
    const struct queue_options *options, const char *item, size_t length, struct strlist *columns)
{
	const char *at = item, *end = item + length;
	regmatch_t match;

	/* A match of nothing separates nothing: it is passed over, and the search goes on behind
	 * it. */
	for (const char *from = at; options->column_separator && from < end;) {
		if (regexec(
			options->column_separator, from, 1, &match, from > item ? REG_NOTBOL : 0))
			break;
		if (match.rm_eo == match.rm_so) {
			from += match.rm_so + 1;
			continue;
		}
		add_column(options, at, (size_t)(from + match.rm_so - at), columns);
		from = at = from + match.rm_eo;
	}
	add_column(options, at, (size_t)(end - at), columns);
}
