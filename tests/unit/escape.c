/*
 * escape: what is shown as it is in a UTF-8 locale and what is not, and where it is cut.
 */
#include "base/escape.h"

#undef NDEBUG
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"

static void set_locale(const char *all, const char *type, const char *lang)
{
	const struct {
		const char *name, *value;
	} variables[] = {{"LC_ALL", all}, {"LC_CTYPE", type}, {"LANG", lang}};

	for (size_t i = 0; i < sizeof variables / sizeof *variables; i++)
		if (variables[i].value)
			setenv(variables[i].name, variables[i].value, 1);
		else
			unsetenv(variables[i].name);
	escape_init();
}

static void shows(const char *bytes, const char *expected)
{
	char text[ESCAPED];

	escape(text, sizeof text, bytes, strlen(bytes));
	if (strcmp(text, expected) != 0)
		fprintf(stderr, "%s instead of %s\n", text, expected);
	assert(strcmp(text, expected) == 0);
}

/* As setlocale(3) has it: the first one that is set, and not empty. */
static void test_locales(void)
{
	static const char shown[] = "\u00f6", hidden[] = "\\M-C\\M-6";
	static const struct {
		const char *all, *type, *lang, *expected;
	} cases[] = {
	    {NULL, NULL, NULL, hidden},
	    {NULL, NULL, "en_US.UTF-8", shown},
	    {NULL, NULL, "en_US.utf8@euro", shown},
	    {NULL, NULL, "de_DE", hidden},
	    {NULL, NULL, "de_DE.ISO-8859-1", hidden},
	    {"C", NULL, "en_US.UTF-8", hidden},
	    {"", "", "C.UTF-8", shown},
	    {"", "C.UTF-8", "C", shown},
	    {NULL, "POSIX", "C.UTF-8", hidden},
	    {"C.UTF-8", "C", "C", shown},
	    {"C.UTF-80", NULL, NULL, hidden},
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		set_locale(cases[i].all, cases[i].type, cases[i].lang);
		shows("\u00f6", cases[i].expected);
	}
}

static void test_characters(void)
{
	static const char *const as_they_are[] = {"a b", "Gr\u00f6\u00dfe", "\u65e5\u672c.txt",
	    "\u05d0\u05d1", "\U0001f600", "e\u0301", "\u00a0", "\ufffd", "\U0010fffd"};
	static const char *const escaped[][2] = {
	    {"a\nb\tc\033[0m", "a\\nb\\tc\\^[[0m"},
	    {"\\", "\\\\"},
	    /* C1 control characters, marks of direction, zero width, byte-order mark, tags */
	    {"\xc2\x9b", "\\M-B\\M^["},
	    {"\u202etxt.exe", "\\M-b\\M^@\\M-.txt.exe"},
	    {"a\u200bb", "a\\M-b\\M^@\\M^Kb"},
	    {"\u2066", "\\M-b\\M^A\\M-&"},
	    {"\u2028", "\\M-b\\M^@\\M-("},
	    {"\ufeff", "\\M-o\\M-;\\M-?"},
	    {"\u00ad", "\\M-B\\M--"},
	    {"\ufe0f", "\\M-o\\M-8\\M^O"},
	    {"\U000e0041", "\\M-s\\240\\M^A\\M^A"},
	    /* no characters: cut off, alone, too long a form, surrogates, beyond the last one */
	    {"\xc3", "\\M-C"},
	    {"\xe6\x97", "\\M-f\\M^W"},
	    {"\xc3\u00f6", "\\M-C\u00f6"},
	    {"\x80\u00f6\xff", "\\M^@\u00f6\\M^?"},
	    {"\xc0\xaf", "\\M-@\\M-/"},
	    {"\xe0\x80\xaf", "\\M-`\\M^@\\M-/"},
	    {"\xed\xa0\x80", "\\M-m\\240\\M^@"},
	    {"\xf4\x90\x80\x80", "\\M-t\\M^P\\M^@\\M^@"},
	    {"\xef\xbf\xbf", "\\M-o\\M-?\\M-?"},
	};

	set_locale("C.UTF-8", NULL, NULL);
	for (size_t i = 0; i < sizeof as_they_are / sizeof *as_they_are; i++)
		shows(as_they_are[i], as_they_are[i]);
	for (size_t i = 0; i < sizeof escaped / sizeof *escaped; i++)
		shows(escaped[i][0], escaped[i][1]);
	set_locale("C", NULL, NULL);
	shows("\u202e\u00f6", "\\M-b\\M^@\\M-.\\M-C\\M-6");
}

/* Wherever a name is cut, it ends with a whole character, at most three bytes earlier. */
static void test_cut(void)
{
	static const char character[] = "\U0001f600";
	char name[128], text[ESCAPED];

	set_locale("C.UTF-8", NULL, NULL);
	for (size_t before = 0; before < 8; before++) {
		memset(name, 'a', before);
		for (size_t used = before; used < 100; used += 4)
			memcpy(name + used, character, 4);
		escape(text, sizeof text, name, 100);
		size_t shown = strlen(text) - 3;
		assert(strcmp(text + shown, "...") == 0 && memcmp(text, name, shown) == 0);
		assert((shown - before) % 4 == 0 && shown > 59 && shown <= 63);
	}
	assert(escape_cut(character, 4, 4) == 4 && escape_cut(character, 4, 3) == 0);
	/* Bytes that are no character are cut anywhere; text without any is shown as far as before.
	 */
	assert(escape_cut("\x80\x80\x80\x80", 4, 2) == 2 && escape_cut("abcd", 4, 2) == 2);
	set_locale("C", NULL, NULL);
	assert(escape_cut(character, 4, 3) == 3);
}

/* No byte can make more of the buffer than there is. */
static void test_size(void)
{
	char bytes[ESCAPED], text[ESCAPED];

	set_locale("C.UTF-8", NULL, NULL);
	for (int byte = 0; byte < 256; byte++) {
		memset(bytes, byte, sizeof bytes);
		escape(text, sizeof text, bytes, sizeof bytes);
		assert(strlen(text) >= 63 && strlen(text) < sizeof text);
		assert(strcmp(text + strlen(text) - 3, "...") == 0);
	}
}

int main(void)
{
	test_locales();
	test_characters();
	test_cut();
	test_size();
	return 0;
}
