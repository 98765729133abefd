#include "base/csv.h"

/* The state behind a byte that neither ends the record nor is wrong where it stands. */
static enum csv_state next_state(enum csv_state state, char byte, char separator)
{
	if (state == CSV_IN_QUOTES)
		return byte == '"' ? CSV_BEHIND_QUOTE : CSV_IN_QUOTES;
	if (byte == '"' && state != CSV_IN_PLAIN_FIELD)
		return CSV_IN_QUOTES;
	return byte == separator ? CSV_FIELD_BEGINS : CSV_IN_PLAIN_FIELD;
}

const char *csv_find_end(enum csv_state *state, const char *bytes, size_t length, char separator)
{
	for (const char *at = bytes; at < bytes + length; at++) {
		if (*at == '\n' && *state != CSV_IN_QUOTES)
			return at;
		*state = next_state(*state, *at, separator);
	}
	return NULL;
}

enum csv_fault csv_check(const char *record, size_t length, char separator, size_t *at)
{
	enum csv_state state = CSV_FIELD_BEGINS;
	size_t opened = 0;

	for (size_t i = 0; i < length; i++) {
		char byte = record[i];
		*at = i + 1;
		if (byte == '"' && state == CSV_IN_PLAIN_FIELD)
			return CSV_STRAY_QUOTE;
		if (state == CSV_BEHIND_QUOTE && byte != '"' && byte != separator)
			return CSV_BEHIND_CLOSING;
		if (byte == '"' && state == CSV_FIELD_BEGINS)
			opened = i + 1;
		state = next_state(state, byte, separator);
	}
	*at = opened;
	return state == CSV_IN_QUOTES ? CSV_NOT_CLOSED : CSV_WHOLE;
}

const char *csv_fault_text(enum csv_fault fault)
{
	switch (fault) {
	case CSV_WHOLE:
		break;
	case CSV_NOT_CLOSED:
		return "a quote is not closed";
	case CSV_STRAY_QUOTE:
		return "a quote in a field that does not begin with one";
	case CSV_BEHIND_CLOSING:
		return "a field goes on behind its closing quote";
	}
	return "it is whole";
}

bool csv_next_field(const char **at, const char *end, char separator, struct strlist *field)
{
	enum csv_state state = CSV_FIELD_BEGINS;
	bool more = false;

	for (; *at < end && !more; ++*at) {
		char byte = **at;
		enum csv_state before = state;
		state = next_state(state, byte, separator);
		more = state == CSV_FIELD_BEGINS;
		/* Quotes around a field are none of its bytes, nor is the first one of two. */
		bool is_mark =
		    byte == '"' && (before == CSV_FIELD_BEGINS || state == CSV_BEHIND_QUOTE);
		if (!more && !is_mark)
			strlist_append(field, *at, 1);
	}
	return more;
}
