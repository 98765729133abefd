#include "command/value_change.h"

#include <ctype.h>
#include <err.h>
#include <regex.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/escape.h"

/* What is done. The names are those of the braces; X is an expression, T a text. */
enum kind {
	KIND_EXTENSIONS,      /* .. ... /.. /...: without so many extensions */
	KIND_LAST_EXTENSIONS, /* +. +.. +...: these alone */
	KIND_FOLDER,          /* +/: up to the last slash */
	KIND_DEFAULT,         /* :-T */
	KIND_FROM,            /* :N */
	KIND_PIECE,           /* :N:N */
	KIND_PREFIX_SHORT,    /* #X */
	KIND_PREFIX,          /* ##X */
	KIND_SUFFIX_SHORT,    /* %X */
	KIND_SUFFIX,          /* %%X */
	KIND_FIRST,           /* /X/T, and with ^X or X$ for /#X/T and /%X/T */
	KIND_ALL,             /* //X/T */
	KIND_UPPER,           /* ^X, ^^X */
	KIND_UPPER_ALL,
	KIND_LOWER, /* ,X ,,X */
	KIND_LOWER_ALL
};

struct value_change {
	struct value_change *next; /* of all that there are */
	char *text;                /* that it was read from */
	enum kind kind;
	unsigned extensions;
	bool base;           /* without the folder first */
	size_t first, count; /* bytes */
	char *with;          /* what comes in the place of what was found */
	regex_t expression;
};

/* --- reading --- */

static char *copy(const char *text, size_t length)
{
	char *to = strndup(text, length);

	if (!to)
		err(1, "reading the command");
	return to;
}

/* Compiles an expression with something before and behind it. */
static void compile(struct value_change *change, const char *before, const char *text,
    size_t length, const char *behind)
{
	char *expression, reason[128], shown[ESCAPED_NAME];

	if (asprintf(&expression, "%s(%.*s)%s", before, (int)length, text, behind) < 0)
		err(1, "reading the command");
	int error = regcomp(&change->expression, expression, REG_EXTENDED);
	if (error != 0) {
		regerror(error, &change->expression, reason, sizeof reason);
		errx(1, "{%s}: %s", escape_name(shown, change->text), reason);
	}
	free(expression);
}

/* Reads .. and the like. */
static bool read_extensions(struct value_change *change, const char *text)
{
	bool last = *text == '+';

	change->base = *text == '/';
	text += last || change->base;
	change->extensions = (unsigned)strlen(text);
	change->kind = last ? KIND_LAST_EXTENSIONS : KIND_EXTENSIONS;
	return change->extensions >= (last ? 1 : 2) && change->extensions <= 3 &&
	       strspn(text, ".") == change->extensions;
}

/* Reads :-T, :N and :N:N. */
static bool read_piece(struct value_change *change, const char *text)
{
	char *end;

	if (text[0] != ':')
		return false;
	if (text[1] == '-' && text[2]) {
		change->kind = KIND_DEFAULT;
		change->with = copy(text + 2, strlen(text + 2));
		return true;
	}
	if (!isdigit((unsigned char)text[1]))
		return false;
	change->first = strtoul(text + 1, &end, 10);
	change->kind = *end ? KIND_PIECE : KIND_FROM;
	if (*end == ':' && isdigit((unsigned char)end[1]))
		change->count = strtoul(end + 1, &end, 10);
	return *end == '\0';
}

/* Reads /X/T and the like: `text` is behind the first slash. */
static bool read_replacement(struct value_change *change, const char *text)
{
	const char *before = "", *behind = "";

	change->kind = KIND_FIRST;
	if (*text == '/')
		change->kind = KIND_ALL;
	else if (*text == '#')
		before = "^";
	else if (*text == '%')
		behind = "$";
	text += change->kind == KIND_ALL || *before || *behind;
	const char *slash = *text ? strchr(text + 1, '/') : NULL;
	if (!slash)
		return false;
	compile(change, before, text, (size_t)(slash - text), behind);
	change->with = copy(slash + 1, strlen(slash + 1));
	return true;
}

/* Reads a mark, or two of them, and an expression. */
static bool read_marked(struct value_change *change, const char *text)
{
	static const struct {
		char mark;
		enum kind one, two;
		const char *before, *behind; /* of two */
	} marks[] = {{'#', KIND_PREFIX_SHORT, KIND_PREFIX, "^", ""},
	    {'%', KIND_SUFFIX_SHORT, KIND_SUFFIX, "", "$"},
	    {'^', KIND_UPPER, KIND_UPPER_ALL, "", ""}, {',', KIND_LOWER, KIND_LOWER_ALL, "", ""}};

	for (size_t i = 0; i < sizeof marks / sizeof *marks; i++) {
		/* {^^}: the second one is the expression. {##} is another placeholder. */
		bool two = text[1] == marks[i].mark && text[2];
		const char *rest = text + 1 + two;
		if (*text != marks[i].mark || *rest == '\0')
			continue;
		bool whole = !two && i < 2;
		change->kind = two ? marks[i].two : marks[i].one;
		compile(change, two ? marks[i].before : "^", rest, strlen(rest),
		    two     ? marks[i].behind
		    : whole ? "$"
			    : "");
		return true;
	}
	return false;
}

static bool read_change(struct value_change *change)
{
	const char *text = change->text;

	if (strcmp(text, "+/") == 0) {
		change->kind = KIND_FOLDER;
		return true;
	}
	return read_extensions(change, text) || read_piece(change, text) ||
	       read_marked(change, text) ||
	       (*text == '/' && text[1] && read_replacement(change, text + 1));
}

