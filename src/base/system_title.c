#include "base/system_title.h"

#include <err.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* The program's name as it was started, which the title is written over. */
static char *program, *program_end;

/* The environment as the system shows it, and a copy of what stood there. */
static char *shown, *shown_end;
static const char *was_shown;

/* The command line as it was typed, with blanks between its words: as much as a title may have. */
enum { MOST_TITLE = 256 };
static char command_line[MOST_TITLE];

void system_prepare_title(int argc, char *argv[])
{
	char **before = environ;
	size_t count = 0, bytes = 0;

	/* The library's own copy would lose variables that are there twice, or without a =. */
	while (environ[count])
		bytes += strlen(environ[count++]) + 1;
	char **copy = calloc(1, (count + 1) * sizeof *copy + bytes);
	if (!copy)
		err(1, "starting");
	char *to = (char *)(copy + count + 1);
	for (size_t i = 0; i < count; i++) {
		copy[i] = to;
		to = stpcpy(to, before[i]) + 1;
	}
	environ = copy;
	shown = count > 0 ? before[0] : NULL;
	shown_end = count > 0 ? before[count - 1] + strlen(before[count - 1]) + 1 : NULL;
	was_shown = (const char *)(copy + count + 1);
	if (count > 0 && (size_t)(shown_end - shown) != bytes)
		shown = shown_end = NULL;
	for (int i = 0; i < argc; i++) {
		strlcat(command_line, i > 0 ? " " : "", sizeof command_line);
		strlcat(command_line, argv[i], sizeof command_line);
	}
	program = argv[0];
	program_end = program + strlen(program);
	setproctitle_init(argc, argv, before);
}

/* Where the name was longer than the title the library leaves a dot. */
static void remove_dot(void)
{
	if (program + strlen(program) < program_end)
		*program_end = '\0';
}

/* The library clears the environment behind the title, by which the guardian of an outer pexec
 * knows us. */
static void restore_environment(void)
{
	char *free_from = program + strlen(program) + 1;

	if (free_from < shown)
		free_from = shown;
	if (free_from < shown_end)
		memcpy(free_from, was_shown + (free_from - shown), (size_t)(shown_end - free_from));
}

void system_set_title(const char *title)
{
	setproctitle("%s: %s", title, command_line);
	remove_dot();
	restore_environment();
}

void system_set_whole_title(const char *title)
{
	if (shown)
		memset(shown, 0, (size_t)(shown_end - shown));
	setproctitle("-%s", title);
	remove_dot();
}
