#include "queue/split.h"

#include <err.h>
#include <string.h>

#include "base/csv.h"
#include "base/escape.h"

bool split_is_on(const struct queue_options *options)
{
	return options->csv || options->column_separator;
}

void split_trim(enum trim how, const char **bytes, size_t *length)
{
	static const char space[] = " \t\r\n\v\f";

	while ((how & TRIM_LEFT) && *length > 0 && memchr(space, **bytes, sizeof space - 1))
		++*bytes, --*length;
	while ((how & TRIM_RIGHT) && *length > 0 &&
	       memchr(space, (*bytes)[*length - 1], sizeof space - 1))
		--*length;
}

/*
 * Finds the next separator in an item from `*column` on. Sets `*column` to where the column before
 * it ends, and `*next` to where the next one begins. Returns false when there is none. An empty
 * match is no separator.
 */
static bool find_separator(const regex_t *separator, const char *item, const char *end,
    const char **column, const char **next)
{
	regmatch_t match;

	for (const char *from = *column; separator && from < end; from += match.rm_so + 1) {
		if (regexec(separator, from, 1, &match, from > item ? REG_NOTBOL : 0) != 0)
			return false;
		if (match.rm_eo > match.rm_so) {
			*column = from + match.rm_so;
			*next = from + match.rm_eo;
			return true;
		}
	}
	return false;
}

/* Adds the fields of a record of CSV. */
static void split_csv(
    const struct queue_options *options, const char *item, size_t length, struct strlist *columns)
{
	const char *end = item + length;
	struct strlist field = {0};

	for (bool more = true; more && !strlist_failed(&field);) {
		strlist_clear(&field);
		more = csv_next_field(&item, end, options->csv_separator, &field);
		strlist_end(&field);
		if (strlist_failed(&field))
			break;
		const char *bytes = strlist_at(&field, 0);
		size_t kept = strlist_length(&field, 0);
		split_trim(options->trim, &bytes, &kept);
		strlist_add(columns, bytes, kept);
	}
	columns->failed |= strlist_failed(&field);
	strlist_free(&field);
}

void split_header(
    const struct queue_options *options, const char *header, size_t length, struct strlist *names)
{
	char shown[ESCAPED];
	size_t at;
	enum csv_fault fault =
	    options->csv ? csv_check(header, length, options->csv_separator, &at) : CSV_WHOLE;

	if (fault != CSV_WHOLE)
		errx(1, "the header (%s), byte %zu: %s",
		    escape(shown, sizeof shown, header, length), at, csv_fault_text(fault));
	split_item(options, header, length, names);
}

void split_item(
    const struct queue_options *options, const char *item, size_t length, struct strlist *columns)
{
	if (options->csv) {
		split_csv(options, item, length, columns);
		return;
	}
	const char *end = item + length, *begin = item, *next = item;

	for (bool more = true; more; begin = next) {
		const char *stop = begin;
		more = find_separator(options->column_separator, item, end, &stop, &next);
		size_t bytes = (size_t)((more ? stop : end) - begin);
		split_trim(options->trim, &begin, &bytes);
		strlist_add(columns, begin, bytes);
	}
}

void split_items(
    const struct queue_options *options, const struct strlist *items, struct strlist *columns)
{
	for (size_t i = 0; i < items->count; i++)
		split_item(options, strlist_at(items, i), strlist_length(items, i), columns);
}
