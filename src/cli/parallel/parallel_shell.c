#include "cli/parallel/parallel_shell.h"

#include <err.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/escape.h"
#include "base/system_processes.h"
#include "command/shell_words.h"

/* The name of a shell that a process was started as, its first word; NULL: it is none. */
static const char *shell_of(const char *word)
{
	const char *slash = strrchr(word, '/'), *name = slash ? slash + 1 : word;

	name += *name == '-';
	if (strpbrk(name, " \t") || shell_words_language(name) == LANGUAGE_NONE)
		return NULL;
	return name;
}

/* The nearest shell among the processes that have started us; NULL: there is none. */
static const char *parent_shell(void)
{
	char word[256];

	for (pid_t pid = getppid(); pid > 1; pid = system_parent(pid)) {
		if (!system_first_word(pid, word, sizeof word))
			return NULL;
		const char *name = shell_of(word);
		if (name)
			return strdup(name);
	}
	return NULL;
}

static const char *variable(const char *name)
{
	const char *value = getenv(name);

	return value && *value ? value : NULL;
}

const char *parallel_shell_choose(void)
{
	const char *shell = variable("PARALLEL_SHELL");
	char shown[ESCAPED_NAME];

	if (!shell)
		shell = parent_shell();
	if (!shell)
		shell = variable("SHELL");
	if (!shell)
		shell = "/bin/sh";
	if (shell_words_language(shell) == LANGUAGE_NONE)
		errx(255,
		    "%s is no shell that commands can be prepared for: name one of sh, dash, bash, "
		    "ksh or zsh in $PARALLEL_SHELL",
		    escape_name(shown, shell));
	return shell;
}
