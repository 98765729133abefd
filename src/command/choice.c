#include "command/choice.h"

#include <string.h>

static const char unique[] = "uniq", rising[] = "choose_k";

static bool is(const char *name, const char *text, size_t length)
{
	return strlen(name) == length && memcmp(name, text, length) == 0;
}

bool choice_is_named(const char *text, size_t length)
{
	return is(unique, text, length) || is(rising, text, length);
}

/* Has the word a placeholder in it that ends with this name? */
static bool has(const char *word, const char *name)
{
	const char *open = word, *end;

	while ((open = strchr(open, '{')) && (end = strchr(open, '}'))) {
		open++;
		open += strspn(open, "-0123456789");
		if (end > open && is(name, open, (size_t)(end - open)))
			return true;
	}
	return false;
}

struct choice choice_read(const struct strings *words)
{
	struct choice choice = {false, false};

	for (size_t i = 0; i < words->count; i++) {
		choice.unique |= has(words->at[i], unique);
		choice.rising |= has(words->at[i], rising);
	}
	return choice;
}

/* Is value `i` another one than all before it? */
static bool is_new(const struct strlist *values, size_t i)
{
	for (size_t k = 0; k < i; k++)
		if (strcmp(strlist_at(values, i), strlist_at(values, k)) == 0)
			return false;
	return true;
}

bool choice_allows(const struct choice *choice, const struct strlist *values)
{
	for (size_t i = 1; i < values->count; i++)
		if ((choice->unique && !is_new(values, i)) ||
		    (choice->rising &&
			strcmp(strlist_at(values, i - 1), strlist_at(values, i)) >= 0))
			return false;
	return true;
}