const struct value_change *value_change_read(const char *text, size_t length)
{
	static struct value_change *all;
	struct value_change *change;

	for (change = all; change; change = change->next)
		if (strlen(change->text) == length && memcmp(change->text, text, length) == 0)
			return change;
	change = calloc(1, sizeof *change);
	if (!change)
		err(1, "reading the command");
	change->text = copy(text, length);
	if (!read_change(change)) {
		free(change->text);
		free(change);
		return NULL;
	}
	change->next = all;
	all = change;
	return change;
}

/* --- changing --- */

/* Where the last extensions of a value begin, so many of them; its length when it has not as many.
 */
static size_t extensions_at(const char *value, size_t length, unsigned count)
{
	const char *slash = strrchr(value, '/'), *at = value + length;

	for (; count > 0; count--) {
		size_t rest = (size_t)(at - (slash ? slash + 1 : value));
		at = memrchr(slash ? slash + 1 : value, '.', rest);
		if (!at)
			return length;
	}
	return (size_t)(at - value);
}

static void append_extensions(
    const struct value_change *change, const char *value, size_t length, struct strlist *to)
{
	size_t at = extensions_at(value, length, change->extensions);
	const char *slash = change->base ? strrchr(value, '/') : NULL;

	if (change->kind == KIND_EXTENSIONS) {
		const char *from = slash ? slash + 1 : value;
		strlist_append(to, from, (size_t)(value + at - from));
	} else if (at < length) {
		strlist_append(to, value + at + 1, length - at - 1);
	}
}

/* Adds what was found, in large letters or small ones. */
static void append_case(bool upper, const char *bytes, size_t length, struct strlist *to)
{
	for (size_t i = 0; i < length; i++) {
		unsigned char byte = (unsigned char)bytes[i];
		char changed = (char)(upper ? toupper(byte) : tolower(byte));
		strlist_append(to, &changed, 1);
	}
}

/* Adds the value with something else in the place of what is found, once or as often as it is. */
static void append_found(const struct value_change *change, const char *value, struct strlist *to)
{
	enum kind kind = change->kind;
	bool upper = kind == KIND_UPPER || kind == KIND_UPPER_ALL;
	bool all = kind == KIND_ALL || kind == KIND_UPPER_ALL || kind == KIND_LOWER_ALL;
	const char *at = value;
	regmatch_t match;

	while (regexec(&change->expression, at, 1, &match, at > value ? REG_NOTBOL : 0) == 0) {
		const char *found = at + match.rm_so;
		size_t length = (size_t)(match.rm_eo - match.rm_so);
		strlist_append(to, at, (size_t)match.rm_so);
		if (kind == KIND_FIRST || kind == KIND_ALL)
			strlist_append(to, change->with, strlen(change->with));
		else if (kind != KIND_PREFIX && kind != KIND_SUFFIX)
			append_case(upper, found, length, to);
		at += match.rm_eo;
		if (length == 0 && *at)
			strlist_append(to, at++, 1);
		if (!all || *at == '\0')
			break;
	}
	strlist_append(to, at, strlen(at));
}

/* Adds the value without the shortest beginning, or end, that the expression is. */
static void append_shortest(
    const struct value_change *change, char *value, size_t length, struct strlist *to)
{
	bool is_prefix = change->kind == KIND_PREFIX_SHORT;

	for (size_t cut = 0; cut <= length; cut++) {
		char *border = is_prefix ? value + cut : value + length - cut, kept = *border;
		if (is_prefix)
			*border = '\0';
		bool found =
		    regexec(&change->expression, is_prefix ? value : border, 0, NULL, 0) == 0;
		*border = kept;
		if (!found)
			continue;
		strlist_append(to, is_prefix ? border : value, length - cut);
		return;
	}
	strlist_append(to, value, length);
}

static void append_piece(
    const struct value_change *change, const char *value, size_t length, struct strlist *to)
{
	size_t first = change->first < length ? change->first : length, rest = length - first;
	bool bounded = change->kind == KIND_PIECE && change->count < rest;

	strlist_append(to, value + first, bounded ? change->count : rest);
}

/* As value_change_append, of a value with a NUL behind it. */
static void append_changed(
    const struct value_change *change, char *value, size_t length, struct strlist *to)
{
	const char *slash;

	switch (change->kind) {
	case KIND_EXTENSIONS:
	case KIND_LAST_EXTENSIONS:
		append_extensions(change, value, length, to);
		break;
	case KIND_FOLDER:
		slash = strrchr(value, '/');
		strlist_append(to, value, slash ? (size_t)(slash - value) : 0);
		break;
	case KIND_DEFAULT:
		/* What is false in Perl is replaced. */
		if (length == 0 || strcmp(value, "0") == 0)
			strlist_append(to, change->with, strlen(change->with));
		else
			strlist_append(to, value, length);
		break;
	case KIND_FROM:
	case KIND_PIECE:
		append_piece(change, value, length, to);
		break;
	case KIND_PREFIX_SHORT:
	case KIND_SUFFIX_SHORT:
		append_shortest(change, value, length, to);
		break;
	case KIND_PREFIX:
	case KIND_SUFFIX:
	case KIND_FIRST:
	case KIND_ALL:
	case KIND_UPPER:
	case KIND_UPPER_ALL:
	case KIND_LOWER:
	case KIND_LOWER_ALL:
		append_found(change, value, to);
		break;
	}
}

void value_change_append(
    const struct value_change *change, const char *bytes, size_t length, struct strlist *to)
{
	char *value = strndup(bytes, length);

	if (value)
		append_changed(change, value, strlen(value), to);
	else
		to->failed = true;
	free(value);
}
