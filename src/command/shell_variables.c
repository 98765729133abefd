/*
 * Variables of the shell that are numbers: what they are given is arithmetic, in which commands
 * run. `RANDOM=$1` runs touch when $1 is a[$(touch x)], and so does `for RANDOM in "$1"`.
 */
#include <string.h>

#include "command/shell_reader.h"

static const struct {
	const char *name;
	unsigned shells; /* that evaluate it, as versions of them do that may be assigned to it */
} numbers[] = {
    {"BASHPID", SHELL_KSH},
    {"COLUMNS", SHELL_KSH | SHELL_ZSH},
    {"EGID", SHELL_ZSH},
    {"ERRNO", SHELL_KSH | SHELL_ZSH},
    {"EUID", SHELL_ZSH},
    {"FUNCNEST", SHELL_ZSH},
    {"GID", SHELL_ZSH},
    {"HISTCMD", SHELL_LARGE},
    {"HISTSIZE", SHELL_KSH | SHELL_ZSH},
    {"KEYTIMEOUT", SHELL_ZSH},
    {"KSHEGID", SHELL_KSH},
    {"KSHGID", SHELL_KSH},
    {"KSHUID", SHELL_KSH},
    {"LINENO", SHELL_LARGE},
    {"LINES", SHELL_KSH | SHELL_ZSH},
    {"LISTMAX", SHELL_ZSH},
    {"MAILCHECK", SHELL_KSH | SHELL_ZSH},
    {"OPTIND", SHELL_LARGE},
    {"PGRP", SHELL_KSH},
    {"PIPESTATUS", SHELL_KSH},
    {"PPID", SHELL_KSH | SHELL_ZSH},
    {"RANDOM", SHELL_LARGE},
    {"SAVEHIST", SHELL_ZSH},
    {"SECONDS", SHELL_LARGE},
    {"SHLVL", SHELL_KSH | SHELL_ZSH},
    {"SRANDOM", SHELL_BASH},
    {"TMOUT", SHELL_KSH | SHELL_ZSH},
    {"TRY_BLOCK_ERROR", SHELL_ZSH},
    {"TRY_BLOCK_INTERRUPT", SHELL_ZSH},
    {"UID", SHELL_ZSH},
    {"USER_ID", SHELL_KSH},
};

/* Does a text begin with the name of one that is evaluated? The name may have a subscript, and in
 * zsh a question that read asks. */
static bool is_number(const struct row *row, const char *text)
{
	size_t length = strcspn(text, "+=[?");

	for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
		if (strlen(numbers[i].name) == length && memcmp(numbers[i].name, text, length) == 0)
			return row_may_be(row, numbers[i].shells);
	return false;
}

void give_value(struct row *row, const char *text, size_t first, size_t end)
{
	if (is_number(row, text))
		place_in_arithmetic(row, first, end);
}

void give_unseen(struct row *row, const char *name, size_t at)
{
	/* Where the value comes from cannot be told, but there is none in a text without values. */
	if (row->reading->text->span_count > 0 && is_number(row, name))
		row_fail(row, at,
		    "a variable that is a number to the shell, which evaluates what it is given: "
		    "take another one");
}
