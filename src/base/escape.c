#include "base/escape.h"

#include <string.h>
#include <vis.h>

const char *escape(char *text, size_t size, const char *bytes, size_t length)
{
	size_t most = (size - 4) / 4;
	size_t shown = length < most ? length : most;

	if (strnvisx(text, size, bytes, shown, VIS_CSTYLE | VIS_TAB | VIS_NL | VIS_NOLOCALE) < 0)
		text[0] = '\0';
	if (shown < length)
		strlcat(text, "...", size);
	return text;
}

const char *escape_name(char text[ESCAPED_NAME], const char *name)
{
	return escape(text, ESCAPED_NAME, name, strlen(name));
}

const char *escape_item(char text[ESCAPED], const struct strlist *list, size_t index)
{
	text[0] = '\0';
	if (index >= list->count)
		return text;
	return escape(text, ESCAPED, strlist_at(list, index), strlist_length(list, index));
}
