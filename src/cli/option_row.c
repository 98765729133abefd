#include "cli/option_row.h"

#include <assert.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "cli/option_types.h"

size_t option_name_count(const struct option_table *table)
{
	assert(OPTION_NAMES * table->count <= MOST_OPTION_NAMES);
	return OPTION_NAMES * table->count;
}

const struct option_name *option_name_at(
    const struct option_table *table, size_t index, const struct option_row **row)
{
	size_t other = index % OPTION_NAMES;

	*row = &table->rows[index / OPTION_NAMES];
	const struct option_name *name = other == 0 ? &(*row)->name : &(*row)->also[other - 1];
	return name->name || name->letter ? name : NULL;
}

int option_getopt_value(const struct option_table *table, size_t index)
{
	const struct option_row *row;
	const struct option_name *name = option_name_at(table, index, &row);

	return name && name->letter ? name->letter : UCHAR_MAX + 1 + (int)index;
}

const struct option_name *option_by_getopt(
    const struct option_table *table, int value, const struct option_row **row)
{
	const struct option_row *found;

	for (size_t i = 0; i < option_name_count(table); i++) {
		const struct option_name *name = option_name_at(table, i, &found);
		if (name && option_getopt_value(table, i) == value) {
			if (row)
				*row = found;
			return name;
		}
	}
	return NULL;
}

const struct option_row *option_find(const struct option_table *table, const char *name)
{
	const struct option_row *rows = table->rows;
	size_t i = 0;

	while (i < table->count && (!rows[i].name.name || strcmp(rows[i].name.name, name) != 0))
		i++;
	assert(i < table->count);
	return &rows[i];
}

void *option_field_of(const struct option_row *row, struct options *options)
{
	return row->field.own ? row->field.own : (char *)options + row->field.offset;
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

/* Are these bytes all 0? */
static bool is_zero(const char *bytes, size_t size)
{
	return size == 0 || (*bytes == 0 && memcmp(bytes, bytes + 1, size - 1) == 0);
}

bool option_is_set(
    const struct option_table *table, const struct option_row *row, const struct options *options)
{
	const char *own = row->field.own;
	const char *field = own ? own : (const char *)options + row->field.offset;
	const char *unset = (const char *)table->defaults + row->field.offset;
	char constant[sizeof(long long)];

	/* Of several options with the same field the one is in force that the field tells of. */
	if (row->parse == parse_constant) {
		write_integer(constant, row->field.size, row->constant);
		return memcmp(field, constant, row->field.size) == 0;
	}
	return own ? !is_zero(own, row->field.size) : memcmp(field, unset, row->field.size) != 0;
}

const char *option_spelling(char text[OPTION_SPELLING], const struct option_name *name)
{
	if (name->letter)
		snprintf(text, OPTION_SPELLING, "-%c", name->letter);
	else
		snprintf(text, OPTION_SPELLING, "--%s", name->name);
	return text;
}
