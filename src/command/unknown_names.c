#include "command/unknown_names.h"

#include <ctype.h>
#include <err.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/escape.h"

/* Can the byte be in the name of a column? One that is not ASCII is one of a letter. */
static bool is_named(char byte)
{
	unsigned char value = (unsigned char)byte;

	return isalnum(value) || value >= 0x80 || value == '_' || value == '-' || value == ' ';
}

/* The bytes of a placeholder that looks like {name}; 0: it does not. */
static size_t named_length(const char *text)
{
	size_t length = 1;

	if (*text != '{' || !is_named(text[1]) || isdigit((unsigned char)text[1]) ||
	    text[1] == ' ' || text[1] == '-')
		return 0;
	while (is_named(text[length]))
		length++;
	/* The part of the value that is meant: . / // /. */
	length += strspn(text + length, "./");
	return text[length] == '}' ? length + 1 : 0;
}

/* Writes the names, as they are to be typed, as many as fit. */
static const char *list_names(char text[ESCAPED_NAME], const struct strlist *names)
{
	char name[ESCAPED];
	size_t used = 0;

	for (size_t i = 0; i < names->count; i++) {
		escape_item(name, names, i);
		bool fits = used + strlen(name) + sizeof " {} ..." <= ESCAPED_NAME;
		used += (size_t)snprintf(
		    text + used, ESCAPED_NAME - used, fits ? " {%s}" : " ...", name);
		if (!fits)
			break;
	}
	return text;
}

void unknown_names_warn(const struct strlist *names, const char *word, const char *at)
{
	size_t length = names && names->count > 0 ? named_length(at) : 0;
	char shown[ESCAPED], all[ESCAPED_NAME];

	if (length == 0 || (at > word && at[-1] == '$'))
		return;
	warnx("%s is plain text, as no column has this name; these are the names:%s",
	    escape(shown, sizeof shown, at, length), list_names(all, names));
}
