/* columns: an item and an expression -> its columns. */
#undef NDEBUG
#include "queue/split.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Compares the columns, each in brackets, with what is expected. */
static void check(
    const char *expression, enum trim trim, const char *item, size_t length, const char *expected)
{
	regex_t compiled;
	struct queue_options options = {.trim = trim};
	struct strlist columns = {0};
	char shown[256] = "";

	if (expression) {
		assert(regcomp(&compiled, expression, REG_EXTENDED) == 0);
		options.column_separator = &compiled;
	}
	split_item(&options, item, length, &columns);
	for (size_t i = 0; i < columns.count; i++)
		snprintf(shown + strlen(shown), sizeof shown - strlen(shown), "[%.*s]",
		    (int)strlist_length(&columns, i), strlist_at(&columns, i));
	if (strcmp(shown, expected) != 0) {
		fprintf(stderr, "'%s' at '%s': %s, not %s\n", item, expression, shown, expected);
		exit(1);
	}
	strlist_free(&columns);
	if (expression)
		regfree(&compiled);
}

int main(void)
{
	static const struct {
		const char *expression;
		enum trim trim;
		const char *item, *expected;
	} rows[] = {
	    {NULL, TRIM_NONE, " a b ", "[ a b ]"},
	    {NULL, TRIM_BOTH, " a b ", "[a b]"},
	    {",", TRIM_NONE, "", "[]"},
	    {",", TRIM_NONE, ",", "[][]"},
	    {",", TRIM_NONE, "a,,b,", "[a][][b][]"},
	    {",", TRIM_LEFT, " a , b ", "[a ][b ]"},
	    {",", TRIM_RIGHT, " a , b ", "[ a][ b]"},
	    {",", TRIM_BOTH, " \t\r\v\f , ", "[][]"},
	    {" +", TRIM_NONE, "a   b c", "[a][b][c]"},
	    /* The longest of the leftmost; what matches nothing separates nothing. */
	    {"a|ab", TRIM_NONE, "1ab2a3", "[1][2][3]"},
	    {"x*", TRIM_NONE, "abxxc", "[ab][c]"},
	    {"x*", TRIM_NONE, "xax", "[][a][]"},
	    {"()", TRIM_NONE, "abc", "[abc]"},
	    {"$", TRIM_NONE, "abc", "[abc]"},
	    /* The beginning is that of the item alone. */
	    {"^a", TRIM_NONE, "aab", "[][ab]"},
	    {"^b|a", TRIM_NONE, "abc", "[][bc]"},
	    {"b$|a", TRIM_NONE, "abcb", "[][bc][]"},
	};

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		check(rows[i].expression, rows[i].trim, rows[i].item, strlen(rows[i].item),
		    rows[i].expected);
	/* Of a longer buffer only the item is looked at. */
	check(",", TRIM_NONE, "a,b\0,c", 3, "[a][b]");
}
