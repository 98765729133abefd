#include "cli/option_row.h"

#include <assert.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "cli/option_table.h"
#include "cli/option_types.h"

size_t option_name_count(void)
{
	assert(2 * option_row_count <= MOST_OPTION_NAMES);
	return 2 * option_row_count;
}

const struct option_name *option_name_at(size_t index, const struct option_row **row)
{
	*row = &option_rows[index / 2];
	const struct option_name *name = index % 2 == 0 ? &(*row)->name : &(*row)->also;
	return name->name ? name : NULL;
}

int option_getopt_value(size_t index)
{
	const struct option_row *row;
	const struct option_name *name = option_name_at(index, &row);

	return name && name->letter ? name->letter : UCHAR_MAX + 1 + (int)index;
}

const struct option_name *option_by_getopt(int value, const struct option_row **row)
{
	const struct option_row *found;

	for (size_t i = 0; i < option_name_count(); i++) {
		const struct option_name *name = option_name_at(i, &found);
		if (name && option_getopt_value(i) == value) {
			if (row)
				*row = found;
			return name;
		}
	}
	return NULL;
}

const struct option_row *option_find(const char *name)
{
	size_t i = 0;

	while (i < option_row_count && strcmp(option_rows[i].name.name, name) != 0)
		i++;
	assert(i < option_row_count);
	return &option_rows[i];
}

void *option_field_of(const struct option_row *row, struct options *options)
{
	return (char *)options + row->field.offset;
}

/* Writes an integer of `size` bytes. Only its bits count, so that it may be of either sign. */
static void write_integer(void *to, size_t size, long long value)
{
	if (size == sizeof(char))
		*(char *)to = (char)value;
	else if (size == sizeof(int))
		memcpy(to, &(int){(int)value}, sizeof(int));
	else
		memcpy(to, &value, sizeof value);
}

void option_store(const struct option_row *row, struct options *options, long long value)
{
	assert(row->field.size == sizeof(char) || row->field.size == sizeof(int) ||
	       row->field.size == sizeof value);
	write_integer(option_field_of(row, options), row->field.size, value);
}

bool option_is_set(const struct option_row *row, const struct options *options)
{
	const char *field = (const char *)options + row->field.offset;
	const char *unset = (const char *)&option_defaults + row->field.offset;
	char constant[sizeof(long long)];

	/* Of several options with the same field the one is in force that the field tells of. */
	if (row->parse == parse_constant) {
		write_integer(constant, row->field.size, row->constant);
		return memcmp(field, constant, row->field.size) == 0;
	}
	return memcmp(field, unset, row->field.size) != 0;
}

const char *option_spelling(char text[OPTION_SPELLING], const struct option_name *name)
{
	if (name->letter)
		snprintf(text, OPTION_SPELLING, "-%c", name->letter);
	else
		snprintf(text, OPTION_SPELLING, "--%s", name->name);
	return text;
}
