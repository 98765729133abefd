#include "base/shard_name.h"

#include <inttypes.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char mark[] = "{shard}";
static const size_t mark_length = sizeof mark - 1;

/* The bytes of the place that a text begins with; 0: it begins with none. */
static size_t place_at(const char *text, bool stars)
{
	if (strncmp(text, mark, mark_length) == 0)
		return mark_length;
	return stars && *text == '*' ? 1 : 0;
}

bool shard_name_has_place(const char *name, bool stars)
{
	for (; *name; name++)
		if (place_at(name, stars) > 0)
			return true;
	return false;
}

/* Copies the name with `by` in each place, and a backslash before each of the bytes `special`. */
static char *copy(const char *name, const char *by, bool stars, const char *special)
{
	size_t each = strlen(by) > 2 ? strlen(by) : 2;
	char *made = malloc(strlen(name) * each + 1), *to = made;

	while (made && *name) {
		size_t place = place_at(name, stars);
		if (place > 0) {
			to = stpcpy(to, by);
			name += place;
			continue;
		}
		if (strchr(special, *name))
			*to++ = '\\';
		*to++ = *name++;
	}
	if (made)
		*to = '\0';
	return made;
}

char *shard_name_fill(const char *name, uint64_t part, bool stars)
{
	char number[24];

	snprintf(number, sizeof number, "%" PRIu64, part);
	return copy(name, number, stars, "");
}

char *shard_name_pattern(const char *name)
{
	return copy(name, "*", true, "?[\\");
}

bool shard_name_fits(const char *name, const char *found)
{
	for (; *name; name++, found++) {
		if (*name == '*') {
			while (*found && !shard_name_fits(name + 1, found))
				found++;
			return shard_name_fits(name + 1, found);
		}
		if (place_at(name, false) > 0) {
			size_t digits = strspn(found, "0123456789");
			while (digits > 0 && !shard_name_fits(name + mark_length, found + digits))
				digits--;
			return digits > 0;
		}
		if (*name != *found)
			return false;
	}
	return *found == '\0';
}
